/*
 * print: a number that stands for octets where there is no room for them, or no time to compare
 * them all. Two that differ have one number once in 2^64 times by chance; who wants to can make
 * two that have one: for what must not be mistaken there is sha256().
 */
#ifndef TWINKEY_PRINT_H
#define TWINKEY_PRINT_H

#include "lib/base/bytes.h"

/* Goes on from another number, 0 at the beginning. It is the same in each run on this machine. */
uint64_t print_octets(uint64_t before, struct slice octets);

#endif
