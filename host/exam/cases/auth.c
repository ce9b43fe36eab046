/* auth: AUTHENTICATE. 3GPP TS 31.102 7.1, TS 33.102 6.3 */
#include <string.h>

#include "host/exam/cases/cases.h"
#include "host/exam/probe.h"
#include "host/terminal/usim.h"

#define CONTEXT_RFU (AUTHENTICATE_GSM | 0x07)
#define GSM_ACCESS  27 /* services of EF.UST: Kc in the 3G context; the GSM context */
#define GSM_CONTEXT 38

struct attempt {
	uint8_t rand[USIM_RAND_LEN], autn[USIM_AUTN_LEN];
	struct usim_answer answer;
};

/* A challenge of whoever knows the key, and the card's answer to it. */
static bool challenge_card(struct exam *x, enum exam_challenge kind, struct attempt *t)
{
	const struct exam_keys *k = x->plan->keys;
	enum err e = k->challenge(k->ctx, kind, t->rand, t->autn);

	if (!exam_took(x, e) || !exam_at_usim(x))
		return false;
	e = kind == EXAM_FOR_GSM ? usim_gsm_authenticate(x->u, t->rand, &t->answer)
				 : usim_authenticate(x->u, t->rand, t->autn, &t->answer);
	if (e == ERR_PROTOCOL)
		exam_depart(x, "the answer to AUTHENTICATE is not as the standard has it");
	else if (e == ERR_CARD)
		exam_depart(x, "AUTHENTICATE: %04X (%s)", uicc_last_sw(x->u),
			    sw_text(uicc_last_sw(x->u)));
	return exam_took(x, e);
}

static void wipe_attempt(struct attempt *t)
{
	volatile uint8_t *p = (volatile uint8_t *)t; /* CK, IK, Kc */

	for (size_t i = 0; i < sizeof(*t); i++)
		p[i] = 0;
}

/* A fresh challenge that the card takes; where its SQN is elsewhere, the second one. */
static bool ask_fresh(struct exam *x, struct attempt *t)
{
	const struct exam_keys *k = x->plan->keys;
	enum err e;

	if (!challenge_card(x, EXAM_FRESH, t))
		return false;
	if (t->answer.outcome == USIM_SYNC_FAILURE) {
		e = k->resynchronise(k->ctx, t->answer.auts);
		exam_check(x, e != ERR_MAC, "AUTS does not open with the card's key");
		exam_check(x, e != ERR_SYNC, "the card has used up its sequence numbers");
		if ((e && e != ERR_VALUE) || !challenge_card(x, EXAM_FRESH, t))
			return false;
	}
	exam_check(x, t->answer.outcome != USIM_MAC_FAILURE,
		   "the card refuses AUTN: another K, OPc or AMF than in the key file");
	exam_check(x, t->answer.outcome != USIM_SYNC_FAILURE,
		   "the card refuses the number after its own, too");
	return exam_goes_on(x) && t->answer.outcome == USIM_SUCCESS;
}

/* EF.UST has this service; false too where it is not to be read. */
static bool announces_service(struct exam *x, unsigned n)
{
	struct exam_answer ust;

	return exam_usim_file(x, FID_UST, &ust) &&
	       (slice_at(exam_data(&ust), (n - 1) / 8) >> (n - 1) % 8 & 1);
}

static void right_answer(struct exam *x)
{
	const struct exam_keys *k = x->plan->keys;
	struct attempt t;
	const char *wrong;

	if (ask_fresh(x, &t)) {
		wrong = k->judge(k->ctx, &t.answer);
		exam_check(x, !wrong, "%s is wrong", wrong ? wrong : "");
		if (announces_service(x, GSM_ACCESS))
			exam_check(x, t.answer.has_kc,
				   "EF.UST has GSM access (27), and no Kc comes with CK and IK");
	}
	wipe_attempt(&t);
}

/* The last challenge again: its AUTS must open, and tell the number that the card took. */
static void replay(struct exam *x, struct attempt *t)
{
	const struct exam_keys *k = x->plan->keys;
	enum err e;

	if (!challenge_card(x, EXAM_REPLAYED, t))
		return;
	exam_check(x, t->answer.outcome != USIM_SUCCESS,
		   "a challenge is taken a second time: its number is not remembered");
	if (!exam_check(x, t->answer.outcome == USIM_SYNC_FAILURE,
			"a replayed challenge is answered by no AUTS"))
		return;
	e = k->resynchronise(k->ctx, t->answer.auts);
	exam_check(x, e != ERR_MAC, "AUTS does not open with the card's key");
	exam_check(x, e != ERR_VALUE, "the number in AUTS is older than one that the card took");
}

static void replayed(struct exam *x)
{
	struct attempt t;

	if (ask_fresh(x, &t))
		replay(x, &t);
	wipe_attempt(&t);
}

static void replayed_after_reset(struct exam *x)
{
	struct attempt t;

	if (ask_fresh(x, &t) && exam_reset(x, true)) {
		struct failure f = {.err = ERR_OK};

		if (exam_has(x, EXAM_PIN_ENABLED) && exam_at_usim(x))
			f = x->plan->user.unlock(x->plan->user.ctx, x->u);
		x->unlocked = !f.err;
		if (!f.err)
			replay(x, &t);
	}
	wipe_attempt(&t);
}

static void resynchronised(struct exam *x)
{
	struct attempt t;

	if (ask_fresh(x, &t)) {
		replay(x, &t);
		exam_check(x, challenge_card(x, EXAM_FRESH, &t) && t.answer.outcome == USIM_SUCCESS,
			   "after a resynchronisation the next number is refused");
	}
	wipe_attempt(&t);
}

static void mac_keeps(struct exam *x)
{
	struct attempt t;

	if (ask_fresh(x, &t) && challenge_card(x, EXAM_WRONG_MAC, &t)) {
		exam_check(x, t.answer.outcome == USIM_MAC_FAILURE,
			   "AUTN with one bit of its MAC changed is not refused by 9862");
		if (challenge_card(x, EXAM_FRESH, &t))
			exam_check(x, t.answer.outcome == USIM_SUCCESS,
				   "a number that came with a wrong MAC is used up");
	}
	wipe_attempt(&t);
}

static void gsm_answer(struct exam *x)
{
	const struct exam_keys *k = x->plan->keys;
	struct attempt t;
	const char *wrong;

	if (!announces_service(x, GSM_CONTEXT)) {
		exam_skip(x, "EF.UST has no GSM security context (38)");
		return;
	}
	if (challenge_card(x, EXAM_FOR_GSM, &t)) {
		wrong = k->judge(k->ctx, &t.answer);
		exam_check(x, !wrong, "%s is wrong", wrong ? wrong : "");
	}
	wipe_attempt(&t);
}

/* AUTHENTICATE as it stands. */
static uint16_t authenticate_plain(struct exam *x, uint8_t p2, size_t rand_len, size_t autn_len,
				   struct exam_answer *a)
{
	struct apdu c = exam_command(COMMAND_AUTHENTICATE, 0, p2, 256);
	uint8_t octets[64];
	struct wbuf w = wbuf_init(octets, sizeof(octets));

	wbuf_u8(&w, (uint8_t)rand_len);
	wbuf_fill(&w, 0x5A, rand_len);
	if (autn_len) {
		wbuf_u8(&w, (uint8_t)autn_len);
		wbuf_fill(&w, 0xA5, autn_len);
	}
	c.data = wbuf_slice(&w);
	if (!exam_at_usim(x))
		return 0;
	return exam_send(x, &c, a);
}

static void foreign(struct exam *x)
{
	struct exam_answer a;

	exam_sw(x, authenticate_plain(x, AUTHENTICATE_3G, USIM_RAND_LEN, USIM_AUTN_LEN, &a),
		"AUTHENTICATE with an AUTN that is not genuine", SW(SW_AUTH_MAC));
	exam_check(x, !a.len, "%zu octets come with it", a.len);
}

static void rand_length(struct exam *x)
{
	struct exam_answer a;

	exam_sw(x, authenticate_plain(x, AUTHENTICATE_3G, USIM_RAND_LEN - 1, USIM_AUTN_LEN, &a),
		"AUTHENTICATE with a RAND of 15 octets", SW(SW_WRONG_LENGTH, SW_WRONG_DATA));
}

static void autn_length(struct exam *x)
{
	struct exam_answer a;

	exam_sw(x, authenticate_plain(x, AUTHENTICATE_3G, USIM_RAND_LEN, USIM_AUTN_LEN - 1, &a),
		"AUTHENTICATE with an AUTN of 15 octets", SW(SW_WRONG_LENGTH, SW_WRONG_DATA));
}

static void autn_missing(struct exam *x)
{
	struct exam_answer a;

	exam_sw(x, authenticate_plain(x, AUTHENTICATE_3G, USIM_RAND_LEN, 0, &a),
		"AUTHENTICATE without AUTN in the 3G context", SW(SW_WRONG_LENGTH, SW_WRONG_DATA));
}

static void context(struct exam *x)
{
	struct exam_answer a;

	exam_sw(x, authenticate_plain(x, CONTEXT_RFU, USIM_RAND_LEN, USIM_AUTN_LEN, &a),
		"AUTHENTICATE in a context that is reserved (P2 87)",
		SW(SW_WRONG_P1P2, SW_OUT_OF_RANGE, SW_AUTH_CONTEXT, SW_FUNCTION_NOT_SUPPORTED));
}

static void gsm_context(struct exam *x)
{
	struct exam_answer a;
	bool announced = announces_service(x, GSM_CONTEXT);

	authenticate_plain(x, AUTHENTICATE_GSM, USIM_RAND_LEN, 0, &a);
	if (!announced) {
		exam_sw(x, a.sw, "AUTHENTICATE in the GSM context, which EF.UST has not (38)",
			SW(SW_AUTH_CONTEXT, SW_WRONG_P1P2, SW_FUNCTION_NOT_SUPPORTED));
		return;
	}
	exam_sw(x, a.sw, "AUTHENTICATE in the GSM context, which EF.UST has (38)", SW(SW_OK));
	exam_check(x,
		   a.len == 14 && slice_at(exam_data(&a), 0) == 4 &&
			   slice_at(exam_data(&a), 5) == USIM_KC_LEN,
		   "the answer is not SRES and Kc with their lengths: %zu octets", a.len);
}

static void not_selected(struct exam *x)
{
	static const uint8_t data[34] = {USIM_RAND_LEN};
	struct apdu c = exam_command(COMMAND_AUTHENTICATE, 0, AUTHENTICATE_3G, 256);
	struct exam_answer a;

	c.data = SLICE_OF(data);
	if (!exam_reset(x, false))
		return;
	exam_send(x, &c, &a);
	exam_check(x, !sw_is_good(a.sw) && a.sw != SW_AUTH_MAC,
		   "AUTHENTICATE is done (%04X) without an application selected", a.sw);
}

#define NEEDS .needs = EXAM_UICC | EXAM_USIM | EXAM_PIN
#define KEYS  .needs = EXAM_UICC | EXAM_USIM | EXAM_PIN | EXAM_KEYS

static const struct exam_case cases[] = {
	{RULE("auth.foreign", FINDING_ERROR, "TS 31.102 7.1.1.1, 7.3.1",
	      "an AUTN that is not genuine is answered by 9862"),
	 NEEDS, .authentications = 1, .run = foreign},
	{RULE("auth.rand-length", FINDING_ERROR, "TS 31.102 7.1.2, TS 102 221 10.2.1.5",
	      "a RAND of a wrong length is answered by 67xx or 6A80"),
	 NEEDS, .run = rand_length},
	{RULE("auth.autn-length", FINDING_ERROR, "TS 31.102 7.1.2, TS 102 221 10.2.1.5",
	      "an AUTN of a wrong length is answered by 67xx or 6A80"),
	 NEEDS, .run = autn_length},
	{RULE("auth.autn-missing", FINDING_ERROR, "TS 31.102 7.1.2.1",
	      "the 3G context needs an AUTN"),
	 NEEDS, .run = autn_missing},
	{RULE("auth.context", FINDING_ERROR, "TS 31.102 7.1.2",
	      "a context that is reserved is refused"),
	 NEEDS, .run = context},
	{RULE("auth.application", FINDING_ERROR, "TS 31.102 7.1.1.1",
	      "AUTHENTICATE needs the USIM to be selected"),
	 .needs = EXAM_UICC | EXAM_USIM, .run = not_selected},
	{RULE("auth.gsm-context", FINDING_ERROR, "TS 31.102 7.1.2.1, 7.1.1.1, 4.2.8",
	      "the GSM context gives SRES and Kc where EF.UST has it (38), and 9864 elsewhere"),
	 NEEDS, .authentications = 1, .run = gsm_context},
	{RULE("auth.answer", FINDING_ERROR, "TS 33.102 6.3.3, 6.8.1.2, TS 31.102 7.1.2.1",
	      "RES, CK, IK (and Kc) are those of the card's key"),
	 KEYS, .authentications = 2, .run = right_answer},
	{RULE("auth.replay", FINDING_ERROR, "TS 33.102 6.3.3, 6.3.5, C.2",
	      "a replayed challenge is answered by an AUTS that opens and has the card's number"),
	 KEYS, .authentications = 3, .run = replayed},
	{RULE("auth.replay-after-reset", FINDING_ERROR, "TS 33.102 6.3.3, C.2",
	      "the card remembers the number without power"),
	 KEYS, .authentications = 3, .run = replayed_after_reset},
	{RULE("auth.resynchronised", FINDING_ERROR, "TS 33.102 6.3.5",
	      "after a resynchronisation the next number is taken"),
	 KEYS, .authentications = 4, .run = resynchronised},
	{RULE("auth.mac-keeps-number", FINDING_ERROR, "TS 33.102 6.3.3",
	      "a wrong MAC is refused (9862) before the number counts"),
	 KEYS, .authentications = 4, .run = mac_keeps},
	{RULE("auth.gsm-answer", FINDING_ERROR, "TS 33.102 6.8.1.4, TS 31.102 7.1.2.1",
	      "SRES and Kc of the GSM context are those of the card's key"),
	 KEYS, .authentications = 1, .run = gsm_answer},
};

EXAM_GROUP(auth, "Authentication", cases)
