/*
 * rules: tells the rules of the audit.
 */
#ifndef TWINKEY_HOST_CMD_TRACE_RULES_H
#define TWINKEY_HOST_CMD_TRACE_RULES_H

/* All, or one with its words; an exit code. */
int trace_rules_list(void);
int trace_rules_explain(const char *id);

#endif
