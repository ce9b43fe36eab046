/*
 * rule: how a rule is written, and what rules ask of a package. For lib/profile/lint only.
 *
 * The rows stand behind the functions that judge, in a table at the end of each file. In a clause,
 * TCA is the eUICC Profile Package specification 3.3.1, GPCS the GlobalPlatform Card
 * Specification 2.3.1.
 */
#ifndef TWINKEY_PROFILE_LINT_RULE_H
#define TWINKEY_PROFILE_LINT_RULE_H

#include "lib/finding/finding.h"
#include "lib/profile/lint/each.h"
#include "lib/profile/outline/outline.h"

struct lint {
	const struct outline *o;
	const struct finding_rule *rule;
	const char *arg; /* of the row */
	const struct finding_sink *sink;
};

struct lint_node { /* any node below an element */
	const struct schema_node *node;
	const char *where;
};

/* What a rule looks at, one at a time: its function gets it. */
enum lint_scope {
	LINT_PACKAGE,
	LINT_ELEMENT,
	LINT_NODE,
	LINT_FILE,
	LINT_PIN,
	LINT_PUK,
	LINT_AKA,
	LINT_INSTANCE,
};

struct lint_row {
	struct finding_rule rule;
	const char *after; /* the rule that reports before this one; NULL: the id says */
	const char *arg;   /* of the function, NULL: none */
	enum lint_scope scope;
	union {
		void (*package)(const struct lint *l);
		void (*element)(const struct lint *l, const struct outline_element *e);
		void (*node)(const struct lint *l, const struct lint_node *n);
		void (*file)(const struct lint *l, const struct outline_file *f);
		void (*pin)(const struct lint *l, const struct lint_code *c);
		void (*puk)(const struct lint *l, const struct lint_code *c);
		void (*aka)(const struct lint *l, const struct lint_aka *a);
		void (*instance)(const struct lint *l, const struct lint_instance *i);
	} check;
};

struct lint_table { /* the rows of one file, in the order of their ids */
	const struct lint_row *rows;
	size_t count;
};

/*
 * A row: ON_FILE("EFC-04", ERROR, rule_imsi_parity, clause, what holds without a finding); .arg and
 * .after may follow.
 */
#define LINT_ROW(row_id, level, row_clause, holds, ...)                                            \
	{                                                                                          \
		.rule = {.id = (row_id),                                                           \
			 .severity = FINDING_##level,                                              \
			 .clause = (row_clause),                                                   \
			 .says = (holds)},                                                         \
		__VA_ARGS__                                                                        \
	}
#define ON_PACKAGE(id, level, function, clause, holds, ...)                                        \
	LINT_ROW(id, level, clause, holds, .scope = LINT_PACKAGE, .check.package = (function),     \
		 __VA_ARGS__)
#define ON_ELEMENT(id, level, function, clause, holds, ...)                                        \
	LINT_ROW(id, level, clause, holds, .scope = LINT_ELEMENT, .check.element = (function),     \
		 __VA_ARGS__)
#define ON_NODE(id, level, function, clause, holds, ...)                                           \
	LINT_ROW(id, level, clause, holds, .scope = LINT_NODE, .check.node = (function),           \
		 __VA_ARGS__)
#define ON_FILE(id, level, function, clause, holds, ...)                                           \
	LINT_ROW(id, level, clause, holds, .scope = LINT_FILE, .check.file = (function),           \
		 __VA_ARGS__)
#define ON_PIN(id, level, function, clause, holds, ...)                                            \
	LINT_ROW(id, level, clause, holds, .scope = LINT_PIN, .check.pin = (function), __VA_ARGS__)
#define ON_PUK(id, level, function, clause, holds, ...)                                            \
	LINT_ROW(id, level, clause, holds, .scope = LINT_PUK, .check.puk = (function), __VA_ARGS__)
#define ON_AKA(id, level, function, clause, holds, ...)                                            \
	LINT_ROW(id, level, clause, holds, .scope = LINT_AKA, .check.aka = (function), __VA_ARGS__)
#define ON_INSTANCE(id, level, function, clause, holds, ...)                                       \
	LINT_ROW(id, level, clause, holds, .scope = LINT_INSTANCE, .check.instance = (function),   \
		 __VA_ARGS__)

/* One finding of the present rule. */
void lint_say(const struct lint *l, const char *where, const char *detail, ...)
	__attribute__((format(printf, 3, 4)));

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
/* The file is an EF.ARR, by its identifier. */
bool lint_is_arr(const struct outline_file *f);
/* Number of a big-endian octet string of at most 8 octets. */
uint64_t lint_number(struct slice v);
bool lint_all(struct slice v, uint8_t octet);

#endif
