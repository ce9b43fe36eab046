#include "lib/profile/lint/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/profile/lint/rules.h"

#define WHERE_MAX  256
#define DETAIL_MAX 160

enum scope {
	SCOPE_package,
	SCOPE_element,
	SCOPE_node,
	SCOPE_file,
	SCOPE_pin,
	SCOPE_puk,
	SCOPE_aka,
	SCOPE_instance
};

struct row {
	struct lint_rule rule;
	enum scope scope;
	const char *arg;
	union {
		lint_package_rule *package;
		lint_element_rule *element;
		lint_node_rule *node;
		lint_file_rule *file;
		lint_pin_rule *pin;
		lint_puk_rule *puk;
		lint_aka_rule *aka;
		lint_instance_rule *instance;
	} check;
};

#define LINT_ROW(id, severity, scope, function, arg, clause, says)                                 \
	{{id, LINT_##severity, clause, says}, SCOPE_##scope, arg, {.scope = rule_##function}},
static const struct row rows[] = {LINT_TABLE(LINT_ROW)};
#undef LINT_ROW

static const char *const severities[] = {
	[LINT_INFO] = "info", [LINT_WARNING] = "warning", [LINT_ERROR] = "error"};

const struct lint_rule *lint_rule_at(size_t i)
{
	return i < ARRAY_LEN(rows) ? &rows[i].rule : NULL;
}

const char *lint_severity_name(enum lint_severity severity)
{
	return severities[severity];
}

bool lint_severity_named(const char *name, enum lint_severity *severity)
{
	for (size_t i = 0; i < ARRAY_LEN(severities); i++) {
		if (strcmp(name, severities[i]) == 0) {
			*severity = (enum lint_severity)i;
			return true;
		}
	}
	return false;
}

void lint_say(const struct lint *l, const char *where, const char *detail, ...)
{
	char text[DETAIL_MAX];
	const struct lint_finding finding = {.rule = l->rule, .where = where, .detail = text};
	va_list ap;

	va_start(ap, detail);
	vsnprintf(text, sizeof(text), detail, ap);
	va_end(ap);
	l->report(l->ctx, &finding);
}

const struct outline_element *lint_header(const struct lint *l)
{
	return outline_element(l->o, "header", NULL);
}

bool lint_service(const struct lint *l, const char *name)
{
	const struct outline_element *h = lint_header(l);
	struct schema_node services, one;

	return h && schema_get(&h->node, "eUICC-Mandatory-services", &services) &&
	       schema_get(&services, name, &one);
}

struct slice lint_content(const struct outline_file *f, struct wbuf *mem)
{
	wbuf_reset(mem);
	return outline_content(f, mem) ? SLICE_EMPTY : wbuf_slice(mem);
}

bool lint_in_adf(const struct lint *l, const struct outline_file *f, const char *adf)
{
	const struct outline_file *df = outline_at(l->o, f->parent);

	return df && df->adf && strcmp(df->name, adf) == 0;
}

/* The argument is a path from the MF, a FID in the USIM's ADF, or the name of a file of the ISIM.
 */
bool lint_is_meant(const struct lint *l, const struct outline_file *f)
{
	size_t n = strlen(l->arg);

	if (n == 8)
		return strcmp(f->path, l->arg) == 0;
	if (strncmp(f->name, "ef-", 3) == 0 && strcmp(f->name + 3, l->arg) == 0)
		return lint_in_adf(l, f, "adf-isim");
	return n == 4 && strlen(f->path) == 8 && strcmp(f->path + 4, l->arg) == 0 &&
	       lint_in_adf(l, f, "adf-usim");
}

/* The contents of the file that the rule is about; empty for all others. */
struct slice lint_meant(const struct lint *l, const struct outline_file *f, struct wbuf *mem)
{
	*mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	return lint_is_meant(l, f) ? lint_content(f, mem) : SLICE_EMPTY;
}

uint64_t lint_number(struct slice v)
{
	struct cursor c = cursor_of(v);

	return v.len && v.len <= 8 ? cursor_uint(&c, v.len) : 0;
}

bool lint_all(struct slice v, uint8_t octet)
{
	for (size_t i = 0; i < v.len; i++) {
		if (slice_at(v, i) != octet)
			return false;
	}
	return true;
}

size_t lint_bcd(struct slice v)
{
	size_t digits = 0, nibbles = 0;

	for (; nibbles < 2 * v.len; nibbles++) {
		unsigned b = slice_at(v, nibbles / 2), d = nibbles % 2 ? b >> 4 : b & 15;

		if (d > 9 && d != 15)
			return 0;
		if (d <= 9 && digits != nibbles)
			return 0;
		digits += d <= 9;
	}
	return digits;
}

struct walk {
	const struct lint *l;
	lint_node_rule *check;
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
	const struct row *row;
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

static void run(const struct lint *l, const struct row *row)
{
	struct each each = {.l = l, .row = row};
	struct walk w = {.l = l, .check = row->check.node};

	switch (row->scope) {
	case SCOPE_package: row->check.package(l); break;
	case SCOPE_element:
		for (size_t i = 0; i < l->o->element_count; i++)
			row->check.element(l, &l->o->elements[i]);
		break;
	case SCOPE_node:
		for (size_t i = 0; i < l->o->element_count; i++) {
			snprintf(w.where, sizeof(w.where), "%s", l->o->elements[i].where);
			if (l->o->elements[i].node.type)
				walk_node(&w, &l->o->elements[i].node);
		}
		break;
	case SCOPE_file:
		for (size_t i = 0; i < l->o->file_count; i++)
			row->check.file(l, &l->o->files[i]);
		break;
	case SCOPE_pin: lint_each_pin(l->o, on_pin, &each); break;
	case SCOPE_puk: lint_each_puk(l->o, on_puk, &each); break;
	case SCOPE_aka: lint_each_aka(l->o, on_aka, &each); break;
	case SCOPE_instance: lint_each_instance(l->o, on_instance, &each); break;
	}
}

enum err lint_package(struct slice package, lint_report *report, void *ctx)
{
	struct outline *o = NULL;
	enum err e = outline_make(package, &o);

	if (e)
		return e;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct lint l = {.o = o,
				       .rule = &rows[i].rule,
				       .arg = rows[i].arg,
				       .report = report,
				       .ctx = ctx};

		run(&l, &rows[i]);
	}
	outline_free(&o);
	return ERR_OK;
}
