/* Walks any bytes as TLV, to the deepest level, and checks what the reader promises. */
#include <stdlib.h>

#include "lib/base/tlv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(struct slice s, unsigned depth)
{
	struct cursor c = cursor_of(s);
	struct tlv t;
	uint64_t number;
	uint32_t bits;

	while (tlv_next(&c, &t)) {
		if (t.raw.len < t.value.len + 2)
			abort();
		if (tlv_uint(t.value, &number) == ERR_OK && t.value.len > sizeof(number))
			abort();
		if (tlv_bits(t.value, &bits) == ERR_OK && t.value.len > 5)
			abort();
		if (depth < TLV_DEPTH_MAX)
			walk(t.value, depth + 1);
	}
	if (c.err == ERR_OK && cursor_left(&c))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk(slice_make(data, size), 0);
	return 0;
}
