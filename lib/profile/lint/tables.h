/*
 * tables: the rules of each file of this folder, for lint.c.
 */
#ifndef TWINKEY_PROFILE_LINT_TABLES_H
#define TWINKEY_PROFILE_LINT_TABLES_H

struct lint_table; /* rule.h */

extern const struct lint_table lint_structure_rules, lint_header_rules, lint_mandates_rules,
	lint_codes_rules, lint_aka_rules, lint_fcp_rules, lint_tree_rules, lint_content_rules,
	lint_services_rules, lint_lists_rules, lint_domains_rules, lint_apps_rules,
	lint_sealed_rules;

#endif
