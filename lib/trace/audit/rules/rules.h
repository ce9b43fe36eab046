/*
 * rules: the families of rules, each a file of this folder, in the order in which they are listed.
 * For lib/trace/audit/audit.c.
 *
 * A prefix is of one family: FRM form, COD and CHV codes, ATH and SQN authentication, REL release,
 * RSP, CRT certificates, SCH secure channels, OTA, SCN scans and access, CAT, EFS files, SEC
 * secrets, TIM time.
 */
#ifndef TWINKEY_TRACE_AUDIT_RULES_H
#define TWINKEY_TRACE_AUDIT_RULES_H

struct audit_family; /* rule.h */

extern const struct audit_family audit_form;
extern const struct audit_family audit_codes;
extern const struct audit_family audit_code_use;
extern const struct audit_family audit_auth;
extern const struct audit_family audit_sequence;

#define AUDIT_FAMILIES &audit_form, &audit_codes, &audit_code_use, &audit_auth, &audit_sequence

#endif
