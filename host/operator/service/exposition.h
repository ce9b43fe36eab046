/*
 * exposition: figures as Prometheus reads them: its text format, version 0.0.4.
 */
#ifndef TWINKEY_OPERATOR_SERVICE_EXPOSITION_H
#define TWINKEY_OPERATOR_SERVICE_EXPOSITION_H

#include "lib/base/bytes.h"

#define EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum exposition_kind { EXPOSITION_COUNTER, EXPOSITION_GAUGE, EXPOSITION_HISTOGRAM };

/* Before the samples of its name. help: a sentence. */
void exposition_family(struct wbuf *w, const char *name, enum exposition_kind kind,
		       const char *help);

struct exposition_label {
	const char *name, *value; /* name NULL: there is none */
};
#define EXPOSITION_LABELS 2
/* Of a family: suffix "" or "_bucket", "_sum", "_count". */
struct exposition_sample {
	const char *name, *suffix;
	struct exposition_label labels[EXPOSITION_LABELS];
};
void exposition_put(struct wbuf *w, const struct exposition_sample *s, double value);
/* One family of one sample without labels. */
void exposition_one(struct wbuf *w, const char *name, enum exposition_kind kind, const char *help,
		    double value);

/* How long something took: seconds, in buckets from a quarter of a millisecond to ten seconds. */
#define HISTOGRAM_BUCKETS 11
struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS + 1]; /* the last: longer than all */
	double sum;
};
void histogram_add(struct histogram *h, double seconds);
/* Its samples, with at most one label besides that of the bucket. */
void histogram_put(struct wbuf *w, const char *name, const struct exposition_label *label,
		   const struct histogram *h);

/* What this process takes, as client libraries of Prometheus name it; started: seconds since 1970.
 */
void exposition_process(struct wbuf *w, double started);

#endif
