#include "host/terminal/relay.h"

#include <stdio.h>

#include "host/net/client.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/lpa/notify.h"
#include "lib/release/interface.h"
#include "tool/sys/cancel.h"
#include "tool/cli/json.h"

/* e, which is the operator's: also by an answer that is none. */
static enum err from_operator(struct relay *r, enum err e)
{
	r->failure.party = e ? PARTY_OPERATOR : PARTY_CARD;
	return e;
}

/* The operator's refusals, with what to do. */
static struct failure why_operator(const struct http_client *op, enum err e)
{
	switch (e) {
	case ERR_WRONG_STATE:
	case ERR_FACTOR:
		return failure_said(
			PARTY_OPERATOR, e,
			"the operator does not release the key in the present state: an "
			"authentication with the key so far (twinkey auth, in the 3G context) and "
			"an approved second factor come first, and nobody who is suspended gets "
			"it");
	case ERR_UNBOUND:
		return failure_said(
			PARTY_OPERATOR, e,
			"the operator has not been told which eUICC has this profile: deliver "
			"the card's notifications (twinkey notification send), or, where "
			"somebody else's manager has the profile, let the operator name it "
			"(twinkey-operator subscriber bind)");
	case ERR_REFUSED:
		return failure_said(
			PARTY_OPERATOR, e,
			"the operator gives this card no key: the profile is on another eUICC, "
			"or another key is to be released; the operator's log says which");
	default: return failure_of_operator(op, e, "release");
	}
}

static struct failure why_card(const struct uicc *u, const struct relay *r, enum err e)
{
	bool refused = e == ERR_REFUSED && r->result;
	const char *result = kra_result_text((enum kra_result)r->result);

	if (e == ERR_NOT_FOUND)
		return failure_said(PARTY_CARD, e,
				    "the card has no key-release application; with two profiles: "
				    "twinkey run --sealed-code FILE");
	if (e == ERR_REPLAY)
		return failure_said(
			PARTY_CARD, e,
			"the card has opened key %u, and the operator has not heard of it: let "
			"the operator suspend the subscriber and resume it with --opened %u",
			r->before.key_id, r->before.key_id);
	if (e == ERR_WRONG_STATE)
		return failure_said(PARTY_CARD, e,
				    "there is nothing to release: the card says '%s'",
				    kra_state_name(r->before.state));
	if (refused && !r->resealed && r->next_key > r->before.key_id)
		return failure_said(PARTY_CARD, e, "the card took no new sealed part (key %u): %s",
				    r->next_key, result);
	if (refused)
		return failure_said(PARTY_CARD, e, "the card took no key: %s", result);
	return failure_of_card(u, e, "release");
}

/* Ends a call: what failed, in words; e. */
static enum err conclude(const struct uicc *u, const struct http_client *op, struct relay *r,
			 enum err e)
{
	if (!e)
		r->failure = (struct failure){.err = ERR_OK};
	else if (r->failure.party == PARTY_OPERATOR)
		r->failure = why_operator(op, e);
	else
		r->failure = why_card(u, r, e);
	return e;
}

/* POSTs one message. */
static enum err post(struct http_client *op, const char *path, const char *name,
		     struct slice message, json_t **answer)
{
	return http_client_call(op, path, json_pack("{s:o}", name, json_base64(message)), answer);
}

static enum err fetch_grant(struct http_client *op, struct slice challenge, struct wbuf *grant)
{
	json_t *answer = NULL;
	enum err e = post(op, LAB_PATH_RELEASE_GRANT, "challenge", challenge, &answer);

	if (!e)
		e = json_base64_field(answer, "grant", grant);
	json_decref(answer);
	return e;
}

/* What the card answered to the grant; the answer has the subscriber's state. */
static enum err report_result(struct http_client *op, struct slice result, struct relay *r)
{
	json_t *answer = NULL;
	enum err e = post(op, LAB_PATH_RELEASE_RESULT, "result", result, &answer);
	const char *state = json_string_value(json_object_get(answer, "state"));
	const json_t *code = json_object_get(answer, "result");

	if (!e && (!state || !json_is_integer(code) || json_integer_value(code) < 0 ||
		   json_integer_value(code) > UINT8_MAX))
		e = ERR_PROTOCOL;
	if (!e) {
		snprintf(r->state, sizeof(r->state), "%s", state);
		r->result = (unsigned)json_integer_value(code);
	}
	json_decref(answer);
	return e;
}

/* ERR_WRONG_STATE is no failure: there is no rotation. */
static enum err fetch_reseal(struct http_client *op, struct relay *r, struct wbuf *message)
{
	char iccid[2 * KRA_ICCID_LEN + 1];
	json_t *answer = NULL;
	json_int_t key_id;
	enum err e = hex_encode(SLICE_OF(r->before.iccid), iccid, sizeof(iccid));

	if (e)
		return e;
	e = http_client_call(op, LAB_PATH_RELEASE_RESEAL, json_pack("{s:s}", "iccid", iccid),
			     &answer);
	if (e == ERR_WRONG_STATE)
		return ERR_OK;
	if (!e)
		e = json_base64_field(answer, "reseal", message);
	key_id = json_integer_value(json_object_get(answer, "keyId"));
	if (!e && (key_id < 1 || key_id > UINT32_MAX))
		e = ERR_PROTOCOL;
	if (!e)
		r->next_key = (uint32_t)key_id;
	json_decref(answer);
	return e;
}

static enum err reseal_on(struct kra *k, struct http_client *op, struct relay *r)
{
	struct wbuf message = wbuf_grow(KRA_MESSAGE_MAX);
	enum kra_result result;
	enum err e = kra_ask_status(k, &r->before);

	/* a card that has left the first, or goes back to it at each power off */
	if (!e && (r->before.active == 2 || r->before.in_memory))
		e = from_operator(r, fetch_reseal(op, r, &message));
	if (!e && r->next_key > r->before.key_id) {
		e = kra_hand_reseal(k, wbuf_slice(&message), &result);
		if (!e)
			r->result = (unsigned)result;
		if (!e && r->result)
			e = ERR_REFUSED;
		if (!e)
			e = kra_ask_status(k, &r->before);
		r->resealed = !e;
	} else if (!e && r->next_key && r->before.state == KRA_STATE_RELEASED) {
		e = ERR_REPLAY;
	}
	wbuf_free(&message);
	return e;
}

enum err relay_reseal(struct uicc *u, struct http_client *op, struct relay *r)
{
	struct kra k;
	enum err e = kra_open(u, &k), closed;

	r->failure.party = PARTY_CARD;
	if (!e) {
		e = reseal_on(&k, op, r);
		closed = kra_close(&k);
		if (!e)
			e = closed;
	}
	return conclude(u, op, r, e);
}

static enum err relay_on(struct kra *k, struct http_client *op, struct relay *r, uint16_t *sw)
{
	struct wbuf challenge = wbuf_grow(KRA_MESSAGE_MAX), grant = wbuf_grow(KRA_MESSAGE_MAX);
	struct wbuf result = wbuf_grow(KRA_MESSAGE_MAX);
	enum err e = kra_ask_status(k, &r->before);

	if (!e && r->before.state != KRA_STATE_SEALED)
		e = ERR_WRONG_STATE;
	if (!e)
		e = kra_ask_challenge(k, r->before.iccid, &challenge);
	if (!e)
		e = from_operator(r, fetch_grant(op, wbuf_slice(&challenge), &grant));
	if (!e)
		e = cancel_check(uicc_cancel(k->u));
	cancel_hold(uicc_cancel(k->u)); /* what the card opens is known here and at the operator */
	if (!e) {
		e = kra_hand_grant(k, wbuf_slice(&grant), &result);
		*sw = k->sw;
	}
	if (!e)
		e = from_operator(r, report_result(op, wbuf_slice(&result), r));
	cancel_unhold(uicc_cancel(k->u));
	wbuf_free(&challenge);
	wbuf_free(&grant);
	wbuf_free(&result);
	return e;
}

enum err relay_release(struct uicc *u, struct http_client *op, struct relay *r)
{
	struct kra k;
	uint16_t sw = 0;
	enum err e = kra_open(u, &k), closed;

	r->failure.party = PARTY_CARD;
	if (e)
		return conclude(u, op, r, e);
	e = relay_on(&k, op, r, &sw);
	if (sw) {
		/* the card changed over: it is reset even when the operator could not be told */
		closed = uicc_proactive(u, sw, &r->refreshed);
		if (!e)
			e = closed;
	}
	if (!r->refreshed) {
		closed = kra_close(&k);
		if (!e)
			e = closed;
	}
	return conclude(u, op, r, !e && r->result ? ERR_REFUSED : e);
}

enum err relay_deliver_and_release(struct uicc *u, struct http_client *op,
				   const struct lpa_delivery *d, struct relay *r)
{
	enum err e = relay_release(u, op, r);
	struct lpa *l = NULL;

	if (e != ERR_UNBOUND || r->failure.party != PARTY_OPERATOR || lpa_open(u, d->isdr_aid, &l))
		return e;
	lpa_deliver(l, d);
	lpa_close(&l);
	return relay_release(u, op, r);
}
