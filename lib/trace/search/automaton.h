/*
 * automaton: finds any number of patterns in one pass (Aho and Corasick, 1975), half octet by half
 * octet: the time is that of what is read and of what is found, whatever the patterns.
 *
 * It holds the patterns, which are secrets: automaton_close() wipes it.
 */
#ifndef TWINKEY_TRACE_SEARCH_AUTOMATON_H
#define TWINKEY_TRACE_SEARCH_AUTOMATON_H

#include "lib/base/bytes.h"

#define AUTOMATON_HALVES_MAX (64u << 20) /* of all patterns */
#define AUTOMATON_NONE	     UINT32_MAX

struct automaton;

/* NULL: out of memory. */
struct automaton *automaton_open(void);
/*
 * Patterns are numbered from 0 by their order; halves: one in each octet, at least one. Before
 * automaton_compile(). ERR_SPACE, ERR_MEMORY.
 */
enum err automaton_add(struct automaton *a, struct slice halves) MUST_CHECK;
enum err automaton_compile(struct automaton *a) MUST_CHECK;

/* The state behind this half; the first state is 0. */
uint32_t automaton_step(const struct automaton *a, uint32_t state, uint8_t half);
/*
 * The patterns that end in a state: the first, then the one behind pattern (which was found in it),
 * until AUTOMATON_NONE.
 */
uint32_t automaton_first(const struct automaton *a, uint32_t state);
uint32_t automaton_next(const struct automaton *a, uint32_t pattern);
/* How many halves a pattern has. */
size_t automaton_len(const struct automaton *a, uint32_t pattern);

void automaton_close(struct automaton **a);

#endif
