#include "lib/trace/read/packet/order.h"

static uint32_t order_number(bool little, struct slice octets)
{
	uint32_t n = 0;

	for (size_t i = 0; i < octets.len; i++)
		n = n << 8 | slice_at(octets, little ? octets.len - 1 - i : i);
	return n;
}

uint16_t order_u16(bool little, struct slice s, size_t at)
{
	return (uint16_t)order_number(little, slice_sub(s, at, sizeof(uint16_t)));
}

uint32_t order_u32(bool little, struct slice s, size_t at)
{
	return order_number(little, slice_sub(s, at, sizeof(uint32_t)));
}
