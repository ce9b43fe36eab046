/*
 * services: what an eUICC can do. One table for what profiles mandate (TCA PEDefinitions,
 * ServicesList) and for what EUICCInfo2 announces (UICCCapability).
 *
 * An eUICC can be made to do less than the table has: it then is without a set of services.
 */
#ifndef TWINKEY_PROFILE_SERVICES_H
#define TWINKEY_PROFILE_SERVICES_H

#include "lib/base/bytes.h"
#include "lib/profile/pe.h"

/* Numbered as the components of ServicesList; the last is in UICCCapability alone. */
enum service {
	SERVICE_CONTACTLESS,
	SERVICE_USIM,
	SERVICE_ISIM,
	SERVICE_CSIM,
	SERVICE_MILENAGE,
	SERVICE_TUAK128,
	SERVICE_CAVE,
	SERVICE_GBA_USIM,
	SERVICE_GBA_ISIM,
	SERVICE_MBMS,
	SERVICE_EAP,
	SERVICE_JAVACARD,
	SERVICE_MULTOS,
	SERVICE_MULTIPLE_USIM,
	SERVICE_MULTIPLE_ISIM,
	SERVICE_MULTIPLE_CSIM,
	SERVICE_TUAK256,
	SERVICE_TEST_ALGORITHM,
	SERVICE_BER_TLV,
	SERVICE_DF_LINK,
	SERVICE_CAT_TP,
	SERVICE_GET_IDENTITY,
	SERVICE_PROFILE_A,
	SERVICE_PROFILE_B,
	SERVICE_SUCI_API,
	SERVICE_DNS,
	SERVICE_SCP11AC,
	SERVICE_SCP11C,
	SERVICE_S16MODE,
	SERVICE_EAKA,
	SERVICE_IOT_MINIMAL,
	SERVICE_COUNT
};

#define SERVICE_SET(service) (UINT32_C(1) << (service))

enum service_support {
	SERVICE_ABSENT, /* a profile that mandates it is refused */
	SERVICE_KEPT,	/* taken and not announced: the card stores what a profile brings for it and
			   does nothing with it, and the report says so (docs/adr/0004) */
	SERVICE_WORKS,	/* announced */
};

struct service_row {
	const char *name; /* of the ASN.1 module */
	uint8_t bit;	  /* of UICCCapability */
	enum service_support support;
	enum pe_status status; /* what the report says of it, unless it works */
	uint32_t parts;	       /* the services that go when this one goes */
};

/* NULL behind the last. */
const struct service_row *service_at(size_t n);
/* The one with this bit of UICCCapability. */
const struct service_row *service_of_bit(unsigned bit);
/* The component of ServicesList with this tag; SERVICE_COUNT: there is none. */
enum service service_of_tag(uint32_t tag);
/* What an eUICC without this set does for it. */
enum service_support service_support(enum service s, uint32_t without);
/* UICCCapability, as tlv_put_bits() takes it. */
uint32_t services_capability(uint32_t without);
/*
 * Adds the services whose names stand in list, parted by commas. ERR_VALUE: *bad points to a name,
 * up to a comma or the end, that no service has.
 */
enum err services_parse(const char *list, uint32_t *without, const char **bad) MUST_CHECK;

#endif
