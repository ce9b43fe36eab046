/*
 * lint: judges an unprotected profile package. Each rule stands beside the function that judges by
 * it, in the files of this folder.
 */
#ifndef TWINKEY_PROFILE_LINT_H
#define TWINKEY_PROFILE_LINT_H

#include "lib/base/bytes.h"
#include "lib/finding/finding.h"

#define LINT_RULES_MAX 512

/*
 * Reports every finding, rule by rule; the place is a JSON pointer, as in the package's JSON.
 * ERR_LENGTH: more elements or files than outline.h takes; ERR_MEMORY; otherwise what the DER
 * reader says of the package's outer level.
 */
enum err lint_package(struct slice package, const struct finding_sink *sink) MUST_CHECK;

/* The rules in the order in which they report; how many. */
size_t lint_rules(const struct finding_rule *rules[static LINT_RULES_MAX]);

#endif
