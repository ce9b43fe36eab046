#include "host/cmd/trace/rules.h"

#include <string.h>

#include "lib/trace/audit/audit.h"
#include "tool/cli/program.h"

static json_t *rule_json(const struct finding_rule *r)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "rule", r->id, "severity",
			 finding_severity_name(r->severity), "clause", r->clause, "says", r->says,
			 "means", r->means, "remedy", r->remedy, "family", audit_family_of(r));
}

int trace_rules_list(void)
{
	const struct finding_rule *rules[AUDIT_RULES_MAX];
	size_t count = audit_rules(rules);
	json_t *list = json_array();
	const char *family = "";

	for (size_t i = 0; i < count; i++) {
		if (strcmp(family, audit_family_of(rules[i])) != 0) {
			family = audit_family_of(rules[i]);
			tool_say("%s%s", i ? "\n" : "", family);
		}
		tool_say("%s  %-7s  %s  [%s]", rules[i]->id,
			 finding_severity_name(rules[i]->severity), rules[i]->says,
			 rules[i]->clause);
		json_array_append_new(list, rule_json(rules[i]));
	}
	if (tool_json())
		tool_print_json(json_pack("{s:O}", "rules", list));
	json_decref(list);
	return TOOL_OK;
}

int trace_rules_explain(const char *id)
{
	const struct finding_rule *r = audit_rule(id);

	if (!r)
		return tool_usage("--explain %s: there is no such rule (see --list)", id);
	tool_say("%s  %s  %s\n", r->id, finding_severity_name(r->severity), audit_family_of(r));
	tool_say("Holds      %s", r->says);
	tool_say("Otherwise  %s", r->means);
	tool_say("What to do %s", r->remedy);
	tool_say("Source     %s", r->clause);
	if (tool_json())
		tool_print_json(rule_json(r));
	return TOOL_OK;
}
