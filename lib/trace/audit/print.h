/*
 * print: a number that stands for octets where a state has no room for them. Two that differ have
 * one number once in 2^32 times: not for what must not be mistaken (seen.h). For lib/trace/audit
 * alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_PRINT_H
#define TWINKEY_TRACE_AUDIT_PRINT_H

#include "lib/base/bytes.h"

/* Goes on from another number, 0 at the beginning. */
uint32_t print_of_octets(uint32_t before, struct slice octets);

#endif
