/*
 * dice: chance of an order, which is a function of a seed and the order's number: each order can be
 * tried again by itself. What happened in it is kept, for who reads of a failure.
 */
#ifndef TWINKEY_TESTS_PROPERTY_DICE_H
#define TWINKEY_TESTS_PROPERTY_DICE_H

#include <stdbool.h>
#include <stdint.h>

void dice_order(uint64_t seed, uint64_t order);
/* 0 to n - 1. */
uint32_t dice(uint32_t n);
/* Once in n times. */
bool dice_once_in(uint32_t n);

/* A line of what happens; dice_tell() prints those of this order to standard error. */
void dice_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void dice_tell(void);

/* NAME [ORDERS [SEED]] or NAME --seed SEED [--order N] [--orders N]. */
struct dice_plan {
	uint64_t seed, orders;
	uint64_t only; /* this order alone; 0: all */
};
/* False: how it is called is on standard error. */
bool dice_plan_read(int argc, char **argv, uint64_t orders, struct dice_plan *out);

#endif
