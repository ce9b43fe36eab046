#include "lib/trace/audit/print.h"

#include "lib/base/print.h"

uint32_t print_of_octets(uint32_t before, struct slice octets)
{
	return (uint32_t)print_octets(before, octets);
}
