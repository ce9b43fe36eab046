/*
 * words: what a report says in sentences, the same in each of its forms.
 */
#ifndef TWINKEY_HOST_TRACE_REPORT_WORDS_H
#define TWINKEY_HOST_TRACE_REPORT_WORDS_H

#include "host/trace/report/report.h"

#define WORDS_MAX 512

/* "errors", "warnings", "remarks", "clean": the worst that was found and is not accepted */
const char *words_verdict_name(const struct report *r);
/* The verdict in a sentence or two. */
const char *words_verdict(const struct report *r, char out[static WORDS_MAX]);
/* "2 errors, 1 warning, 14 remarks" */
const char *words_counts(const struct finding_counts *c, char out[static WORDS_MAX]);
/* "1 error", "3 warnings" */
const char *words_count(enum finding_severity severity, size_t n, char out[static WORDS_MAX]);
/* "212 exchanges of 1 card" */
const char *words_size(const struct report_trace *t, char out[static WORDS_MAX]);
/* "sealed by key 3fa2..., whole: 214 records, closed" */
const char *words_seal(const struct report_trace *t, char out[static WORDS_MAX]);
/* "2026-04-17 12:00:00.500000 UTC"; of a producer's own clock "12.5 s after its beginning" */
const char *words_time(int64_t time_ns, char out[static WORDS_MAX]);
/* "1.5 s", "2 min 3 s": how long */
const char *words_span(int64_t ns, char out[static WORDS_MAX]);
const char *words_party(enum audit_party party);

#endif
