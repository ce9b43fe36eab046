#include "lib/profile/services.h"

#include <string.h>

#include "lib/base/tlv.h"

#define LISTED SERVICE_IOT_MINIMAL /* so many are in ServicesList */

#define USIM_PARTS                                                                                 \
	(SERVICE_SET(SERVICE_MULTIPLE_USIM) | SERVICE_SET(SERVICE_GET_IDENTITY) | SUCI_PARTS)
#define SUCI_PARTS (SERVICE_SET(SERVICE_PROFILE_A) | SERVICE_SET(SERVICE_PROFILE_B))

/* PEStatus 10 where the specification has none of its own: 7 is for run-time environments. */
#define ABSENT SERVICE_ABSENT, PE_FEATURE_NOT_SUPPORTED
#define KEPT   SERVICE_KEPT, PE_FEATURE_NOT_SUPPORTED
#define WORKS  SERVICE_WORKS, PE_FEATURE_NOT_SUPPORTED

static const struct service_row rows[SERVICE_COUNT] = {
	[SERVICE_CONTACTLESS] = {"contactless", 0, ABSENT, 0},
	[SERVICE_USIM] = {"usim", 1, WORKS, USIM_PARTS},
	[SERVICE_ISIM] = {"isim", 2, WORKS, SERVICE_SET(SERVICE_MULTIPLE_ISIM)},
	/* DEVIATION: taken, though it has no commands of its own (docs/adr/0004) */
	[SERVICE_CSIM] = {"csim", 3, KEPT, SERVICE_SET(SERVICE_MULTIPLE_CSIM)},
	[SERVICE_MILENAGE] = {"milenage", 4, WORKS, 0},
	[SERVICE_TUAK128] = {"tuak128", 6, WORKS, 0},
	[SERVICE_CAVE] = {"cave", 5, ABSENT, 0},
	[SERVICE_GBA_USIM] = {"gba-usim", 10, ABSENT, 0},
	[SERVICE_GBA_ISIM] = {"gba-isim", 11, ABSENT, 0},
	[SERVICE_MBMS] = {"mbms", 12, ABSENT, 0},
	[SERVICE_EAP] = {"eap", 13, ABSENT, 0},
	/* DEVIATION: taken, though bytecode is stored and not run (docs/adr/0004) */
	[SERVICE_JAVACARD] = {"javacard", 14, SERVICE_KEPT, PE_RUNTIME_NOT_SUPPORTED, 0},
	[SERVICE_MULTOS] = {"multos", 15, SERVICE_ABSENT, PE_RUNTIME_NOT_SUPPORTED, 0},
	[SERVICE_MULTIPLE_USIM] = {"multiple-usim", 16, WORKS, 0},
	[SERVICE_MULTIPLE_ISIM] = {"multiple-isim", 17, WORKS, 0},
	[SERVICE_MULTIPLE_CSIM] = {"multiple-csim", 18, KEPT, 0},
	[SERVICE_TUAK256] = {"tuak256", 7, WORKS, 0},
	[SERVICE_TEST_ALGORITHM] = {"usim-test-algorithm", 8, WORKS, 0},
	[SERVICE_BER_TLV] = {"ber-tlv", 19, WORKS, 0},
	[SERVICE_DF_LINK] = {"dfLink", 20, WORKS, 0},
	[SERVICE_CAT_TP] = {"cat-tp", 21, ABSENT, 0},
	[SERVICE_GET_IDENTITY] = {"get-identity", 22, WORKS, SUCI_PARTS},
	[SERVICE_PROFILE_A] = {"profile-a-x25519", 23, WORKS, 0},
	[SERVICE_PROFILE_B] = {"profile-b-p256", 24, WORKS, 0},
	[SERVICE_SUCI_API] = {"suciCalculatorApi", 25, ABSENT, 0},
	[SERVICE_DNS] = {"dns-resolution", 26, ABSENT, 0},
	[SERVICE_SCP11AC] = {"scp11ac", 27, ABSENT, 0},
	[SERVICE_SCP11C] = {"scp11c-authorization-mechanism", 28, ABSENT, 0},
	[SERVICE_S16MODE] = {"s16mode", 29, ABSENT, 0},
	[SERVICE_EAKA] = {"eaka", 30, ABSENT, 0},
	[SERVICE_IOT_MINIMAL] = {"iotminimal", 31, ABSENT, 0},
};

const struct service_row *service_at(size_t n)
{
	return n < ARRAY_LEN(rows) ? &rows[n] : NULL;
}

const struct service_row *service_of_bit(unsigned bit)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].bit == bit)
			return &rows[i];
	}
	return NULL;
}

enum service service_of_tag(uint32_t tag)
{
	for (unsigned n = 0; n < LISTED; n++) {
		if (tag == ASN1_CONTEXT(n))
			return (enum service)n;
	}
	return SERVICE_COUNT;
}

enum service_support service_support(enum service s, uint32_t without)
{
	return without & SERVICE_SET(s) ? SERVICE_ABSENT : rows[s].support;
}

uint32_t services_capability(uint32_t without)
{
	uint32_t bits = 0;

	for (unsigned n = 0; n < SERVICE_COUNT; n++) {
		if (service_support((enum service)n, without) == SERVICE_WORKS)
			bits |= 0x80000000u >> rows[n].bit;
	}
	return bits;
}

static bool find(const char *name, size_t len, uint32_t *set)
{
	for (unsigned n = 0; n < SERVICE_COUNT; n++) {
		if (strlen(rows[n].name) == len && memcmp(rows[n].name, name, len) == 0) {
			*set |= SERVICE_SET(n) | rows[n].parts;
			return true;
		}
	}
	return false;
}

enum err services_parse(const char *list, uint32_t *without, const char **bad)
{
	uint32_t set = *without;

	for (const char *name = list;; name++) {
		size_t len = strcspn(name, ",");

		if (!find(name, len, &set)) {
			*bad = name;
			return ERR_VALUE;
		}
		name += len;
		if (!*name)
			break;
	}
	*without = set;
	return ERR_OK;
}
