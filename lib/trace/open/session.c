#include "lib/trace/open/session.h"

#define PAD_START 0x80

enum err session_unpad(struct slice padded, struct slice *out)
{
	size_t n = padded.len;

	while (n && slice_at(padded, n - 1) == 0)
		n--;
	if (!n || slice_at(padded, n - 1) != PAD_START)
		return ERR_MAC;
	*out = slice_sub(padded, 0, n - 1);
	return ERR_OK;
}
