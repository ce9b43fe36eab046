/*
 * inventory: what the subscription manager reads out of an unprotected profile package before it
 * takes it: any package of the TCA form, ours or another's. The elements themselves are the
 * eUICC's to judge.
 */
#ifndef TWINKEY_OPERATOR_INVENTORY_H
#define TWINKEY_OPERATOR_INVENTORY_H

#include "host/operator/smdp/limits.h"
#include "lib/base/bytes.h"
#include "lib/rsp/es10c.h"

struct inventory_info {
	uint8_t iccid[10];	      /* as in EF.ICCID */
	char type[SMDP_TYPE_MAX + 1]; /* profileType; "" when it has none */
	uint32_t ppr;		      /* RSP_PPR*, of the header's POL */
	bool has_owner;
	uint8_t mcc_mnc[3]; /* of EF.IMSI, as TS 24.008 codes it */
	size_t elements;
};

/*
 * ERR_TAG: the first element is no ProfileHeader or the last no PE-End, or the header lacks the
 * ICCID; ERR_VALUE: what is no ICCID; the errors of lib/base/tlv for what is no DER.
 */
enum err inventory_read(struct slice package, struct inventory_info *out) MUST_CHECK;

/* What a package demands of the eUICC. */
struct inventory_needs {
	uint32_t octets;   /* of the elements */
	uint32_t services; /* a set of lib/profile/services.h; 0: none, or not known */
};
/* eUICC-Mandatory-services of the package's header; 0 when it has none to be read. */
uint32_t inventory_mandatory_services(struct slice package);

struct inventory_labels {
	const char *provider, *name; /* as SGP.22 5.5.3 limits them: 32 and 64 characters */
	enum es10c_profile_class profile_class;
	uint32_t ppr;		  /* beside those of the package */
	struct slice icon;	  /* a PNG or JPEG file; empty: none */
	const char *smdp_address; /* whom the eUICC's notifications go to */
};
/*
 * Appends BF25. ERR_LENGTH: a text is too long; ERR_SPACE: the icon has more than ES10C_ICON_MAX
 * octets; ERR_UNSUPPORTED: it is neither PNG nor JPEG.
 */
enum err inventory_metadata(const struct inventory_info *info, const struct inventory_labels *l,
			    struct wbuf *out) MUST_CHECK;

#endif
