/* isdr: ES10, the eUICC's side of an LPA. GSMA SGP.22 5.7, SGP.29; nothing here changes anything */
#include "host/exam/cases/cases.h"
#include "host/exam/probe.h"
#include "lib/base/tlv.h"
#include "lib/rsp/es10a.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/rat.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/fcp.h"

#define TAG_NONE       0xBF7A /* that no function of SGP.22 has */
#define TAG_ISDR_SVN   0x82
#define P1_RFU	       0x00 /* of STORE DATA */
#define PROFILES_MAX   128
#define EID_START      0x89
#define NO_SEQUENCE    0x7FFFFFFF
#define RESULT_NOTHING 1 /* iccidOrAidNotFound, nothingToDelete */

struct talk { /* a channel to the ISD-R, and its last answer */
	unsigned channel;
	uint16_t sw;
	struct wbuf fci, answer;
};

static bool talk_begin(struct exam *x, struct talk *t)
{
	struct slice aid = x->plan->isdr_aid.len ? x->plan->isdr_aid : aid_of(AID_ISDR);
	enum err e;

	*t = (struct talk){.fci = wbuf_grow(APDU_RESPONSE_MAX),
			   .answer = wbuf_grow(UICC_RESPONSE_MAX)};
	x->dirty = true;
	e = uicc_channel_open(x->u, aid, &t->channel, &t->fci, &t->sw);
	if (e == ERR_CARD)
		exam_depart(x, "%s of the ISD-R: %04X", uicc_last_step(x->u), t->sw);
	return exam_took(x, e);
}

static void talk_end(struct exam *x, struct talk *t)
{
	if (t->channel)
		exam_close_channel(x, t->channel);
	wbuf_free(&t->fci);
	wbuf_free(&t->answer);
}

/* One function, whose answer is in t->answer; false where it is refused. */
static bool talk(struct exam *x, struct talk *t, const struct wbuf *request, const char *what)
{
	enum err e;

	if (!exam_goes_on(x))
		return false;
	wbuf_reset(&t->answer);
	e = uicc_store_data(x->u, t->channel, wbuf_slice(request), &t->answer, &t->sw);
	if (e == ERR_PROTOCOL)
		exam_depart(x, "%s: the answer never ends", what);
	if (!exam_took(x, e))
		return false;
	return exam_sw(x, t->sw, what, SW(SW_OK));
}

static bool ask_empty(struct exam *x, struct talk *t, uint32_t tag, const char *what)
{
	uint8_t octets[8];
	struct wbuf request = wbuf_init(octets, sizeof(octets));

	tlv_put(&request, tag, SLICE_EMPTY);
	return talk(x, t, &request, what);
}

static bool ask_eid(struct exam *x, struct talk *t, struct slice *eid)
{
	uint8_t octets[16];
	struct wbuf request = wbuf_init(octets, sizeof(octets));

	es10c_put_get_eid(&request);
	if (!talk(x, t, &request, "GetEID"))
		return false;
	return exam_check(x, !es10c_parse_eid(wbuf_slice(&t->answer), eid),
			  "GetEID: its answer is not EID in BF3E");
}

static void fci(struct exam *x)
{
	struct talk t;
	struct slice body, aid, isdr, svn;

	if (talk_begin(x, &t)) {
		struct slice whole = wbuf_slice(&t.fci);

		if (exam_check(x, !tlv_only(whole, UICC_FCI, &body),
			       "SELECT of the ISD-R gives no FCI (6F) that fills the answer")) {
			exam_check(x,
				   tlv_find(body, UICC_FCP_DF_NAME, &aid) &&
					   (x->plan->isdr_aid.len ||
					    slice_equal(aid, aid_of(AID_ISDR))),
				   "the FCI does not have the ISD-R's AID");
			exam_check(x,
				   tlv_find(body, UICC_FCI_ISDR, &isdr) &&
					   tlv_find(isdr, TAG_ISDR_SVN, &svn) && svn.len == 3,
				   "the FCI has no ISDRProprietaryApplicationTemplate with the "
				   "version of SGP.22");
		}
	}
	talk_end(x, &t);
}

static void eid(struct exam *x)
{
	struct talk t;
	struct slice e;
	unsigned left = 0;

	if (talk_begin(x, &t) && ask_eid(x, &t, &e)) {
		exam_check(x, slice_at(e, 0) == EID_START, "the EID begins with %02X, not with 89",
			   slice_at(e, 0));
		for (size_t i = 0; i < e.len; i++) {
			unsigned high = slice_at(e, i) >> 4, low = slice_at(e, i) & 0x0F;

			exam_check(x, high <= 9 && low <= 9, "the EID has digits that are none");
			left = (left * 100 + high * 10 + low) % 97;
		}
		exam_check(x, left == 1,
			   "the EID's check digits are wrong: modulo 97 it is %u, not 1", left);
	}
	talk_end(x, &t);
}

static bool take_info1(struct exam *x, struct talk *t, struct es10b_euicc_info1 *out)
{
	return ask_empty(x, t, SGP22_TAG_EUICC_INFO1, "GetEUICCInfo1") &&
	       exam_check(x, !es10b_parse_euicc_info1(wbuf_slice(&t->answer), out),
			  "EUICCInfo1 is not as the ASN.1 module has it");
}

static bool take_info2(struct exam *x, struct talk *t, struct es10b_euicc_info2 *out)
{
	return ask_empty(x, t, SGP22_TAG_EUICC_INFO2, "GetEUICCInfo2") &&
	       exam_check(x, !es10b_parse_euicc_info2(wbuf_slice(&t->answer), out),
			  "EUICCInfo2 is not as the ASN.1 module has it");
}

static void info1(struct exam *x)
{
	struct talk t;
	struct es10b_euicc_info1 i;

	if (talk_begin(x, &t) && take_info1(x, &t, &i)) {
		exam_check(x, i.svn.len == RSP_VERSION_LEN && slice_at(i.svn, 0) >= 2,
			   "the version of SGP.22 is %u", slice_at(i.svn, 0));
		exam_check(x, i.ci_verify.len && i.ci_sign.len,
			   "no CI's key is named, for verification or for signing");
	}
	talk_end(x, &t);
}

static void info2(struct exam *x)
{
	struct talk t;
	struct es10b_euicc_info2 i;
	struct slice free_memory;

	if (talk_begin(x, &t) && take_info2(x, &t, &i)) {
		exam_check(x,
			   i.profile_version.len == 3 && i.firmware.len == 3 &&
				   i.pp_version.len == 3,
			   "a version is not three octets");
		exam_check(x, tlv_find(i.ext_resource, ES10B_RESOURCE_FREE_NVM, &free_memory),
			   "extCardResource does not tell the free memory");
	}
	talk_end(x, &t);
}

static void infos_agree(struct exam *x)
{
	struct talk t, second;
	struct es10b_euicc_info1 a;
	struct es10b_euicc_info2 b;

	if (talk_begin(x, &t) && take_info1(x, &t, &a)) {
		if (talk_begin(x, &second) && take_info2(x, &second, &b)) {
			exam_check(x, slice_equal(a.svn, b.svn),
				   "EUICCInfo1 and EUICCInfo2 name different versions of SGP.22");
			exam_check(x,
				   slice_equal(a.ci_verify, b.ci_verify) &&
					   slice_equal(a.ci_sign, b.ci_sign),
				   "EUICCInfo1 and EUICCInfo2 name different keys of CIs");
		}
		talk_end(x, &second);
	}
	talk_end(x, &t);
}

static void challenges(struct exam *x)
{
	struct talk t;
	uint8_t first[RSP_CHALLENGE_LEN];
	struct slice c;

	if (talk_begin(x, &t)) {
		for (unsigned i = 0; i < 2; i++) {
			if (!ask_empty(x, &t, SGP22_TAG_EUICC_CHALLENGE, "GetEUICCChallenge") ||
			    !exam_check(x, !es10b_parse_challenge(wbuf_slice(&t.answer), &c),
					"GetEUICCChallenge gives no challenge of 16 octets"))
				break;
			exam_check(x, !i || !slice_equal(c, SLICE_OF(first)),
				   "two challenges are the same");
			if (slice_copy(c, first, sizeof(first)))
				break;
		}
	}
	talk_end(x, &t);
}

/* The items of GetProfilesInfo, in t->answer. */
static bool take_profiles(struct exam *x, struct talk *t, struct cursor *items)
{
	struct es10c_profiles list;

	if (!ask_empty(x, t, SGP22_TAG_PROFILES_INFO, "GetProfilesInfo") ||
	    !exam_check(x, !es10c_parse_profiles(wbuf_slice(&t->answer), &list) && list.ok,
			"GetProfilesInfo gives no list"))
		return false;
	*items = cursor_of(list.items);
	return true;
}

static void profiles(struct exam *x)
{
	struct talk t;
	struct cursor items;
	struct es10c_profile_info p;
	unsigned n = 0, enabled = 0;

	if (talk_begin(x, &t) && take_profiles(x, &t, &items)) {
		while (n < PROFILES_MAX && es10c_next_profile(&items, &p)) {
			n++;
			enabled += p.has_state && p.state == ES10C_ENABLED;
			exam_check(x, p.iccid.len == RSP_ICCID_LEN, "profile %u has no ICCID", n);
			exam_check(x, slice_starts(p.isdp_aid, aid_of(AID_EUICC)),
				   "profile %u: its ISD-P's AID is none of SGP.02 annex H", n);
			exam_check(x, p.has_state, "profile %u has no state", n);
		}
		exam_check(x, !items.err, "ProfileInfo %u is not as the ASN.1 module has it",
			   n + 1);
		exam_check(x, enabled <= 1, "%u profiles are enabled", enabled);
	}
	talk_end(x, &t);
}

static void profile_is_there(struct exam *x)
{
	bool enabled = exam_has(x, EXAM_ENABLED_PROFILE), usim = exam_has(x, EXAM_USIM);

	exam_check(x, enabled || !usim, "no profile is enabled, and a USIM can be selected");
}

static void profile_is_iccid(struct exam *x)
{
	struct talk t;
	struct cursor items;
	struct es10c_profile_info p;
	struct exam_answer a;

	if (talk_begin(x, &t) && take_profiles(x, &t, &items)) {
		while (es10c_next_profile(&items, &p)) {
			if (!p.has_state || p.state != ES10C_ENABLED)
				continue;
			if (exam_under_mf(x, FID_ICCID, &a) &&
			    exam_read_binary(x, 0, RSP_ICCID_LEN, &a) == SW_OK)
				exam_check(x, slice_equal(exam_data(&a), p.iccid),
					   "EF.ICCID is not the ICCID of the enabled profile");
			break;
		}
	}
	talk_end(x, &t);
}

static void addresses(struct exam *x)
{
	struct talk t;
	struct es10a_configured_addresses a;

	if (talk_begin(x, &t) &&
	    ask_empty(x, &t, SGP22_TAG_CONFIGURED_ADDRESSES, "GetEuiccConfiguredAddresses"))
		exam_check(x, !es10a_parse_configured_addresses(wbuf_slice(&t.answer), &a),
			   "EuiccConfiguredAddresses is not as the ASN.1 module has it");
	talk_end(x, &t);
}

static void rat(struct exam *x)
{
	struct talk t;
	struct slice rules;
	struct cursor c;
	struct rat_rule rule;

	if (talk_begin(x, &t) && ask_empty(x, &t, SGP22_TAG_GET_RAT, "GetRAT") &&
	    exam_check(x, !es10b_parse_rat(wbuf_slice(&t.answer), &rules),
		       "GetRAT gives no table")) {
		c = cursor_of(rules);
		while (rat_next(&c, &rule))
			;
		exam_check(x, !c.err, "a rule of the table is not as the ASN.1 module has it");
	}
	talk_end(x, &t);
}

static void notifications(struct exam *x)
{
	uint8_t octets[16];
	struct wbuf request = wbuf_init(octets, sizeof(octets));
	struct es10b_notifications list;
	struct es10b_notification n;
	struct talk t;
	struct cursor c;

	es10b_put_list_notification(&request, false, 0);
	if (talk_begin(x, &t) && talk(x, &t, &request, "ListNotification") &&
	    exam_check(x,
		       !es10b_parse_notifications(wbuf_slice(&t.answer),
						  SGP22_TAG_LIST_NOTIFICATION, &list),
		       "ListNotification gives no list") &&
	    list.ok) {
		c = cursor_of(list.items);
		for (unsigned i = 1; cursor_left(&c) && exam_goes_on(x); i++) {
			struct slice raw = tlv_expect_raw(&c, SGP22_TAG_NOTIFICATION_METADATA);

			if (!exam_check(x, !c.err && !es10b_parse_notification(raw, &n),
					"notification %u is not as the ASN.1 module has it", i))
				break;
		}
	}
	talk_end(x, &t);
}

/* What a function without effect says of something that is not there. */
static void absent(struct exam *x, const struct wbuf *request, uint32_t tag, const char *what)
{
	struct talk t;
	uint32_t result = 0;

	if (talk_begin(x, &t) && talk(x, &t, request, what) &&
	    exam_check(x, !rsp_parse_result(wbuf_slice(&t.answer), tag, &result),
		       "%s: its answer is no result", what))
		exam_check(x, result == RESULT_NOTHING, "%s: result %u instead of 1", what, result);
	talk_end(x, &t);
}

static void unknown_profile(struct exam *x)
{
	static const uint8_t iccid[RSP_ICCID_LEN] = {0x98, 0x99, 0x99, 0x99, 0x99,
						     0x99, 0x99, 0x99, 0x99, 0xF9};
	uint8_t octets[32];
	struct wbuf request = wbuf_init(octets, sizeof(octets));

	es10c_put_profile_command(
		&request, SGP22_TAG_ENABLE_PROFILE,
		&(struct es10c_profile_command){.iccid = SLICE_OF(iccid), .refresh = true});
	absent(x, &request, SGP22_TAG_ENABLE_PROFILE,
	       "EnableProfile of an ICCID that is not there");
}

static void unknown_notification(struct exam *x)
{
	uint8_t octets[32];
	struct wbuf request = wbuf_init(octets, sizeof(octets));

	es10b_put_notification_sent(&request, NO_SEQUENCE);
	absent(x, &request, SGP22_TAG_NOTIFICATION_SENT,
	       "RemoveNotificationFromList of a number that is not there");
}

/* STORE DATA of GetEID as it stands, in one block of its own P1 and P2. */
static uint16_t store(struct exam *x, const struct talk *t, uint8_t p1, uint8_t p2,
		      struct slice data)
{
	struct apdu c = command_apdu(COMMAND_STORE_DATA, t->channel);
	struct exam_answer a;

	c.p1 = p1;
	c.p2 = p2;
	c.data = data;
	c.le = p1 == STORE_DATA_MORE ? 0 : 256;
	return exam_send(x, &c, &a);
}

struct bad_block {
	uint8_t p1, number;
	struct slice data;
	const char *what; /* "... is answered by" */
};

/* It is refused, and the ISD-R works on. */
static void refuses(struct exam *x, const struct bad_block *b)
{
	struct slice e;
	struct talk t;

	if (talk_begin(x, &t)) {
		uint16_t sw = store(x, &t, b->p1, b->number, b->data);

		exam_check(x, !sw_is_good(sw), "%s is answered by %04X", b->what, sw);
		ask_eid(x, &t, &e);
	}
	talk_end(x, &t);
}

static void unknown_tag(struct exam *x)
{
	uint8_t octets[8];
	struct wbuf request = wbuf_init(octets, sizeof(octets));

	tlv_put(&request, TAG_NONE, SLICE_EMPTY);
	refuses(x, &(struct bad_block){STORE_DATA_LAST, 0, wbuf_slice(&request),
				       "a function with tag BF7A"});
}

static void malformed(struct exam *x)
{
	static const uint8_t cut[] = {0xBF, 0x3E, 0x09, 0x5C};

	refuses(x,
		&(struct bad_block){STORE_DATA_LAST, 0, SLICE_OF(cut), "a GetEID that is cut off"});
}

static void block_order(struct exam *x)
{
	uint8_t octets[16];
	struct wbuf request = wbuf_init(octets, sizeof(octets));

	es10c_put_get_eid(&request);
	refuses(x, &(struct bad_block){STORE_DATA_LAST, 1, wbuf_slice(&request),
				       "a first block with number 1"});
}

static void block_p1(struct exam *x)
{
	uint8_t octets[16];
	struct wbuf request = wbuf_init(octets, sizeof(octets));

	es10c_put_get_eid(&request);
	refuses(x, &(struct bad_block){P1_RFU, 0, wbuf_slice(&request), "STORE DATA with P1 00"});
}

static void two_blocks(struct exam *x)
{
	uint8_t octets[16], first[RSP_EID_LEN];
	struct wbuf request = wbuf_init(octets, sizeof(octets));
	struct slice e, whole;
	struct talk t;
	struct exam_answer a;

	es10c_put_get_eid(&request);
	whole = wbuf_slice(&request);
	if (talk_begin(x, &t) && ask_eid(x, &t, &e) && !slice_copy(e, first, sizeof(first))) {
		struct apdu c = command_apdu(COMMAND_STORE_DATA, t.channel);

		exam_sw(x, store(x, &t, STORE_DATA_MORE, 0, slice_sub(whole, 0, 3)),
			"STORE DATA of the first of two blocks", SW(SW_OK));
		c.p1 = STORE_DATA_LAST;
		c.p2 = 1;
		c.data = slice_sub(whole, 3, whole.len);
		c.le = 256;
		exam_sw(x, exam_send(x, &c, &a), "STORE DATA of the second", SW(SW_OK));
		exam_check(x,
			   !es10c_parse_eid(exam_data(&a), &e) && slice_equal(e, SLICE_OF(first)),
			   "GetEID in two blocks has another answer than in one");
	}
	talk_end(x, &t);
}

#define ISDR .needs = EXAM_ISDR

static const struct exam_case cases[] = {
	{RULE("isdr.fci", FINDING_ERROR, "SGP.22 5.7.1",
	      "SELECT of the ISD-R gives its AID, and the version of SGP.22 in E0"),
	 ISDR, .run = fci},
	{RULE("isdr.eid", FINDING_ERROR, "SGP.22 5.7.20, SGP.29 3, ISO/IEC 7064",
	      "the EID has 32 digits that begin with 89, and its check digits (modulo 97) are "
	      "right"),
	 ISDR, .run = eid},
	{RULE("isdr.info1", FINDING_ERROR, "SGP.22 5.7.8",
	      "EUICCInfo1 has the version of SGP.22 and the keys of CIs"),
	 ISDR, .run = info1},
	{RULE("isdr.info2", FINDING_ERROR, "SGP.22 5.7.8",
	      "EUICCInfo2 has its versions and the free memory"),
	 ISDR, .run = info2},
	{RULE("isdr.infos-agree", FINDING_ERROR, "SGP.22 5.7.8",
	      "EUICCInfo1 and EUICCInfo2 have one version and the same keys of CIs"),
	 ISDR, .run = infos_agree},
	{RULE("isdr.challenge", FINDING_ERROR, "SGP.22 5.7.7",
	      "a challenge has 16 octets, and two differ"),
	 ISDR, .run = challenges},
	{RULE("isdr.profiles", FINDING_ERROR, "SGP.22 5.7.15",
	      "each profile has ICCID, AID and state, and one is enabled at most"),
	 ISDR, .run = profiles},
	{RULE("isdr.profile-files", FINDING_ERROR, "SGP.22 5.7.15, 2.4.3",
	      "a USIM is there only when a profile is enabled"),
	 ISDR, .run = profile_is_there},
	{RULE("isdr.profile-iccid", FINDING_ERROR, "SGP.22 5.7.15, TS 102 221 13.2",
	      "EF.ICCID is the ICCID of the enabled profile"),
	 .needs = EXAM_ISDR | EXAM_ENABLED_PROFILE, .run = profile_is_iccid},
	{RULE("isdr.addresses", FINDING_ERROR, "SGP.22 5.7.3",
	      "the configured addresses are as the ASN.1 module has them"),
	 ISDR, .run = addresses},
	{RULE("isdr.rules", FINDING_ERROR, "SGP.22 5.7.22",
	      "the rules authorisation table is as the ASN.1 module has it"),
	 ISDR, .run = rat},
	{RULE("isdr.notifications", FINDING_ERROR, "SGP.22 5.7.9",
	      "the list of notifications is as the ASN.1 module has it"),
	 ISDR, .run = notifications},
	{RULE("isdr.unknown-profile", FINDING_ERROR, "SGP.22 5.7.16",
	      "EnableProfile of an ICCID that is not there has result 1"),
	 ISDR, .run = unknown_profile},
	{RULE("isdr.unknown-notification", FINDING_ERROR, "SGP.22 5.7.11",
	      "RemoveNotificationFromList of a number that is not there has result 1"),
	 ISDR, .run = unknown_notification},
	{RULE("isdr.unknown-function", FINDING_ERROR, "SGP.22 5.7.2",
	      "a function that there is not is refused, and the next one works"),
	 ISDR, .run = unknown_tag},
	{RULE("isdr.malformed", FINDING_ERROR, "SGP.22 5.7.2",
	      "a request that is cut off is refused, and the next one works"),
	 ISDR, .run = malformed},
	{RULE("isdr.block-number", FINDING_ERROR, "SGP.22 5.7.2, GlobalPlatform 11.11",
	      "the first block of STORE DATA has number 0"),
	 ISDR, .run = block_order},
	{RULE("isdr.block-p1", FINDING_ERROR, "SGP.22 5.7.2", "P1 of STORE DATA is 11 or 91"), ISDR,
	 .run = block_p1},
	{RULE("isdr.two-blocks", FINDING_ERROR, "SGP.22 5.7.2",
	      "a request in two blocks is answered as in one"),
	 ISDR, .run = two_blocks},
};

EXAM_GROUP(isdr, "eUICC (ES10)", cases)
