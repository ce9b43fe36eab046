#include "lib/trace/decode/application.h"

#include "lib/base/tlv.h"
#include "lib/release/kra.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/fcp.h"

/* Where one begins like another, the longer one comes first. */
static const struct row {
	enum application_kind kind;
	const char *name;
	enum aid aid; /* of lib/uicc/aid.h; AID_COUNT: ours */
} rows[] = {
	{APPLICATION_ISDR, "ISD-R", AID_ISDR},	   {APPLICATION_ECASD, "ECASD", AID_ECASD},
	{APPLICATION_ISDP, "ISD-P", AID_ISDP},	   {APPLICATION_ARAM, "ARA-M", AID_ARAM},
	{APPLICATION_USIM, "ADF.USIM", AID_USIM},  {APPLICATION_ISIM, "ADF.ISIM", AID_ISIM},
	{APPLICATION_CSIM, "ADF.CSIM", AID_CSIM},  {APPLICATION_HPSIM, "ADF.HPSIM", AID_HPSIM},
	{APPLICATION_SD, "ISD", AID_CARD_MANAGER}, {APPLICATION_SD, "ISD", AID_OLD_CARD_MANAGER},
	{APPLICATION_KRA, "KRA", AID_COUNT},
};
#define LAST_OCTETS 2 /* of an ISD-P's AID: which one it is */

static struct slice prefix_of(const struct row *r)
{
	struct slice aid = r->aid < AID_COUNT ? aid_of(r->aid) : SLICE_OF(kra_aid);

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
