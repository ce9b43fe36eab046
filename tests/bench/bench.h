/*
 * bench: what the benchmarks share. Rates and times are given as ratios against a yardstick that is
 * measured in the same run, round by round in turns, and as medians over the rounds.
 */
#ifndef TWINKEY_TESTS_BENCH_H
#define TWINKEY_TESTS_BENCH_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static inline double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline int bench_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static inline double bench_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), bench_order);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

#endif
