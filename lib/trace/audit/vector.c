#include "lib/trace/audit/vector.h"

#include "lib/auth/parameters.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/open.h"
#include "lib/trace/decode/place.h"

#define BOOTSTRAPPING 0xDD /* TS 31.102 7.1.1.4: the first octet of the data; DE: derivation */
#define RES_MIN	      4

static struct slice vector_field(struct cursor *c)
{
	return cursor_take(c, cursor_u8(c));
}

/* Empty where a trace has FF instead. */
static struct slice unmasked(struct slice v)
{
	return open_is_masked(v) ? SLICE_EMPTY : v;
}

static bool vector_challenge(const struct exchange *x, struct audit_vector *out)
{
	struct cursor c = cursor_of(x->apdu.data);

	if (x->apdu.cla == CLA_GSM) {
		out->rand = cursor_take(&c, AKA_RAND_LEN);
		return !c.err;
	}
	if (out->context == VECTOR_GBA && cursor_u8(&c) != BOOTSTRAPPING)
		return false;
	out->rand = vector_field(&c);
	if (out->context != VECTOR_2G)
		out->autn = vector_field(&c);
	return !c.err && out->rand.len == AKA_RAND_LEN &&
	       out->autn.len == (out->context == VECTOR_2G ? 0 : AKA_AUTN_LEN);
}

/* SRES and Kc: each with its length in front, or in class A0 without. */
static void vector_gsm_answer(const struct exchange *x, struct audit_vector *out)
{
	struct cursor c = cursor_of(x->answer);
	bool old = x->apdu.cla == CLA_GSM;

	out->res = unmasked(old ? cursor_take(&c, GSM_SRES_LEN) : vector_field(&c));
	out->kc = unmasked(old ? cursor_take(&c, GSM_KC_LEN) : vector_field(&c));
	if (out->res.len != GSM_SRES_LEN || out->kc.len != GSM_KC_LEN)
		out->kc = SLICE_EMPTY;
}

static void vector_answer(const struct exchange *x, struct audit_vector *out)
{
	struct cursor c = cursor_of(x->answer);
	uint8_t tag = cursor_u8(&c);

	out->outcome = VECTOR_ACCEPTED;
	if (!x->answer.len)
		return;
	if (out->context == VECTOR_2G) {
		vector_gsm_answer(x, out);
	} else if (tag == AUTHENTICATE_SYNC_FAILURE) {
		out->outcome = VECTOR_SYNC;
		out->auts = unmasked(vector_field(&c));
		if (out->auts.len != AKA_AUTS_LEN)
			out->auts = SLICE_EMPTY;
	} else if (tag == AUTHENTICATE_SUCCESS) {
		out->res = unmasked(vector_field(&c));
		out->ck = unmasked(vector_field(&c));
		out->ik = unmasked(vector_field(&c));
		out->kc = unmasked(vector_field(&c));
		if (out->res.len < RES_MIN || out->res.len > AKA_RES_MAX)
			out->res = SLICE_EMPTY;
	}
}

static void vector_outcome(const struct exchange *x, struct audit_vector *out)
{
	if (!x->has_sw)
		return;
	out->outcome = VECTOR_REFUSED;
	if (sw_is_good(x->sw))
		vector_answer(x, out);
	else if (x->sw == SW_AUTH_MAC)
		out->outcome = VECTOR_MAC;
	else if (x->sw == SW_SECURITY_STATUS || x->sw == SW_GSM_ACCESS)
		out->outcome = VECTOR_NOT_OPEN;
}

bool audit_vector_of(const struct audit_step *s, struct audit_vector *out)
{
	enum application_kind kind = s->item->view.place->application.kind;
	unsigned context = s->x->apdu.p2 & AUTHENTICATE_CONTEXT_MASK;

	if (s->id != COMMAND_GSM_RUN_ALGORITHM && s->id != COMMAND_AUTHENTICATE)
		return false;
	*out = (struct audit_vector){.context = VECTOR_2G, .is_isim = kind == APPLICATION_ISIM};
	if (s->id == COMMAND_AUTHENTICATE) {
		switch (context) {
		case AUTHENTICATE_GSM &AUTHENTICATE_CONTEXT_MASK: break;
		case AUTHENTICATE_3G &AUTHENTICATE_CONTEXT_MASK: out->context = VECTOR_3G; break;
		case AUTHENTICATE_GBA &AUTHENTICATE_CONTEXT_MASK: out->context = VECTOR_GBA; break;
		default: return false;
		}
	}
	if (!vector_challenge(s->x, out) || open_is_masked(out->rand))
		return false;
	vector_outcome(s->x, out);
	return true;
}
