/*
 * run: an audit under way, as the rules report to it: run.c has the functions of rule.h. For
 * lib/trace/audit/audit.c alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_RUN_H
#define TWINKEY_TRACE_AUDIT_RUN_H

#include "lib/trace/audit/told.h"

struct audit_published;
struct seen;
struct seen_again;
struct subject;

struct audit_run {
	struct audit_options options;
	struct audit_sink sink;
	const struct finding_rule *rules[AUDIT_RULES_MAX]; /* all, as audit_rules() has them */
	size_t rule_count;
	struct seen *seen;
	struct audit_published *published;	   /* keys; NULL: not needed so far */
	const struct decode_item *item;		   /* that is being judged */
	struct subject *subjects[TRACE_CARDS_MAX]; /* audit.c's own */
	enum err err;
};

/* Of seen.h; ctx: the run. */
void run_take_again(void *ctx, const struct seen_again *a);

#endif
