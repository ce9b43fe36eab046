#include "lib/crypto/ec_curve.h"

#include <string.h>

#include "lib/base/bytes.h"

static const struct curve_row {
	const char *group; /* OpenSSL's name */
	uint8_t oid[9];
	size_t oid_len;
} curves[] = {
	[EC_P256] = {"prime256v1", {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07}, 8},
	[EC_BP256R1] = {"brainpoolP256r1",
			{0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07},
			9},
};

struct slice ec_curve_oid(enum ec_curve curve)
{
	return slice_make(curves[curve].oid, curves[curve].oid_len);
}

bool ec_curve_from_oid(struct slice oid, enum ec_curve *curve)
{
	for (enum ec_curve c = EC_P256; c <= EC_BP256R1; c++) {
		if (slice_equal(oid, ec_curve_oid(c))) {
			*curve = c;
			return true;
		}
	}
	return false;
}

const char *ec_curve_group(enum ec_curve curve)
{
	return curves[curve].group;
}

bool ec_curve_from_group(const char *group, enum ec_curve *curve)
{
	for (enum ec_curve c = EC_P256; c <= EC_BP256R1; c++) {
		if (strcmp(group, curves[c].group) == 0) {
			*curve = c;
			return true;
		}
	}
	return false;
}

struct slice ec_public_key_oid(void)
{
	static const uint8_t oid[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};

	return SLICE_OF(oid);
}
