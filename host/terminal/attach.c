#include "host/terminal/attach.h"

#include <string.h>

#include "host/net/client.h"
#include "lib/release/interface.h"

#define HEX_MAX (2 * USIM_RES_MAX + 1)

/* A string of the operator's answer as octets. */
static enum err take_hex(const json_t *o, const char *key, uint8_t *out, size_t n)
{
	const char *hex = json_string_value(json_object_get(o, key));

	return hex && !hex_decode_exact(hex, out, n) ? ERR_OK : ERR_PROTOCOL;
}

static enum err ask_operator(struct http_client *op, struct attach *a, json_t **vector)
{
	enum err e = http_client_call(
		op, LAB_PATH_AUC_VECTOR,
		json_pack("{s:s, s:s}", "imsi", a->imsi, "context", a->gsm ? "gsm" : "3g"), vector);

	if (!e)
		e = take_hex(*vector, "rand", a->rand, sizeof(a->rand));
	if (!e && !a->gsm)
		e = take_hex(*vector, "autn", a->autn, sizeof(a->autn));
	return e;
}

static enum err ask_card(struct uicc *u, struct attach *a)
{
	enum err e = a->gsm ? usim_gsm_authenticate(u, a->rand, &a->answer)
			    : usim_authenticate(u, a->rand, a->autn, &a->answer);

	return e ? e : a->answer.outcome == USIM_MAC_FAILURE ? ERR_MAC : ERR_OK;
}

/* The card's answer to auc/verify, or its AUTS to auc/resync. */
static enum err tell_operator(struct http_client *op, struct attach *a, const json_t *vector)
{
	bool sync = a->answer.outcome == USIM_SYNC_FAILURE;
	struct slice said =
		sync ? SLICE_OF(a->answer.auts) : slice_make(a->answer.res, a->answer.res_len);
	char hex[HEX_MAX];
	json_t *done = NULL;
	enum err e = hex_encode(said, hex, sizeof(hex));

	if (!e)
		e = http_client_call(op, sync ? LAB_PATH_AUC_RESYNC : LAB_PATH_AUC_VERIFY,
				     json_pack("{s:O?, s:s}", "vectorId",
					       json_object_get(vector, "vectorId"),
					       sync ? "auts" : "res", hex),
				     &done);
	if (!e && !sync && !json_string_value(json_object_get(done, "access")))
		e = ERR_PROTOCOL; /* it says neither yes nor no */
	if (!e && !sync)
		a->verdict = json_incref(done);
	json_decref(done);
	return e;
}

static enum err one_challenge(struct uicc *u, struct http_client *op, struct attach *a)
{
	json_t *vector = NULL;
	enum err e;

	a->failure.party = PARTY_OPERATOR;
	e = ask_operator(op, a, &vector);
	if (!e) {
		a->failure.party = PARTY_CARD;
		e = ask_card(u, a);
	}
	if (!e) {
		a->failure.party = PARTY_OPERATOR;
		e = tell_operator(op, a, vector);
	}
	json_decref(vector);
	return e;
}

static struct failure why(const struct uicc *u, const struct http_client *op,
			  const struct attach *a, enum err e)
{
	const enum party party = a->failure.party;

	if (party == PARTY_OPERATOR && e == ERR_TRIES)
		return failure_said(party, e,
				    "the operator judges no short answers for IMSI %s for a while, "
				    "after too many wrong ones: wait, or attach in the 3G context",
				    a->imsi);
	if (party == PARTY_OPERATOR && e == ERR_SYNC)
		return failure_said(party, e,
				    "the card with IMSI %s has used up its sequence numbers, and "
				    "takes no challenge any more: it needs a new key",
				    a->imsi);
	if (party == PARTY_OPERATOR)
		return failure_of_operator(op, e, *a->imsi ? a->imsi : "attach");
	if (!*a->imsi)
		return failure_of_card(u, e, "EF.IMSI");
	if (e == ERR_MAC)
		return failure_said(party, e, "the card refuses AUTN: another K, OPc or AMF");
	if (e == ERR_SYNC)
		return failure_said(party, e,
				    "the card refuses the number after its own too: its limits "
				    "(delta, age) or its length of IND are others than those that "
				    "the operator has for IMSI %s",
				    a->imsi);
	return failure_of_card(u, e, "AUTHENTICATE");
}

enum err attach_run(struct uicc *u, struct http_client *op, struct attach *a)
{
	enum err e;

	a->failure.party = PARTY_CARD;
	e = usim_read_imsi(u, a->imsi);
	if (!e)
		e = one_challenge(u, op, a);
	if (!e && a->answer.outcome == USIM_SYNC_FAILURE) {
		a->resynchronised = true;
		e = one_challenge(u, op, a);
		if (!e && a->answer.outcome == USIM_SYNC_FAILURE) {
			a->failure.party = PARTY_CARD;
			e = ERR_SYNC;
		}
	}
	if (e)
		a->failure = why(u, op, a, e);
	return e;
}

const char *attach_text(const struct attach *a, const char *name)
{
	const char *s = json_string_value(json_object_get(a->verdict, name));

	return s ? s : "";
}

void attach_forget(struct attach *a)
{
	json_decref(a->verdict);
	explicit_bzero(a, sizeof(*a));
}
