/*
 * audit: judges what a trace tells of its cards by a table of rules. The exchanges come in one
 * after the other; what is found, and which events were of weight, goes out. Each family of rules
 * is a file of lib/trace/audit/rules.
 *
 * What is told of a finding names no secret: it says which one was found, and where.
 */
#ifndef TWINKEY_TRACE_AUDIT_H
#define TWINKEY_TRACE_AUDIT_H

#include "lib/trace/audit/told.h"

struct audit;

/* options may be NULL. ERR_MEMORY. */
enum err audit_open(const struct audit_options *options, const struct audit_sink *sink,
		    struct audit **out) MUST_CHECK;
void audit_event(struct audit *a, const struct trace_event *e);
/* What stands beside the events (struct trace_sink), at its place. */
void audit_words(struct audit *a, struct slice words, const struct trace_place *place);
/* The trace has ended: what was begun is judged. ERR_IO: the spill failed, and what is found is not
 * all; ERR_MEMORY, ERR_SPACE: the same for want of memory. */
enum err audit_end(struct audit *a) MUST_CHECK;
void audit_close(struct audit **a);

/* All rules, by family; how many. */
size_t audit_rules(const struct finding_rule *rules[static AUDIT_RULES_MAX]);
/* Which of all it is; it is one of them. */
size_t audit_rule_number(const struct finding_rule *rule);
/* By its id, of any case; NULL: there is none. */
const struct finding_rule *audit_rule(const char *id);
/* What the family of a rule is about: "PIN codes and administrative codes" */
const char *audit_family_of(const struct finding_rule *rule);

#endif
