#include "lib/profile/lint/each.h"

#include <stdio.h>
#include <string.h>

#define CODES_MAX     512 /* of a package that are visited: rules compare each with each */
#define INSTANCES_MAX 512 /* likewise */

static void each_code(const struct outline *o, const char *element, const char *list_path,
		      lint_code_visit *visit, void *ctx)
{
	const struct outline_element *e = NULL;
	size_t codes = 0;

	while ((e = outline_element(o, element, e))) {
		struct schema_node list;
		struct schema_iter it;
		size_t index = 0;

		if (!schema_get(&e->node, list_path, &list))
			continue;
		it = schema_children(&list);
		while (codes++ < CODES_MAX) {
			char where[OUTLINE_WHERE_MAX + 48];
			struct lint_code c = {.element = e, .where = where};

			if (!schema_next(&it, &c.entry))
				break;
			snprintf(where, sizeof(where), "%s/%s/%zu", e->where, list_path, index++);
			c.reference = schema_uint(&c.entry, "keyReference", 0);
			if (c.entry.type)
				visit(ctx, &c);
		}
	}
}

void lint_each_pin(const struct outline *o, lint_code_visit *visit, void *ctx)
{
	each_code(o, "pinCodes", "pinCodes/pinconfig", visit, ctx);
}

void lint_each_puk(const struct outline *o, lint_code_visit *visit, void *ctx)
{
	each_code(o, "pukCodes", "pukCodes", visit, ctx);
}

void lint_each_aka(const struct outline *o, lint_aka_visit *visit, void *ctx)
{
	const struct outline_element *e = NULL;

	while ((e = outline_element(o, "akaParameter", e))) {
		struct lint_aka a = {.element = e, .where = e->where};

		if (schema_get(&e->node, "algoConfiguration/algoParameter", &a.own))
			a.algorithm = schema_uint(&a.own, "algorithmID", 0);
		else if (!schema_get(&e->node, "algoConfiguration/mappingParameter", &a.map))
			continue;
		visit(ctx, &a);
	}
}

static bool is(const struct outline_element *e, const char *name)
{
	return strcmp(e->name, name) == 0;
}

static void visit_instance(const struct outline_element *e, const struct schema_node *n,
			   const char *where, lint_instance_visit *visit, void *ctx)
{
	const struct lint_instance i = {
		.element = e, .node = *n, .domain = is(e, "securityDomain"), .where = where};

	if (n->type)
		visit(ctx, &i);
}

void lint_each_instance(const struct outline *o, lint_instance_visit *visit, void *ctx)
{
	size_t count = 0;

	for (const struct outline_element *e = o->elements; e < o->elements + o->element_count;
	     e++) {
		struct schema_node list, n;
		struct schema_iter it;
		char where[OUTLINE_WHERE_MAX + 32];

		snprintf(where, sizeof(where), "%s/instance", e->where);
		if (is(e, "securityDomain") && schema_get(&e->node, "instance", &n))
			visit_instance(e, &n, where, visit, ctx);
		if (!is(e, "application") || !schema_get(&e->node, "instanceList", &list))
			continue;
		it = schema_children(&list);
		for (size_t i = 0; count < INSTANCES_MAX && schema_next(&it, &n); i++, count++) {
			snprintf(where, sizeof(where), "%s/instanceList/%zu", e->where, i);
			visit_instance(e, &n, where, visit, ctx);
		}
	}
}
