#include "lib/finding/finding.h"

#include <stdio.h>
#include <string.h>

#define DETAIL_MAX 160

static const char *const names[FINDING_SEVERITIES] = {
	[FINDING_INFO] = "info", [FINDING_WARNING] = "warning", [FINDING_ERROR] = "error"};

void finding_report(const struct finding_sink *sink, const struct finding_rule *rule,
		    const char *where, const char *detail, va_list ap)
{
	char text[DETAIL_MAX];
	const struct finding finding = {.rule = rule, .where = where, .detail = text};

	vsnprintf(text, sizeof(text), detail, ap);
	sink->take(sink->ctx, &finding);
}

const char *finding_severity_name(enum finding_severity severity)
{
	return names[severity];
}

bool finding_severity_named(const char *name, enum finding_severity *severity)
{
	for (size_t i = 0; i < FINDING_SEVERITIES; i++) {
		if (strcmp(name, names[i]) == 0) {
			*severity = (enum finding_severity)i;
			return true;
		}
	}
	return false;
}

void finding_count(struct finding_counts *counts, const struct finding *finding)
{
	counts->of[finding->rule->severity]++;
}

bool finding_counts_reach(const struct finding_counts *counts, enum finding_severity least)
{
	for (size_t i = least; i < FINDING_SEVERITIES; i++) {
		if (counts->of[i])
			return true;
	}
	return false;
}
