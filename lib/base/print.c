#include "lib/base/print.h"

#include <string.h>

#define ODD UINT64_C(0x9E3779B97F4A7C15) /* 2^64 by the golden ratio */

static uint64_t mix_in(uint64_t print, uint64_t word)
{
	print = (print ^ word) * ODD;
	return print ^ print >> 29;
}

uint64_t print_octets(uint64_t before, struct slice octets)
{
	uint64_t print = mix_in(before ^ ODD, octets.len), word;
	size_t at = 0;

	for (; octets.len - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, octets.ptr + at, sizeof(word));
		print = mix_in(print, word);
	}
	for (word = 0; at < octets.len; at++)
		word = word << 8 | octets.ptr[at];
	return mix_in(mix_in(print, word), 0);
}
