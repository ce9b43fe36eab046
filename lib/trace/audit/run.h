/*
 * run: an audit under way, as the rules report to it: run.c has the functions of rule.h. For
 * lib/trace/audit/audit.c alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_RUN_H
#define TWINKEY_TRACE_AUDIT_RUN_H

#include "lib/trace/audit/told.h"
#include "lib/uicc/command.h"

struct audit_family;
struct audit_published;
struct faultless;
struct seen;
struct seen_again;
struct subject;

struct audit_run {
	struct audit_options options;
	struct audit_sink sink;
	const struct audit_family *const *families;	   /* NULL at the end */
	const struct finding_rule *rules[AUDIT_RULES_MAX]; /* all, as audit_rules() has them */
	size_t rule_count;
	uint32_t told[COMMAND_COUNT + 1]; /* families of a command, as bits; the last: of none */
	struct seen *seen;
	struct faultless *faultless;
	struct audit_published *published;	   /* keys; NULL: not needed so far */
	const struct decode_item *item;		   /* that is being judged */
	struct subject *subjects[TRACE_CARDS_MAX]; /* audit.c's own */
	enum err err;
};

/* Which of all rules of the families it is; it is one of them. */
size_t run_rule_number(const struct audit_family *const *families, const struct finding_rule *rule);
/* Of seen.h; ctx: the run. */
void run_take_again(void *ctx, const struct seen_again *a);

#endif
