/*
 * moment: whether something holds now that holds for a time. Clocks are set, forwards and back:
 * what was approved, asked or locked holds between two moments, and outside both it does not.
 */
#ifndef TWINKEY_OPERATOR_MOMENT_H
#define TWINKEY_OPERATOR_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

/* from <= now < until; seconds since 1970. */
static inline bool moment_within(int64_t now, int64_t from, int64_t until)
{
	return from <= now && now < until;
}

/* The same for what lasts so long from a moment on. */
static inline bool moment_lasts(int64_t now, int64_t from, int64_t seconds)
{
	return from <= now && now - from < seconds;
}

#endif
