/*
 * kinds: what is found, by its print: the rule, the command and what it is about, and the detail
 * without the numbers that run. A baseline accepts kinds. For gather.c.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_KINDS_H
#define TWINKEY_HOST_TRACE_REPORT_KINDS_H

#include "host/trace/report/report.h"

#define KINDS_MAX     4096
#define KIND_TEXT_MAX 256

struct kinds;

struct kind_of_finding {
	uint8_t print[REPORT_PRINT_LEN];
	char about[KIND_TEXT_MAX]; /* the command, its function and the file */
	bool accepted;
	const char *note; /* of the baseline */
};

/* baseline may be NULL, and stays the caller's. NULL: out of memory. */
struct kinds *kinds_open(struct baseline *baseline);
void kinds_take(struct kinds *k, const struct audit_finding *f, struct kind_of_finding *out);
/* What it is about, without what its detail says anyway. */
void kinds_context(const struct audit_finding *f, char out[static KIND_TEXT_MAX]);
/* False: there were more than KINDS_MAX, or memory was out. The list is the kinds'. */
bool kinds_list(const struct kinds *k, const struct report_kind **list, size_t *count);
void kinds_close(struct kinds **k);

#endif
