/*
 * each: the codes, keys and instances of a package, one after the other. For lib/profile/lint only.
 */
#ifndef TWINKEY_PROFILE_LINT_EACH_H
#define TWINKEY_PROFILE_LINT_EACH_H

#include "lib/profile/outline/outline.h"

struct lint_code { /* an entry of PE-PINCodes or PE-PUKCodes */
	const struct outline_element *element;
	struct schema_node entry;
	uint64_t reference; /* 0: none that can be read */
	const char *where;
};
struct lint_aka { /* a PE-AKAParameter */
	const struct outline_element *element;
	struct schema_node own; /* algoParameter; type NULL: mapped */
	struct schema_node map; /* mappingParameter; type NULL: own */
	uint64_t algorithm;	/* 0: mapped, or none that can be read */
	const char *where;
};
struct lint_instance { /* an ApplicationInstance of a security domain or an application */
	const struct outline_element *element;
	struct schema_node node;
	bool domain;
	const char *where;
};

enum lint_algorithm { LINT_MILENAGE = 1, LINT_TUAK = 2, LINT_TEST = 3 };

/* Calls f for every entry of that kind, with the context in ctx. */
typedef void lint_code_visit(void *ctx, const struct lint_code *c);
void lint_each_pin(const struct outline *o, lint_code_visit *visit, void *ctx);
void lint_each_puk(const struct outline *o, lint_code_visit *visit, void *ctx);
typedef void lint_aka_visit(void *ctx, const struct lint_aka *a);
void lint_each_aka(const struct outline *o, lint_aka_visit *visit, void *ctx);
typedef void lint_instance_visit(void *ctx, const struct lint_instance *i);
void lint_each_instance(const struct outline *o, lint_instance_visit *visit, void *ctx);

#endif
