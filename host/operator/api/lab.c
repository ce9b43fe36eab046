#include "host/operator/api/lab.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/policy/decide.h"
#include "host/operator/api/av.h"
#include "host/operator/auc/auc.h"
#include "host/operator/factor/factor.h"
#include "host/operator/http/route.h"
#include "host/operator/release/release.h"
#include "host/operator/release/second_profile.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/store/store.h"
#include "lib/base/secret.h"
#include "lib/profile/build.h"
#include "lib/release/kra.h"
#include "tool/cli/json.h"

static const char *text(const json_t *request, const char *name)
{
	return json_string_value(json_object_get(request, name));
}

static enum err give_body(json_t *body, json_t **answer)
{
	*answer = body;
	return body ? ERR_OK : ERR_MEMORY;
}

static enum err auc_vector(const struct lab *lab, const json_t *request, int64_t now,
			   json_t **answer)
{
	const char *imsi = text(request, "imsi"), *context = text(request, "context");
	char rand[2 * AKA_RAND_LEN + 1], autn[2 * AKA_AUTN_LEN + 1] = "";
	struct auc_challenge c;
	bool gsm;
	enum err e;

	if (!imsi || !context)
		return ERR_TAG;
	gsm = strcmp(context, "gsm") == 0;
	if (!gsm && strcmp(context, "3g") != 0)
		return ERR_VALUE;
	e = auc_challenge(lab->store, imsi, gsm, now, &c);
	if (e)
		return e;
	hex_encode(SLICE_OF(c.rand), rand, sizeof(rand));
	if (!gsm)
		hex_encode(SLICE_OF(c.autn), autn, sizeof(autn));
	return give_body(json_pack("{s:s, s:s, s:s*}", "vectorId", c.id, "rand", rand, "autn",
				   gsm ? NULL : autn),
			 answer);
}

static enum err auc_answer(const struct lab *lab, const json_t *request, int64_t now,
			   json_t **answer)
{
	const char *id = text(request, "vectorId"), *res_text = text(request, "res");
	uint8_t octets[AKA_RES_MAX];
	struct wbuf res = wbuf_init(octets, sizeof(octets));
	struct auc_verdict v;
	enum err e;

	if (!id || !res_text)
		return ERR_TAG;
	e = hex_decode(res_text, &res);
	if (!e)
		e = auc_verify(lab->store, id, wbuf_slice(&res), now, &v);
	return e ? e
		 : give_body(json_pack("{s:s, s:s, s:i, s:s}", "result", "accepted", "access",
				       v.access, "subscription", v.sub, "state",
				       state_name(v.after.state)),
			     answer);
}

static enum err auc_sync(const struct lab *lab, const json_t *request, int64_t now, json_t **answer)
{
	const char *id = text(request, "vectorId"), *auts_text = text(request, "auts");
	uint8_t auts[AKA_AUTS_LEN];
	enum err e;

	if (!id || !auts_text)
		return ERR_TAG;
	e = hex_decode_exact(auts_text, auts, sizeof(auts));
	if (!e)
		e = auc_resync_challenge(lab->store, id, SLICE_OF(auts), now);
	return e ? e : give_body(json_pack("{s:s}", "result", "resynchronised"), answer);
}

static enum err auc_av(const struct lab *lab, const json_t *request, int64_t now, json_t **answer)
{
	struct av vectors[AV_COUNT_MAX];
	struct av_words words;
	struct av_order order;
	bool auts;
	enum err e;

	if (!av_words_of(request, &words))
		return ERR_TAG;
	if (av_order_read(&words, now, &order))
		return ERR_VALUE;
	e = av_order_fill(lab->store, &order, vectors, &auts);
	if (!e)
		e = give_body(av_json(&order, vectors), answer);
	secret_wipe(vectors, sizeof(vectors));
	return e;
}

static enum err second_factor_status(const struct lab *lab, const json_t *request, int64_t now,
				     json_t **answer)
{
	const char *imsi = text(request, "imsi");
	struct factor_status factor;
	struct subscriber sub;
	enum err e;

	if (!imsi)
		return ERR_TAG;
	e = subscriber_by_imsi(lab->store, imsi, &sub, NULL);
	if (!e)
		e = factor_status(lab->store, sub.id, &factor);
	if (e)
		return e;
	/* a locked code generator is one factor of several: an agent may approve all the same */
	return give_body(json_pack("{s:s, s:o, s:b, s:b, s:I}", "state", state_name(sub.state),
				   "factors",
				   factor.enrolled ? json_pack("[s]", "totp") : json_array(),
				   "locked", factor.enrolled && !factor.tries_left, "approved",
				   subscriber_approved(&sub, now), "expires",
				   (json_int_t)sub.second_factor_until),
			 answer);
}

static enum err factor_totp(const struct lab *lab, const json_t *request, int64_t now,
			    json_t **answer)
{
	const char *imsi = text(request, "imsi"), *code = text(request, "code");
	struct subscriber sub, after;
	unsigned left;
	enum err e;

	if (!imsi || !code)
		return ERR_TAG;
	e = subscriber_by_imsi(lab->store, imsi, &sub, NULL);
	if (!e)
		e = factor_approve_totp(lab->store, &sub, &(struct factor_code){code, now}, &after,
					&left);
	return e ? e
		 : give_body(json_pack("{s:b, s:I}", "approved", subscriber_approved(&after, now),
				       "expires", (json_int_t)after.second_factor_until),
			     answer);
}

static enum err release_new_part(const struct lab *lab, const json_t *request, int64_t now,
				 json_t **answer)
{
	const char *hex = text(request, "iccid");
	struct wbuf message = wbuf_grow(KRA_MESSAGE_MAX);
	uint8_t iccid[KRA_ICCID_LEN];
	uint32_t key_id = 0;
	enum err e = hex ? hex_decode_exact(hex, iccid, sizeof(iccid)) : ERR_TAG;

	(void)now;
	if (!e)
		e = release_reseal(lab->authority, lab->store, iccid, &message, &key_id);
	if (!e)
		e = give_body(json_pack("{s:o, s:I}", "reseal", json_base64(wbuf_slice(&message)),
					"keyId", (json_int_t)key_id),
			      answer);
	wbuf_free(&message);
	return e;
}

/* A field of base64, one of a message, and a function of the release authority between them. */
static enum err release_grant(const struct lab *lab, const json_t *request, int64_t now,
			      json_t **answer)
{
	struct wbuf challenge = wbuf_grow(KRA_MESSAGE_MAX);
	struct wbuf grant = wbuf_grow(KRA_MESSAGE_MAX);
	enum err e = json_base64_field(request, "challenge", &challenge);

	if (!e)
		e = release_grant_issue(lab->authority, lab->store, wbuf_slice(&challenge), now,
					&grant);
	if (!e)
		e = give_body(json_pack("{s:o}", "grant", json_base64(wbuf_slice(&grant))), answer);
	wbuf_free(&challenge);
	wbuf_free(&grant);
	return e;
}

static enum err release_outcome_taken(const struct lab *lab, const json_t *request, int64_t now,
				      json_t **answer)
{
	struct wbuf message = wbuf_grow(KRA_MESSAGE_MAX);
	struct release_told told = {0};
	enum err e = json_base64_field(request, "result", &message);

	if (!e)
		e = release_result_take(lab->store, wbuf_slice(&message), now, &told);
	if (!e)
		e = give_body(json_pack("{s:s, s:i}", "state", state_name(told.after.state),
					"result", (int)told.result),
			      answer);
	wbuf_free(&message);
	return e;
}

static enum err release_activation(const struct lab *lab, const json_t *request, int64_t now,
				   json_t **answer)
{
	const char *imsi = text(request, "imsi");
	struct wbuf sealed = wbuf_grow(SECOND_CODE_LEN_MAX);
	struct second_profile p;
	char iccid[21];
	enum err e = json_base64_field(request, "sealed", &sealed);

	if (!e && !imsi)
		e = ERR_TAG;
	if (!e)
		e = second_profile_release(&(struct second_profile_desk){lab->authority, lab->store,
									 lab->manager, now},
					   imsi, wbuf_slice(&sealed), &p);
	if (!e) {
		profile_iccid_text(p.iccid, iccid);
		e = give_body(json_pack("{s:s, s:s, s:s}", "activationCode", p.activation_code,
					"iccid", iccid, "state", state_name(p.after.state)),
			      answer);
		secret_wipe(&p, sizeof(p));
	}
	wbuf_free(&sealed);
	return e;
}

static void explain_imsi(const struct lab *lab, const char *imsi, enum err e,
			 char said[static HTTP_MESSAGE_MAX])
{
	struct subscriber sub;
	int which = 1;
	bool known = subscriber_by_imsi(lab->store, imsi, &sub, &which) == ERR_OK;

	if (e == ERR_NOT_FOUND && known) /* of all that is asked by IMSI, this alone may miss */
		snprintf(said, HTTP_MESSAGE_MAX,
			 "IMSI %.20s has no code generator: enroll one (twinkey-operator factor "
			 "enroll), or let an agent approve",
			 imsi);
	else if (e == ERR_NOT_FOUND)
		snprintf(said, HTTP_MESSAGE_MAX,
			 "no subscriber has IMSI %.20s: add it (twinkey-operator subscriber add), "
			 "or is this the card of another operator?",
			 imsi);
	else if (e == ERR_WRONG_STATE && known)
		snprintf(said, HTTP_MESSAGE_MAX,
			 "the subscriber of IMSI %.20s, its subscription %d, is %s: %s", imsi,
			 which, state_name(sub.state), state_step(sub.state));
}

static void explain_code(enum err e, char said[static HTTP_MESSAGE_MAX])
{
	if (e == ERR_FACTOR)
		snprintf(said, HTTP_MESSAGE_MAX, "the code is wrong, or is not of this time");
	else if (e == ERR_REPLAY)
		snprintf(said, HTTP_MESSAGE_MAX, "the code was used before: wait for the next one");
	else if (e == ERR_REFUSED)
		snprintf(said, HTTP_MESSAGE_MAX,
			 "the code generator is locked after %d wrong codes: let an agent approve, "
			 "or enroll it anew",
			 FACTOR_TRIES_MAX);
}

static void explain_answer(enum err e, char said[static HTTP_MESSAGE_MAX])
{
	if (e == ERR_NOT_FOUND)
		snprintf(said, HTTP_MESSAGE_MAX,
			 "no such challenge waits for an answer: it has run out or served, try "
			 "again");
	else if (e == ERR_REFUSED)
		snprintf(said, HTTP_MESSAGE_MAX, "the card's answer is not the expected one");
	else if (e == ERR_SPACE)
		snprintf(said, HTTP_MESSAGE_MAX, "an answer has at most %d octets", AKA_RES_MAX);
}

/* Of auc/av: what is wrong with the request, or with AUTS. */
static void explain_av(const json_t *request, enum err e, char said[static HTTP_MESSAGE_MAX])
{
	struct av_words words;
	struct av_order order;
	const char *wrong;

	if (!av_words_of(request, &words))
		return;
	wrong = av_order_read(&words, 0, &order);
	if (wrong || e == ERR_VALUE)
		snprintf(said, HTTP_MESSAGE_MAX, "%s", wrong ? wrong : AV_AMF_WRONG);
	else if (order.has_auts && (e == ERR_NOT_FOUND || e == ERR_EXPIRED))
		snprintf(said, HTTP_MESSAGE_MAX,
			 "AUTS is of no vector of this IMSI of the last hour, or was taken before: "
			 "ask without it");
	else if (order.has_auts && e == ERR_MAC)
		snprintf(said, HTTP_MESSAGE_MAX,
			 "AUTS is not genuine: the card has another K or OPc, or RAND is another");
}

/* What a refusal is about, and what comes next; "": the error's own sentence says all. */
static void explain(const struct lab *lab, const json_t *request, enum err e,
		    char said[static HTTP_MESSAGE_MAX])
{
	const char *imsi = text(request, "imsi");

	if (e == ERR_TAG)
		snprintf(said, HTTP_MESSAGE_MAX,
			 "a field of the request is missing or of another type");
	else if (e == ERR_TRIES)
		snprintf(said, HTTP_MESSAGE_MAX,
			 "too many wrong answers: wait (15 minutes at most), or have the card "
			 "answer in the 3G context with 8 octets or more");
	else if (text(request, "vectorId"))
		explain_answer(e, said);
	else if (text(request, "code"))
		explain_code(e, said);
	else if (text(request, "for"))
		explain_av(request, e, said);
	if (!*said && imsi)
		explain_imsi(lab, imsi, e, said);
}

static enum err (*const functions[LAB_FUNCTION_COUNT])(const struct lab *, const json_t *, int64_t,
						       json_t **) = {
	[LAB_AUC_VECTOR] = auc_vector,
	[LAB_AUC_VERIFY] = auc_answer,
	[LAB_AUC_RESYNC] = auc_sync,
	[LAB_AUC_AV] = auc_av,
	[LAB_FACTOR_STATUS] = second_factor_status,
	[LAB_FACTOR_TOTP] = factor_totp,
	[LAB_RELEASE_RESEAL] = release_new_part,
	[LAB_RELEASE_GRANT] = release_grant,
	[LAB_RELEASE_RESULT] = release_outcome_taken,
	[LAB_RELEASE_ACTIVATION] = release_activation,
};

enum err lab_answer(const struct lab *lab, enum lab_function f, const json_t *request, int64_t now,
		    struct http_answer *answer)
{
	bool both = f == LAB_RELEASE_ACTIVATION;
	enum err e = ERR_OK;

	operator_store_hurry(lab->store);
	if (both) /* it changes both stores: that of the manager is there before anything is done */
		e = smdp_store_begin(lab->manager);
	if (e)
		return e;
	e = functions[f](lab, request, now, &answer->body);
	if (e)
		explain(lab, request, e, answer->message);
	return both ? smdp_store_end(lab->manager, e) : e;
}
