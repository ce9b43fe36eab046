#include "lib/trace/audit/card.h"

#include <string.h>

#include "lib/release/kra.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/rsp.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/place.h"
#include "lib/uicc/fid.h"

#define EF_AD_MNC_LENGTH 3    /* TS 31.102 4.2.18: octet 4, its lower half */
#define ICCID_TEST	 0x98 /* "89" swapped, and the two digits behind */

static void learn_imsi(struct audit_card *c, struct slice content)
{
	char digits[DIGITS_CAP];
	size_t len = slice_at(content, 0);

	/* TS 31.102 4.2.2: the octets, the type and parity nibble, the digits */
	if (len && len < content.len && !digits_text(slice_sub(content, 1, len), 1, digits) &&
	    strlen(digits) <= AUDIT_IMSI_MAX)
		memcpy(c->imsi, digits, strlen(digits) + 1);
}

static void learn_file(struct audit_card *c, const struct audit_step *s)
{
	const struct place *p = s->item->view.place;
	struct slice content = s->x->answer;

	if (!s->good || !p->has_ef || s->x->apdu.p2)
		return;
	if (p->ef == FID_ICCID && !slice_copy(content, c->iccid, sizeof(c->iccid)))
		c->has_iccid = true;
	if (p->application.kind == APPLICATION_ISIM)
		return;
	if (p->ef == FID_IMSI)
		learn_imsi(c, content);
	if (p->ef == FID_AD && content.len > EF_AD_MNC_LENGTH)
		c->mnc_len = slice_at(content, EF_AD_MNC_LENGTH) & 0x0F;
}

static void learn_message(struct audit_card *c, const struct audit_step *s)
{
	struct kra_status status;
	struct slice eid;

	if (s->tag == RSP_GetEuiccDataRequest && !es10c_parse_eid(s->x->answer, &eid) &&
	    !slice_copy(eid, c->eid, sizeof(c->eid)))
		c->has_eid = true;
	if (s->tag == KRA_TAG_STATUS && !kra_parse_status(s->x->answer, &status)) {
		memcpy(c->eid, status.eid, sizeof(c->eid));
		c->has_eid = true;
		c->subscription = status.active;
	}
}

void audit_card_learn(struct audit_card *c, const struct audit_step *s)
{
	c->exchanges++;
	switch (s->id) {
	case COMMAND_READ_BINARY:
	case COMMAND_GSM_READ_BINARY: learn_file(c, s); break;
	case COMMAND_STORE_DATA: learn_message(c, s); break;
	default: break;
	}
}

bool audit_was_delivered(const struct audit_step *s)
{
	if (!s->x->has_sw)
		return false;
	switch (s->x->sw >> 8) {
	case 0x68:
	case 0x6D:
	case 0x6E: return false;
	default: return true;
	}
}

bool audit_was_processed(const struct audit_step *s)
{
	if (!audit_was_delivered(s))
		return false;
	switch (s->x->sw >> 8) {
	/* GlobalPlatform E.5.2.6: a cryptogram that was looked at and is wrong, too */
	case 0x69:
		return s->id == COMMAND_GP_EXTERNAL_AUTHENTICATE && s->x->sw == SW_SECURITY_STATUS;
	case 0x67:
	case 0x6A:
	case 0x6B:
	case 0x6F:
	case 0x93:		 /* TS 102 221 14.6.6: the toolkit is busy */
	case 0x94: return false; /* TS 51.011 9.4.4: nothing, or another file is selected */
	case 0x98: return s->x->sw == SW_AUTH_MAC; /* 9.4.5: a code is missing or blocked */
	default: return true;
	}
}

bool audit_switches_profiles(const struct audit_step *s)
{
	switch (s->tag) {
	case SGP22_TAG_ENABLE_PROFILE:
	case SGP22_TAG_DISABLE_PROFILE:
	case SGP22_TAG_DELETE_PROFILE:
	case SGP22_TAG_MEMORY_RESET: return true;
	default: return false;
	}
}

bool audit_changes_profile(const struct audit_step *s)
{
	const struct place *p = s->item->view.place;

	if (s->x->has_sw && !s->good)
		return false;
	if (s->tag && audit_switches_profiles(s))
		return true;
	return (s->id == COMMAND_UPDATE_BINARY || s->id == COMMAND_GSM_UPDATE_BINARY) &&
	       p->has_ef && p->ef == FID_IMSI;
}

enum audit_grant audit_grant_outcome(const struct audit_step *s)
{
	struct kra_outcome o;

	if (s->x->has_sw && !s->good)
		return AUDIT_GRANT_REFUSED;
	if (!s->good || kra_parse_outcome(s->x->answer, &o))
		return AUDIT_GRANT_UNKNOWN;
	return o.result == KRA_RESULT_OK ? AUDIT_GRANT_TAKEN : AUDIT_GRANT_REFUSED;
}

bool audit_imsi_is_test(const char *imsi)
{
	/* ITU-T E.212: 001 for tests, 999 for networks inside a house */
	return strncmp(imsi, "001", 3) == 0 || strncmp(imsi, "999", 3) == 0;
}

bool audit_card_is_live(const struct audit_card *c)
{
	static const uint8_t test[] = {ICCID_TEST, 0x00}; /* TS.48: 8900 is no country's */

	if (*c->imsi)
		return !audit_imsi_is_test(c->imsi);
	return c->has_iccid && !slice_starts(SLICE_OF(c->iccid), SLICE_OF(test));
}
