/*
 * lint: judges an unprotected profile package by the rules of ONE table, table.h.
 */
#ifndef TWINKEY_PROFILE_LINT_H
#define TWINKEY_PROFILE_LINT_H

#include "lib/base/bytes.h"

enum lint_severity { LINT_INFO, LINT_WARNING, LINT_ERROR };

struct lint_rule {
	const char *id; /* "PIN-03" */
	enum lint_severity severity;
	const char *clause; /* of the standard that says so */
	const char *says;   /* what holds in a package that has no finding */
};

struct lint_finding { /* borrows for the call */
	const struct lint_rule *rule;
	const char *where;  /* JSON pointer, as in the package's JSON */
	const char *detail; /* what stands there instead; never a secret */
};

typedef void lint_report(void *ctx, const struct lint_finding *finding);

/*
 * Reports every finding, rule by rule. ERR_LENGTH: more elements or files than outline.h takes;
 * ERR_MEMORY; otherwise what the DER reader says of the package's outer level.
 */
enum err lint_package(struct slice package, lint_report *report, void *ctx) MUST_CHECK;

/* The rules; NULL past the last. */
const struct lint_rule *lint_rule_at(size_t i);
/* "info", "warning", "error" and back. */
const char *lint_severity_name(enum lint_severity severity);
bool lint_severity_named(const char *name, enum lint_severity *severity);

#endif
