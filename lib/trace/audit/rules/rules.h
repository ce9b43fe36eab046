/*
 * rules: the families of rules, each a file of this folder, or of ../interface and ../rsp, in the
 * order in which they are listed. For lib/trace/audit/audit.c.
 *
 * Prefixes: FRM form, STD what standards have, TIM time, SCN scans, ACC access, CAT and ASK
 * toolkit, COD and CHV codes, ATH and SQN authentication, EFS and IDN files, ATT attach, REL and
 * GRT release, RSP, BPP, PRF, NTF and CRT remote provisioning, SCH and GPM security domains, OTA,
 * SEC secrets.
 */
#ifndef TWINKEY_TRACE_AUDIT_RULES_H
#define TWINKEY_TRACE_AUDIT_RULES_H

struct audit_family; /* rule.h */

extern const struct audit_family audit_form;
extern const struct audit_family audit_standard;
extern const struct audit_family audit_timing;
extern const struct audit_family audit_scan;
extern const struct audit_family audit_access;
extern const struct audit_family audit_toolkit;
extern const struct audit_family audit_ask;
extern const struct audit_family audit_codes;
extern const struct audit_family audit_code_use;
extern const struct audit_family audit_auth;
extern const struct audit_family audit_sequence;
extern const struct audit_family audit_files;
extern const struct audit_family audit_identity;
extern const struct audit_family audit_attach;
extern const struct audit_family audit_release;
extern const struct audit_family audit_grant;
extern const struct audit_family audit_rsp;
extern const struct audit_family audit_package;
extern const struct audit_family audit_profiles;
extern const struct audit_family audit_notify;
extern const struct audit_family audit_certs;
extern const struct audit_family audit_channel;
extern const struct audit_family audit_manage;
extern const struct audit_family audit_ota;
extern const struct audit_family audit_secret;

#define AUDIT_FAMILIES                                                                             \
	&audit_form, &audit_standard, &audit_timing, &audit_scan, &audit_access, &audit_toolkit,   \
		&audit_ask, &audit_codes, &audit_code_use, &audit_auth, &audit_sequence,           \
		&audit_files, &audit_identity, &audit_attach, &audit_release, &audit_grant,        \
		&audit_rsp, &audit_package, &audit_profiles, &audit_notify, &audit_certs,          \
		&audit_channel, &audit_manage, &audit_ota, &audit_secret

#endif
