/*
 * finding: what those who judge something report: which rule does not hold, where, and what stands
 * there instead. A plain value, and a sink that takes one after the other.
 */
#ifndef TWINKEY_FINDING_H
#define TWINKEY_FINDING_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum finding_severity { FINDING_INFO, FINDING_WARNING, FINDING_ERROR }; /* mildest first */
#define FINDING_SEVERITIES (FINDING_ERROR + 1)

struct finding_rule {
	const char *id; /* "PIN-03" */
	enum finding_severity severity;
	const char *clause; /* of the standard that says so */
	const char *says;   /* what holds where there is no finding */
	const char *means;  /* what it means that it does not hold; NULL: says tells it */
	const char *remedy; /* what to do about it; NULL: make it hold */
};

struct finding { /* borrows for the call */
	const struct finding_rule *rule;
	const char *where;  /* the place, as text: in a package a JSON pointer */
	const char *detail; /* what stands there instead; never a secret */
};

struct finding_sink {
	void (*take)(void *ctx, const struct finding *finding);
	void *ctx;
};

/* Gives the sink one finding; detail is a printf format, cut to 159 octets. */
void finding_report(const struct finding_sink *sink, const struct finding_rule *rule,
		    const char *where, const char *detail, va_list ap)
	__attribute__((format(printf, 4, 0)));

/* "info", "warning", "error" and back. */
const char *finding_severity_name(enum finding_severity severity);
bool finding_severity_named(const char *name, enum finding_severity *severity);

struct finding_counts {
	size_t of[FINDING_SEVERITIES];
};
void finding_count(struct finding_counts *counts, const struct finding *finding);
/* There is a finding of this severity or a worse one: what makes an exit code. */
bool finding_counts_reach(const struct finding_counts *counts, enum finding_severity least);

#endif
