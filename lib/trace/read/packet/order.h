/*
 * order: numbers of a file that has them in the order of who wrote it. 0 for what is past the end.
 */
#ifndef TWINKEY_TRACE_READ_ORDER_H
#define TWINKEY_TRACE_READ_ORDER_H

#include "lib/base/bytes.h"

static inline uint32_t order_number(bool little, struct slice octets)
{
	uint32_t n = 0;

	for (size_t i = 0; i < octets.len; i++)
		n = n << 8 | slice_at(octets, little ? octets.len - 1 - i : i);
	return n;
}

static inline uint16_t order_u16(bool little, struct slice s, size_t at)
{
	const uint8_t *p;

	if (at >= s.len || s.len - at < sizeof(uint16_t))
		return (uint16_t)order_number(little, slice_sub(s, at, sizeof(uint16_t)));
	p = s.ptr + at;
	return (uint16_t)(little ? p[1] << 8 | p[0] : p[0] << 8 | p[1]);
}

static inline uint32_t order_u32(bool little, struct slice s, size_t at)
{
	const uint8_t *p;
	uint32_t n;

	if (at >= s.len || s.len - at < sizeof(n))
		return order_number(little, slice_sub(s, at, sizeof(n)));
	p = s.ptr + at;
	n = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	return little ? __builtin_bswap32(n) : n;
}

#endif
