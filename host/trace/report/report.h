/*
 * report: what the audit of a trace came to, as values: the trace, what was found in it by which
 * rules, the events of weight, and the exchanges around both. gather.h makes one.
 *
 * It is as large as its caps, whatever the trace is: what is beyond them is counted.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_H
#define TWINKEY_HOST_TRACE_REPORT_H

#include "host/trace/report/spread.h"
#include "lib/crypto/symmetric.h"
#include "lib/trace/audit/told.h"
#include "lib/trace/decode/status.h"
#include "lib/trace/seal/verdict.h"

#define REPORT_OF_RULE_MAX  100	 /* findings that are kept of a rule, new and accepted ones each */
#define REPORT_FINDINGS_MAX 4000 /* ... and of all */
#define REPORT_MARKS_MAX    400
#define REPORT_LINES_ALL    1500 /* a trace of so few exchanges has all of them */
#define REPORT_LINES_MAX    5000
#define REPORT_PRINT_LEN    16
#define REPORT_FILE_MAX	    (64u << 20) /* octets */

struct trace_format;
struct baseline;

/* The trace. Names are of who made it. */
struct report_trace {
	const char *path;
	const struct trace_format *format; /* NULL: none was found, for there is nothing in it */
	uint64_t octets, exchanges, faults;
	bool has_digest;
	uint8_t digest[SHA256_LEN]; /* SHA-256 of all of it */
	unsigned cards;
	const char *const *names; /* of the cards: a reader's, or "" */
	bool has_times;
	int64_t first_ns, last_ns;
	struct seal_verdict seal;
	uint8_t fingerprint[SHA256_LEN]; /* of the key that sealed it */
};

struct report_rule {
	const struct finding_rule *rule;
	size_t found, accepted; /* all of them; accepted: that are in the baseline, besides */
	size_t kept, kept_accepted;
};

struct report_finding {
	size_t rule; /* of report.rules */
	struct audit_spot at;
	bool has_before;
	struct audit_spot before;
	const char *where, *detail;
	const char *about;   /* the command and what it is about; "" */
	const char *context; /* what of that the detail does not say */
	bool accepted;
	const char *note; /* of the baseline; "" */
	/* The same for what is found of the same rule in the same command with the same words,
	 * whatever the numbers in them are */
	uint8_t print[REPORT_PRINT_LEN];
};

struct report_mark {
	struct audit_spot at;
	unsigned channel;
	enum audit_party from, to;
	const char *text;
	bool failed;
};

/* An exchange, or an event that is none. */
struct report_line {
	uint64_t index; /* of all, from 0 */
	struct audit_spot at;
	bool is_event;
	unsigned channel;
	const char *name, *what, *status;
	bool has_sw;
	uint16_t sw;
	enum status_level level;
};

/* What was found, by its print. */
struct report_kind {
	uint8_t print[REPORT_PRINT_LEN];
	const struct finding_rule *rule;
	const char *about, *detail;
	size_t count;
	bool accepted;
	const char *note;
};

struct report {
	struct report_trace trace;
	const char *made; /* "2026-11-29T04:10:00Z" */
	bool complete;	  /* false: not all could be judged, see why */
	const char *why;
	enum finding_severity fail_on;
	bool fails_never; /* whatever is found */
	struct finding_counts counts, accepted;
	struct report_rule rules[AUDIT_RULES_MAX];
	size_t rule_count;
	struct report_finding *findings; /* worst rule first, then by rule and place */
	size_t finding_count;
	struct report_mark *marks;
	size_t mark_count, mark_total;
	struct report_line *lines;
	size_t line_count;
	uint64_t line_total; /* of the trace */
	const struct report_kind *kinds;
	size_t kind_count;
	bool kinds_are_all; /* there was room for each */
	struct spread spread;
	const struct baseline *baseline; /* NULL: none was given */
};

/* There is a finding that is not accepted and makes the exit code 1. */
bool report_fails(const struct report *r);
/* The line of this place; NULL: it is not among those that were kept. */
const struct report_line *report_line_at(const struct report *r, const struct audit_spot *at);

#endif
