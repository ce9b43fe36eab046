#include "lib/trace/open/crc.h"

/* The generators, lowest power first: the octets are taken from their lowest bit on */
#define GENERATOR_16 0x8408u
#define GENERATOR_32 0xEDB88320u
#define BITS	     8

/* sum: all bits of the register are set at the start, and turned at the end. */
static uint32_t divide(struct slice text, uint32_t sum, uint32_t generator)
{
	for (size_t i = 0; i < text.len; i++) {
		sum ^= slice_at(text, i);
		for (int bit = 0; bit < BITS; bit++)
			sum = sum >> 1 ^ (sum & 1 ? generator : 0);
	}
	return sum;
}

uint16_t crc16_sum(struct slice text)
{
	return (uint16_t)~divide(text, UINT16_MAX, GENERATOR_16);
}

uint32_t crc32_sum(struct slice text)
{
	return ~divide(text, UINT32_MAX, GENERATOR_32);
}
