/*
 * rules: what the rules of the table are made of. For the files of lib/profile/lint only.
 */
#ifndef TWINKEY_PROFILE_LINT_RULES_H
#define TWINKEY_PROFILE_LINT_RULES_H

#include "lib/profile/lint/lint.h"
#include "lib/profile/lint/table.h"
#include "lib/profile/outline/outline.h"

struct lint {
	const struct outline *o;
	const struct lint_rule *rule;
	const char *arg; /* of the row */
	lint_report *report;
	void *ctx;
};

/* One finding of the present rule. */
void lint_say(const struct lint *l, const char *where, const char *detail, ...)
	__attribute__((format(printf, 3, 4)));

/* What a rule looks at, one at a time: its function gets it. */
struct lint_node { /* any node below an element */
	const struct schema_node *node;
	const char *where;
};
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

/* The function types of the scopes. */
typedef void lint_package_rule(const struct lint *l);
typedef void lint_element_rule(const struct lint *l, const struct outline_element *e);
typedef void lint_node_rule(const struct lint *l, const struct lint_node *n);
typedef void lint_file_rule(const struct lint *l, const struct outline_file *f);
typedef void lint_pin_rule(const struct lint *l, const struct lint_code *c);
typedef void lint_puk_rule(const struct lint *l, const struct lint_code *c);
typedef void lint_aka_rule(const struct lint *l, const struct lint_aka *a);
typedef void lint_instance_rule(const struct lint *l, const struct lint_instance *i);

enum lint_algorithm { LINT_MILENAGE = 1, LINT_TUAK = 2, LINT_TEST = 3 };

/* Calls f for every entry of that kind, with the context in ctx. */
typedef void lint_code_visit(void *ctx, const struct lint_code *c);
void lint_each_pin(const struct outline *o, lint_code_visit *visit, void *ctx);
void lint_each_puk(const struct outline *o, lint_code_visit *visit, void *ctx);
typedef void lint_aka_visit(void *ctx, const struct lint_aka *a);
void lint_each_aka(const struct outline *o, lint_aka_visit *visit, void *ctx);
typedef void lint_instance_visit(void *ctx, const struct lint_instance *i);
void lint_each_instance(const struct outline *o, lint_instance_visit *visit, void *ctx);

/* The ProfileHeader, or NULL. */
const struct outline_element *lint_header(const struct lint *l);
/* The header lists this service as mandatory. */
bool lint_service(const struct lint *l, const char *name);
/* The contents of a file in memory of the caller; empty when they are not known. */
struct slice lint_content(const struct outline_file *f, struct wbuf *mem);
/* The file lies in the ADF that an element makes under this name, "adf-usim". */
bool lint_in_adf(const struct lint *l, const struct outline_file *f, const char *adf);
/*
 * The file is that of the rule's argument: a path from the MF, a FID in the USIM's ADF, or the name
 * of a file of the ISIM.
 */
bool lint_is_meant(const struct lint *l, const struct outline_file *f);
/* Its contents in *mem, which the caller frees; empty for all other files. */
struct slice lint_meant(const struct lint *l, const struct outline_file *f, struct wbuf *mem);
/* Number of a big-endian octet string of at most 8 octets. */
uint64_t lint_number(struct slice v);
bool lint_all(struct slice v, uint8_t octet);
/* BCD, low nibble first: digits, then filler F to the end. The count of digits, 0: something else.
 */
size_t lint_bcd(struct slice v);

#define LINT_DECLARE(id, severity, scope, function, arg, clause, says)                             \
	lint_##scope##_rule rule_##function;
LINT_TABLE(LINT_DECLARE)
#undef LINT_DECLARE

#endif
