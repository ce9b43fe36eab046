#include "lib/trace/decode/application.h"

#include "lib/base/tlv.h"
#include "lib/release/kra.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/fcp.h"

#define WRITTEN_MAX 9

/* The AIDs of lib/uicc/aid.h, and those of others as octets; where one begins like another, the
 * longer one comes first. */
static const struct row {
	enum application_kind kind;
	const char *name;
	enum aid aid; /* AID_COUNT: written out, or ours */
	uint8_t len, octets[WRITTEN_MAX];
} rows[] = {
	{APPLICATION_ISDR, "ISD-R", AID_ISDR, 0, {0}},
	{APPLICATION_ECASD, "ECASD", AID_ECASD, 0, {0}},
	{APPLICATION_ISDP, "ISD-P", AID_ISDP, 0, {0}},
	/* GlobalPlatform Secure Element Access Control 4 */
	{APPLICATION_ARAM,
	 "ARA-M",
	 AID_COUNT,
	 9,
	 {0xA0, 0x00, 0x00, 0x01, 0x51, 0x41, 0x43, 0x4C, 0x00}},
	{APPLICATION_USIM, "ADF.USIM", AID_USIM, 0, {0}},
	{APPLICATION_ISIM, "ADF.ISIM", AID_ISIM, 0, {0}},
	{APPLICATION_CSIM, "ADF.CSIM", AID_CSIM, 0, {0}},
	/* TS 31.104 */
	{APPLICATION_HPSIM, "ADF.HPSIM", AID_COUNT, 7, {0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x0A}},
	{APPLICATION_SD, "ISD", AID_CARD_MANAGER, 0, {0}},
	/* an older card manager, of Visa */
	{APPLICATION_SD, "ISD", AID_COUNT, 7, {0xA0, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00}},
	{APPLICATION_KRA, "KRA", AID_COUNT, 0, {0}},
};
#define LAST_OCTETS 2 /* of an ISD-P's AID: which one it is */

static struct slice prefix_of(const struct row *r)
{
	struct slice aid = r->aid < AID_COUNT ? aid_of(r->aid) : slice_make(r->octets, r->len);

	if (r->kind == APPLICATION_KRA)
		return SLICE_OF(kra_aid);
	return r->kind == APPLICATION_ISDP ? slice_sub(aid, 0, aid.len - LAST_OCTETS) : aid;
}

struct application application_of(struct slice aid, struct slice fci)
{
	struct slice value;

	for (size_t i = 0; aid.len && i < ARRAY_LEN(rows); i++) {
		if (slice_starts(aid, prefix_of(&rows[i])))
			return (struct application){rows[i].kind, rows[i].name};
	}
	if (tlv_find(fci, UICC_FCI, &value) && tlv_find(value, UICC_FCI_ISDR, &value))
		return (struct application){APPLICATION_ISDR, "ISD-R"};
	return (struct application){APPLICATION_UNKNOWN, NULL};
}
