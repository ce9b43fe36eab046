#include "host/terminal/relay.h"

#include <stdio.h>

#include "host/terminal/lpa/es9p.h"
#include "tool/sys/cancel.h"
#include "tool/cli/json.h"

/* POSTs one message, takes one message (grant may be NULL) and the subscriber's state out of the
 * answer. */
static enum err exchange(struct operator_link *op, const char *path, const char *name,
			 struct slice message, json_t **answer, struct relay *r)
{
	enum err e =
		operator_call(op, path, json_pack("{s:o}", name, json_base64(message)), answer);

	r->by_operator = e != ERR_OK;
	return e;
}

static enum err fetch_grant(struct operator_link *op, struct slice challenge, struct wbuf *grant,
			    struct relay *r)
{
	json_t *answer = NULL;
	enum err e = exchange(op, "/twinkey/v1/release/grant", "challenge", challenge, &answer, r);

	if (!e)
		e = json_base64_field(answer, "grant", grant);
	r->by_operator = e != ERR_OK; /* also by an answer that is none */
	json_decref(answer);
	return e;
}

static enum err report_result(struct operator_link *op, struct slice result, struct relay *r)
{
	json_t *answer = NULL;
	enum err e = exchange(op, "/twinkey/v1/release/result", "result", result, &answer, r);
	const char *state = json_string_value(json_object_get(answer, "state"));
	const json_t *code = json_object_get(answer, "result");

	if (!e && (!state || !json_is_integer(code) || json_integer_value(code) < 0 ||
		   json_integer_value(code) > UINT8_MAX)) {
		r->by_operator = true;
		e = ERR_PROTOCOL;
	}
	if (!e) {
		snprintf(r->state, sizeof(r->state), "%s", state);
		r->result = (unsigned)json_integer_value(code);
	}
	json_decref(answer);
	return e;
}

/* ERR_WRONG_STATE is no failure: there is no rotation. */
static enum err fetch_reseal(struct operator_link *op, struct relay *r, struct wbuf *message)
{
	char iccid[2 * KRA_ICCID_LEN + 1];
	json_t *answer = NULL;
	json_int_t key_id;
	enum err e = hex_encode(SLICE_OF(r->before.iccid), iccid, sizeof(iccid));

	if (e)
		return e;
	e = operator_call(op, "/twinkey/v1/release/reseal", json_pack("{s:s}", "iccid", iccid),
			  &answer);
	if (e == ERR_WRONG_STATE)
		return ERR_OK;
	if (!e)
		e = json_base64_field(answer, "reseal", message);
	key_id = json_integer_value(json_object_get(answer, "keyId"));
	if (!e && (key_id < 1 || key_id > UINT32_MAX))
		e = ERR_PROTOCOL;
	r->by_operator = e != ERR_OK; /* also by an answer that is none */
	if (!e)
		r->next_key = (uint32_t)key_id;
	json_decref(answer);
	return e;
}

static enum err reseal_on(struct kra *k, struct operator_link *op, struct relay *r)
{
	struct wbuf message = wbuf_grow(KRA_MESSAGE_MAX);
	enum kra_result result;
	enum err e = kra_ask_status(k, &r->before);

	if (!e && r->before.active == 2) /* only a card that has left the first takes part */
		e = fetch_reseal(op, r, &message);
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

enum err relay_reseal(struct uicc *u, struct operator_link *op, struct relay *r)
{
	struct kra k;
	enum err e = kra_open(u, &k), closed;

	if (e)
		return e;
	e = reseal_on(&k, op, r);
	closed = kra_close(&k);
	return e ? e : closed;
}

static enum err relay_on(struct kra *k, struct operator_link *op, struct relay *r, uint16_t *sw)
{
	struct wbuf challenge = wbuf_grow(KRA_MESSAGE_MAX), grant = wbuf_grow(KRA_MESSAGE_MAX);
	struct wbuf result = wbuf_grow(KRA_MESSAGE_MAX);
	enum err e = kra_ask_status(k, &r->before);

	if (!e && r->before.state != KRA_STATE_SEALED)
		e = ERR_WRONG_STATE;
	if (!e)
		e = kra_ask_challenge(k, r->before.iccid, &challenge);
	if (!e)
		e = fetch_grant(op, wbuf_slice(&challenge), &grant, r);
	if (!e)
		e = cancel_check(uicc_cancel(k->u));
	cancel_hold(uicc_cancel(k->u)); /* what the card opens is known here and at the operator */
	if (!e) {
		e = kra_hand_grant(k, wbuf_slice(&grant), &result);
		*sw = k->sw;
	}
	if (!e)
		e = report_result(op, wbuf_slice(&result), r);
	cancel_unhold(uicc_cancel(k->u));
	wbuf_free(&challenge);
	wbuf_free(&grant);
	wbuf_free(&result);
	return e;
}

enum err relay_release(struct uicc *u, struct operator_link *op, struct relay *r)
{
	struct kra k;
	uint16_t sw = 0;
	enum err e = kra_open(u, &k), closed;

	if (e)
		return e;
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
	return !e && r->result ? ERR_REFUSED : e;
}
