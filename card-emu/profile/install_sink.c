#include "card-emu/profile/install_sink.h"

enum pe_status install_status(struct install *in, enum err e)
{
	switch (e) {
	case ERR_OK: return PE_OK;
	case ERR_FULL:
	case ERR_SPACE: return PE_NOT_ENOUGH_MEMORY;
	case ERR_MEMORY:
	case ERR_CRYPTO:
	case ERR_IO: in->failed = e; return PE_MEMORY_FAILURE;
	default: return PE_INVALID_PARAMETER;
	}
}

bool install_claim_aid(struct install *in, struct slice aid)
{
	for (size_t i = 0; i < in->aid_count; i++) {
		if (slice_equal(in->aids[i], aid))
			return false;
	}
	if (in->aid_count == INSTALL_AIDS_MAX)
		return false;
	in->aids[in->aid_count++] = aid;
	return true;
}
