#include "host/operator/smdp/eligible.h"

#include "host/operator/smdp/inventory.h"
#include "lib/profile/services.h"
#include "lib/base/tlv.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es8p.h"
#include "lib/rsp/rsp.h"

#define RESOURCE_LEN_MAX 8

/*
 * Only bits that every version 2 of SGP.22 has count: that an eUICC lacks one of a later version
 * may say no more than that it does not know it. Java Card, MULTOS and CSIM are left to the eUICC:
 * packages for everybody (TS.48) demand them, and it may take what it will not run. The bit of the
 * test algorithm was reserved at first.
 */
#define CAPABILITY_FIRST_VERSION 18 /* multipleCsimSupport, the last bit there */
#define LEFT_TO_THE_EUICC                                                                          \
	(SERVICE_SET(SERVICE_JAVACARD) | SERVICE_SET(SERVICE_MULTOS) | SERVICE_SET(SERVICE_CSIM) | \
	 SERVICE_SET(SERVICE_MULTIPLE_CSIM) | SERVICE_SET(SERVICE_TEST_ALGORITHM))

static bool lacks_service(uint32_t mandatory, uint32_t capability)
{
	const struct service_row *row;

	for (unsigned n = 0; capability && (row = service_at(n)) != NULL; n++) {
		if ((mandatory & ~LEFT_TO_THE_EUICC & SERVICE_SET(n)) &&
		    row->bit <= CAPABILITY_FIRST_VERSION && !(capability & RSP_BIT(row->bit)))
			return true;
	}
	return false;
}

/* Whether the eUICC tells how much memory is free. */
static bool free_octets(struct slice resource, uint64_t *octets)
{
	struct slice value;
	struct cursor c;

	if (!tlv_find(resource, ES10B_RESOURCE_FREE_NVM, &value) || !value.len ||
	    value.len > RESOURCE_LEN_MAX)
		return false;
	c = cursor_of(value);
	*octets = cursor_uint(&c, value.len);
	return true;
}

enum smdp_fault_cause smdp_eligible(const struct inventory_needs *needs, struct slice metadata,
				    struct slice info2)
{
	struct es10b_euicc_info2 info;
	struct es8p_metadata meta;
	uint64_t room;

	if (es10b_parse_euicc_info2(info2, &info))
		return SMDP_FAULT_COUNT;
	if (es8p_parse_metadata(metadata, &meta) == ERR_OK && meta.has_ppr && info.has_forbidden &&
	    (meta.ppr & info.forbidden))
		return SMDP_FAULT_NOT_ELIGIBLE;
	if (lacks_service(needs->services, info.uicc_capability))
		return SMDP_FAULT_NOT_ELIGIBLE;
	return free_octets(info.ext_resource, &room) && room < needs->octets / 2 ? SMDP_FAULT_MEMORY
										 : SMDP_FAULT_COUNT;
}
