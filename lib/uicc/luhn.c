#include "lib/uicc/luhn.h"

#define VALUE 0x0F /* of an octet that is a digit, or its ASCII */

uint8_t luhn_digit(const void *digits, size_t n)
{
	const uint8_t *octets = digits;
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = (octets[n - 1 - i] & VALUE) * (i % 2 ? 1u : 2u);

		sum += d > 9 ? d - 9 : d;
	}
	return (uint8_t)((10 - sum % 10) % 10);
}
