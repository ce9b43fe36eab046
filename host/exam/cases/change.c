/* change: what changes the card, and takes it back. TS 102 221 11.1.4, 11.1.6, 11.1.17; SGP.22 5.7
 */
#include <string.h>

#include "host/exam/cases/cases.h"
#include "host/exam/fcp.h"
#include "host/exam/probe.h"
#include "host/terminal/journey.h"
#include "host/terminal/kra.h"
#include "host/terminal/lpa/lpa.h"
#include "lib/rsp/es10c.h"
#include "tool/sys/cancel.h"

#define LOCI_LEN      11
#define OPENINGS      200
#define NICKNAME      "twinkey test-card"
#define NICKNAME_TEXT 65

/* PIN1 again, after a reset. */
static bool unlocked(struct exam *x)
{
	struct failure f = {.err = ERR_OK};

	if (exam_has(x, EXAM_PIN_ENABLED) && !x->unlocked && exam_at_usim(x))
		f = x->plan->user.unlock(x->plan->user.ctx, x->u);
	x->unlocked = !f.err;
	return exam_check(x, !f.err, "PIN1 is refused after a reset: %.160s", f.text);
}

static bool read_loci(struct exam *x, struct exam_answer *a)
{
	struct exam_answer fcp;

	if (!exam_under_usim(x, FID_LOCI, &fcp) || exam_read_binary(x, 0, LOCI_LEN, a) != SW_OK ||
	    a->len != LOCI_LEN) {
		exam_skip(x, "EF.LOCI is not to be read");
		return false;
	}
	return exam_goes_on(x);
}

static uint16_t update_binary(struct exam *x, unsigned offset, struct slice data)
{
	struct apdu c =
		exam_command(COMMAND_UPDATE_BINARY, (uint8_t)(offset >> 8), (uint8_t)offset, 0);
	struct exam_answer a;

	c.data = data;
	return exam_send(x, &c, &a);
}

static void binary(struct exam *x)
{
	struct cancel *cancel = uicc_cancel(x->u);
	struct exam_answer was, is;
	uint8_t other[LOCI_LEN];

	if (!read_loci(x, &was) || slice_copy(exam_data(&was), other, sizeof(other)))
		return;
	other[0] ^= 0xFF;    /* of the TMSI */
	cancel_hold(cancel); /* until the file is what it was */
	exam_sw(x, update_binary(x, 0, SLICE_OF(other)), "UPDATE BINARY of EF.LOCI", SW(SW_OK));
	exam_read_binary(x, 0, LOCI_LEN, &is);
	exam_check(x, slice_equal(exam_data(&is), SLICE_OF(other)),
		   "READ BINARY does not give what was written");
	if (exam_reset(x, true) && unlocked(x) && read_loci(x, &is))
		exam_check(x, slice_equal(exam_data(&is), SLICE_OF(other)),
			   "what was written is gone after a reset");
	exam_sw(x, update_binary(x, 0, exam_data(&was)), "UPDATE BINARY that puts EF.LOCI back",
		SW(SW_OK));
	cancel_unhold(cancel);
}

static void binary_part(struct exam *x)
{
	struct cancel *cancel = uicc_cancel(x->u);
	struct exam_answer was, is;
	uint8_t part[2];

	if (!read_loci(x, &was) || slice_copy(slice_sub(exam_data(&was), 1, 2), part, 2))
		return;
	part[0] ^= 0xFF;
	cancel_hold(cancel);
	exam_sw(x, update_binary(x, 1, SLICE_OF(part)), "UPDATE BINARY of 2 octets from offset 1",
		SW(SW_OK));
	exam_read_binary(x, 0, LOCI_LEN, &is);
	exam_check(x,
		   slice_equal(slice_sub(exam_data(&is), 1, 2), SLICE_OF(part)) &&
			   slice_at(exam_data(&is), 0) == slice_at(exam_data(&was), 0) &&
			   slice_equal(slice_sub(exam_data(&is), 3, LOCI_LEN),
				       slice_sub(exam_data(&was), 3, LOCI_LEN)),
		   "UPDATE BINARY changes other octets than those it was given");
	update_binary(x, 0, exam_data(&was));
	cancel_unhold(cancel);
}

static void binary_over_end(struct exam *x)
{
	struct cancel *cancel = uicc_cancel(x->u);
	struct exam_answer was, is;
	uint8_t more[2] = {0x5A, 0xA5};

	if (!read_loci(x, &was))
		return;
	cancel_hold(cancel);
	exam_sw(x, update_binary(x, LOCI_LEN - 1, SLICE_OF(more)), "UPDATE BINARY over the end",
		SW(SW_WRONG_LENGTH, SW_OUT_OF_RANGE, SW_NO_MEMORY));
	exam_read_binary(x, 0, LOCI_LEN, &is);
	if (!exam_check(x, slice_equal(exam_data(&is), exam_data(&was)),
			"an UPDATE BINARY that was refused has written something"))
		update_binary(x, 0, exam_data(&was));
	cancel_unhold(cancel);
}

static uint16_t update_record(struct exam *x, struct slice data)
{
	struct apdu c = exam_command(COMMAND_UPDATE_RECORD, 1, RECORD_ABSOLUTE, 0);
	struct exam_answer a;

	c.data = data;
	return exam_send(x, &c, &a);
}

static bool read_msisdn(struct exam *x, struct exam_answer *a)
{
	struct exam_answer fcp;
	struct exam_fcp f;

	if (!exam_under_usim(x, FID_MSISDN, &fcp)) {
		exam_skip(x, "there is no EF.MSISDN");
		return false;
	}
	fcp_take(exam_data(&fcp), &f);
	if (exam_read_record(x, 1, RECORD_ABSOLUTE, f.record_len, a) != SW_OK || a->len < 2) {
		exam_skip(x, "EF.MSISDN is not to be read");
		return false;
	}
	return true;
}

static void record(struct exam *x)
{
	struct cancel *cancel = uicc_cancel(x->u);
	struct exam_answer was, is;
	uint8_t other[APDU_RESPONSE_MAX];
	uint16_t sw;

	if (!read_msisdn(x, &was) || slice_copy(exam_data(&was), other, was.len))
		return;
	other[0] ^= 0x01;
	cancel_hold(cancel);
	sw = update_record(x, slice_make(other, was.len));
	if (sw == SW_SECURITY_STATUS) {
		exam_skip(x, "EF.MSISDN wants more than PIN1 to be updated");
	} else if (exam_sw(x, sw, "UPDATE RECORD of EF.MSISDN", SW(SW_OK))) {
		read_msisdn(x, &is);
		exam_check(x, slice_equal(exam_data(&is), slice_make(other, was.len)),
			   "READ RECORD does not give what was written");
		exam_sw(x, update_record(x, exam_data(&was)),
			"UPDATE RECORD that puts EF.MSISDN back", SW(SW_OK));
	}
	cancel_unhold(cancel);
}

static void record_short(struct exam *x)
{
	struct cancel *cancel = uicc_cancel(x->u);
	struct exam_answer was, is;

	if (!read_msisdn(x, &was))
		return;
	cancel_hold(cancel);
	exam_sw(x, update_record(x, slice_sub(exam_data(&was), 0, was.len - 1)),
		"UPDATE RECORD of one octet too few", SW(SW_WRONG_LENGTH, SW_SECURITY_STATUS));
	read_msisdn(x, &is);
	if (!exam_check(x, slice_equal(exam_data(&is), exam_data(&was)),
			"an UPDATE RECORD that was refused has written something"))
		update_record(x, exam_data(&was));
	cancel_unhold(cancel);
}

static void channels(struct exam *x)
{
	struct exam_answer a;

	exam_reset(x, false);
	for (unsigned i = 0; i < OPENINGS && exam_goes_on(x); i++) {
		unsigned n = exam_open_channel(x, &a);

		if (!exam_check(x, n, "opening %u of %u: %04X", i + 1, OPENINGS, a.sw))
			return;
		exam_close_channel(x, n);
	}
}

/* The enabled profile. */
static bool enabled_profile(struct lpa *l, uint8_t iccid[static RSP_ICCID_LEN],
			    char nickname[static NICKNAME_TEXT])
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10c_profile_info p;
	struct slice items;
	bool found = false;

	if (!lpa_profiles(l, &der, &items)) {
		struct cursor c = cursor_of(items);

		while (!found && es10c_next_profile(&c, &p))
			found = p.has_state && p.state == ES10C_ENABLED &&
				!slice_copy(p.iccid, iccid, RSP_ICCID_LEN) &&
				!slice_text(p.nickname, nickname, NICKNAME_TEXT);
	}
	wbuf_free(&der);
	return found;
}

static bool open_lpa(struct exam *x, struct lpa **l)
{
	x->dirty = true;
	return exam_check(x, exam_took(x, lpa_open(x->u, x->plan->isdr_aid, l)),
			  "the ISD-R does not open");
}

static void nickname(struct exam *x)
{
	struct cancel *cancel = uicc_cancel(x->u);
	uint8_t iccid[RSP_ICCID_LEN];
	char was[NICKNAME_TEXT] = "", is[NICKNAME_TEXT] = "";
	struct lpa *l = NULL;
	enum err e;

	if (!open_lpa(x, &l))
		return;
	if (enabled_profile(l, iccid, was)) {
		cancel_hold(cancel);
		e = lpa_set_nickname(l, SLICE_OF(iccid), NICKNAME);
		exam_took(x, e);
		exam_check(x, !e, "SetNickname is refused");
		exam_check(x, enabled_profile(l, iccid, is) && strcmp(is, NICKNAME) == 0,
			   "the nickname is '%s', not what was set", is);
		e = lpa_set_nickname(l, SLICE_OF(iccid), was);
		exam_check(x, !e, "SetNickname back is refused");
		cancel_unhold(cancel);
	}
	lpa_close(&l);
}

static bool command_profile(struct exam *x, uint32_t tag, const uint8_t iccid[RSP_ICCID_LEN],
			    const char *what)
{
	struct lpa *l = NULL;
	enum err e;

	if (!open_lpa(x, &l))
		return false;
	e = lpa_profile_command(l, tag, slice_make(iccid, RSP_ICCID_LEN));
	if (e == ERR_REFUSED && tag == SGP22_TAG_DISABLE_PROFILE)
		exam_skip(x, "%s is refused: %s", what, lpa_message(l));
	else if (e == ERR_REFUSED || e == ERR_WRONG_STATE || e == ERR_NOT_FOUND || e == ERR_CARD)
		exam_depart(x, "%s: %s", what, lpa_message(l));
	else
		exam_took(x, e);
	lpa_close(&l);
	return !e && exam_reset(x, false);
}

static void profile_switch(struct exam *x)
{
	struct cancel *cancel = uicc_cancel(x->u);
	uint8_t iccid[RSP_ICCID_LEN];
	char name[NICKNAME_TEXT] = "";
	struct exam_answer a;
	struct lpa *l = NULL;
	bool found;

	if (!open_lpa(x, &l))
		return;
	found = enabled_profile(l, iccid, name);
	lpa_close(&l);
	cancel_hold(cancel);
	if (found && command_profile(x, SGP22_TAG_DISABLE_PROFILE, iccid, "DisableProfile")) {
		if (exam_under_mf(x, FID_ICCID, &a) &&
		    exam_read_binary(x, 0, RSP_ICCID_LEN, &a) == SW_OK)
			exam_check(x, !slice_equal(exam_data(&a), SLICE_OF(iccid)),
				   "EF.ICCID still is that of the profile that was disabled");
		if (command_profile(x, SGP22_TAG_ENABLE_PROFILE, iccid, "EnableProfile") &&
		    exam_under_mf(x, FID_ICCID, &a)) {
			exam_read_binary(x, 0, RSP_ICCID_LEN, &a);
			exam_check(x, slice_equal(exam_data(&a), SLICE_OF(iccid)),
				   "EF.ICCID is not that of the profile that was enabled");
		}
	}
	cancel_unhold(cancel);
}

static void hear_nothing(void *ctx, const struct journey_event *ev)
{
	(void)ctx, (void)ev;
}

/* The application has a second subscription to release, or has released it. */
static bool has_second(struct exam *x)
{
	struct kra_status s = {.state = KRA_STATE_NO_PROFILE};
	struct kra k;
	enum err e = kra_open(x->u, &k);

	x->dirty = true;
	if (!e)
		e = kra_ask_status(&k, &s);
	exam_took(x, e);
	if (!e && s.state != KRA_STATE_SEALED && s.state != KRA_STATE_RELEASED)
		exam_skip(x, "the profile has no second subscription (%s)",
			  kra_state_name(s.state));
	return exam_reset(x, false) &&
	       (s.state == KRA_STATE_SEALED || s.state == KRA_STATE_RELEASED);
}

static void two_keys(struct exam *x)
{
	struct journey_plan plan = *x->plan->journey;
	struct failure f;

	if (!has_second(x))
		return;
	plan.u = x->u;
	if (!plan.observer.hear)
		plan.observer = (struct journey_observer){.hear = hear_nothing};
	x->dirty = true;
	f = journey_run(&plan);
	x->unlocked = false;
	if (f.err == ERR_CANCELLED || f.err == ERR_DISCONNECTED)
		exam_took(x, f.err);
	else if (f.err && f.party != PARTY_CARD)
		exam_skip(x, "%.200s%s%.60s", f.text, f.is_whole ? "" : ": ",
			  f.is_whole ? "" : err_text(f.err));
	else
		exam_check(x, !f.err, "%.200s%s%.60s", f.text, f.is_whole ? "" : ": ",
			   f.is_whole ? "" : err_text(f.err));
}

#define FILES	 .needs = EXAM_CHANGES | EXAM_UICC | EXAM_USIM | EXAM_PIN
#define PROFILES .needs = EXAM_CHANGES | EXAM_ISDR | EXAM_ENABLED_PROFILE

static const struct exam_case cases[] = {
	{RULE("change.binary", FINDING_ERROR, "TS 102 221 11.1.4",
	      "what UPDATE BINARY writes is read, also after a reset"),
	 FILES, .run = binary},
	{RULE("change.binary-part", FINDING_ERROR, "TS 102 221 11.1.4",
	      "UPDATE BINARY writes the octets at its offset, and no others"),
	 FILES, .run = binary_part},
	{RULE("change.binary-over-end", FINDING_ERROR, "TS 102 221 11.1.4, 10.2.1.5",
	      "UPDATE BINARY over the end is refused, and writes nothing"),
	 FILES, .run = binary_over_end},
	{RULE("change.record", FINDING_ERROR, "TS 102 221 11.1.6",
	      "what UPDATE RECORD writes is read"),
	 FILES, .run = record},
	{RULE("change.record-short", FINDING_ERROR, "TS 102 221 11.1.6, 10.2.1.5",
	      "UPDATE RECORD of another length than the record's is refused (67xx)"),
	 FILES, .run = record_short},
	{RULE("change.channels", FINDING_ERROR, "TS 102 221 11.1.17",
	      "a channel opens and closes 200 times"),
	 .needs = EXAM_CHANGES | EXAM_UICC | EXAM_CHANNELS, .run = channels},
	{RULE("change.nickname", FINDING_ERROR, "SGP.22 5.7.21",
	      "the nickname of a profile is what was set"),
	 PROFILES, .run = nickname},
	{RULE("change.profile", FINDING_ERROR, "SGP.22 5.7.16, 5.7.17",
	      "the enabled profile is disabled and enabled again, and EF.ICCID follows"),
	 PROFILES, .run = profile_switch},
	{RULE("change.two-keys", FINDING_ERROR, "docs/protocol.md 2, 5",
	      "the card goes the whole way from the first key to full access with the second"),
	 .needs = EXAM_KRA | EXAM_OPERATOR | EXAM_CHANGES | EXAM_ENABLED_PROFILE,
	 .authentications = 6, .run = two_keys},
};

EXAM_GROUP(change, "Changes", cases)
