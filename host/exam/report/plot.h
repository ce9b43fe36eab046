/*
 * plot: how long each command took, as one SVG: a row a command, a point a sample, the range, the
 * median and the ninth decile; the axis is logarithmic. For page.c.
 */
#ifndef TWINKEY_HOST_EXAM_PLOT_H
#define TWINKEY_HOST_EXAM_PLOT_H

#include "host/exam/exam.h"

/* "0.85 ms", "1.50 s" */
#define PLOT_DURATION 24
const char *plot_duration(uint64_t us, char out[static PLOT_DURATION]);

/* Nothing where there is no timing. */
void plot_put(const struct exam_timing *timings, size_t count, struct wbuf *out);

#endif
