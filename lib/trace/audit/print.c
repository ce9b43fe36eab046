#include "lib/trace/audit/print.h"

/* FNV-1a */
#define BASIS 0x811C9DC5u
#define PRIME 0x01000193u

uint32_t print_of_octets(uint32_t before, struct slice octets)
{
	uint32_t h = before ^ BASIS;

	for (size_t i = 0; i < octets.len; i++)
		h = (h ^ slice_at(octets, i)) * PRIME;
	return h;
}
