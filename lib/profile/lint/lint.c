#include "lib/profile/lint/lint.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lib/profile/lint/each.h"
#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"

#define WHERE_MAX 256

static const struct lint_table *const tables[] = {
	&lint_structure_rules, &lint_header_rules, &lint_mandates_rules, &lint_codes_rules,
	&lint_aka_rules,       &lint_fcp_rules,	   &lint_tree_rules,	 &lint_content_rules,
	&lint_services_rules,  &lint_lists_rules,  &lint_domains_rules,	 &lint_apps_rules,
	&lint_sealed_rules,
};

/* The order in which rules report: by what they are about, then by number. */
static const char *const groups[] = {"STR", "DEP", "HDR", "SVC", "PIN", "PUK", "AKA",
				     "FCP", "GFM", "EFC", "SDO", "APP", "RFM", "NST"};

static unsigned number_of(const char *id)
{
	return (unsigned)(id[4] - '0') * 10 + (unsigned)(id[5] - '0');
}

/* Where the row reports: rows stand in the order of these numbers. */
static unsigned place_of(const struct lint_row *row)
{
	const char *id = row->rule.id;
	unsigned group = 0;

	while (group < ARRAY_LEN(groups) && memcmp(groups[group], id, 3) != 0)
		group++;
	assert(group < ARRAY_LEN(groups));
	return group * 10000 + number_of(row->after ? row->after : id) * 100 +
	       (row->after ? number_of(id) : 0);
}

/* All rows in the order in which they report; how many. */
static size_t collect(const struct lint_row *rows[static LINT_RULES_MAX])
{
	unsigned places[LINT_RULES_MAX];
	size_t n = 0;

	for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
		for (size_t i = 0; i < tables[t]->count; i++, n++) {
			const struct lint_row *row = &tables[t]->rows[i];
			unsigned place = place_of(row);
			size_t at = n;

			assert(n < LINT_RULES_MAX);
			for (; at && places[at - 1] > place; at--) {
				places[at] = places[at - 1];
				rows[at] = rows[at - 1];
			}
			places[at] = place;
			rows[at] = row;
		}
	}
	return n;
}

size_t lint_rules(const struct finding_rule *rules[static LINT_RULES_MAX])
{
	const struct lint_row *rows[LINT_RULES_MAX];
	size_t count = collect(rows);

	for (size_t i = 0; i < count; i++)
		rules[i] = &rows[i]->rule;
	return count;
}

struct walk {
	const struct lint *l;
	void (*check)(const struct lint *l, const struct lint_node *n);
	char where[WHERE_MAX];
};

static void walk_node(struct walk *w, const struct schema_node *n)
{
	struct schema_iter it = schema_children(n);
	const struct lint_node at = {.node = n, .where = w->where};
	size_t len = strlen(w->where), index = 0;
	struct schema_node child;

	w->check(w->l, &at);
	while (schema_next(&it, &child)) {
		char step[16] = "";

		if (n->type->kind == SCHEMA_LIST)
			snprintf(step, sizeof(step), "/%zu", index);
		index++;
		snprintf(w->where + len, sizeof(w->where) - len, "%s%s%s", step,
			 child.field ? "/" : "", child.field ? child.field->name : "");
		walk_node(w, &child);
		w->where[len] = 0;
	}
}

struct each { /* the context of the visits */
	const struct lint *l;
	const struct lint_row *row;
};

static void on_pin(void *ctx, const struct lint_code *c)
{
	const struct each *e = ctx;

	e->row->check.pin(e->l, c);
}

static void on_puk(void *ctx, const struct lint_code *c)
{
	const struct each *e = ctx;

	e->row->check.puk(e->l, c);
}

static void on_aka(void *ctx, const struct lint_aka *a)
{
	const struct each *e = ctx;

	e->row->check.aka(e->l, a);
}

static void on_instance(void *ctx, const struct lint_instance *i)
{
	const struct each *e = ctx;

	e->row->check.instance(e->l, i);
}

static void run(const struct lint *l, const struct lint_row *row)
{
	struct each each = {.l = l, .row = row};
	struct walk w = {.l = l, .check = row->check.node};

	switch (row->scope) {
	case LINT_PACKAGE: row->check.package(l); break;
	case LINT_ELEMENT:
		for (size_t i = 0; i < l->o->element_count; i++)
			row->check.element(l, &l->o->elements[i]);
		break;
	case LINT_NODE:
		for (size_t i = 0; i < l->o->element_count; i++) {
			snprintf(w.where, sizeof(w.where), "%s", l->o->elements[i].where);
			if (l->o->elements[i].node.type)
				walk_node(&w, &l->o->elements[i].node);
		}
		break;
	case LINT_FILE:
		for (size_t i = 0; i < l->o->file_count; i++)
			row->check.file(l, &l->o->files[i]);
		break;
	case LINT_PIN: lint_each_pin(l->o, on_pin, &each); break;
	case LINT_PUK: lint_each_puk(l->o, on_puk, &each); break;
	case LINT_AKA: lint_each_aka(l->o, on_aka, &each); break;
	case LINT_INSTANCE: lint_each_instance(l->o, on_instance, &each); break;
	}
}

enum err lint_package(struct slice package, const struct finding_sink *sink)
{
	const struct lint_row *rows[LINT_RULES_MAX];
	size_t count = collect(rows);
	struct outline *o = NULL;
	enum err e = outline_make(package, &o);

	if (e)
		return e;
	for (size_t i = 0; i < count; i++) {
		const struct lint l = {
			.o = o, .rule = &rows[i]->rule, .arg = rows[i]->arg, .sink = sink};

		run(&l, rows[i]);
	}
	outline_free(&o);
	return ERR_OK;
}
