#include "card-emu/apps/kra.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/apps/store_data.h"
#include "card-emu/store/keys.h"
#include "card-emu/profile/install.h"
#include "card-emu/profile/record.h"
#include "card-emu/profile/release.h"
#include "card-emu/core/signer.h"
#include "card-emu/store/store.h"
#include "lib/base/secret.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/profile/sealed.h"
#include "lib/release/grant.h"
#include "lib/base/tlv.h"
#include "lib/uicc/fcp.h"

#define SIGNER 0 /* the first signer of the card; each card has one */

struct kra { /* in the application's memory: wiped at power off */
	struct store_data blocks;
	struct ec_key *one_time; /* NULL: no session */
	struct kra_binding session;
};

static struct kra *memory(struct card *card)
{
	return card_app_memory(card, &app_kra, sizeof(struct kra));
}

static void end_session(struct kra *k)
{
	ec_key_free(&k->one_time);
	secret_wipe(&k->session, sizeof(k->session));
}

static enum err load_eid(struct card *card, uint8_t eid[static KRA_EID_LEN])
{
	struct slice v;

	if (!store_get(card_store(card), STORE_KEY_EID, &v))
		return ERR_CORRUPT;
	return slice_copy(v, eid, KRA_EID_LEN);
}

/* The sealed part of a profile; its slices borrow from the store until the next commit. */
static enum err load_sealed(struct card *card, unsigned n, struct sealed *out)
{
	char key[STORE_KEY_MAX + 1];
	struct slice stored;

	snprintf(key, sizeof(key), STORE_KEY_SEALED, n);
	if (!store_get(card_store(card), key, &stored))
		return ERR_NOT_FOUND;
	return sealed_parse(stored, out);
}

/* There is something to release: of what was in volatile memory, also what was released before. */
static bool is_sealed(const struct sealed *sealed, const struct release_record *record)
{
	if (sealed->fields.in_memory_only && record->active == 1)
		return sealed->fields.key_id >= record->key_id;
	return sealed->fields.key_id > record->key_id;
}

static bool load_iccid(struct card *card, uint8_t iccid[static KRA_ICCID_LEN])
{
	struct profile_record r;

	if (!card_profile(card) || profile_load(card_store(card), card_profile(card), &r))
		return false;
	memcpy(iccid, r.iccid, KRA_ICCID_LEN);
	return true;
}

static uint16_t get_status(struct app_call *call)
{
	struct card *card = call->card;
	struct kra_status s = {.state = KRA_STATE_NO_PROFILE};
	struct release_record record;
	struct sealed sealed;

	if (load_eid(card, s.eid))
		return SW_TECHNICAL;
	s.has_iccid = load_iccid(card, s.iccid);
	if (s.has_iccid) {
		release_load(card_store(card), card_profile(card), &record);
		s.active = record.active;
		s.state = record.active == 2 ? KRA_STATE_RELEASED : KRA_STATE_NO_SEALED_PART;
		if (load_sealed(card, card_profile(card), &sealed) == ERR_OK) {
			s.key_id = sealed.fields.key_id;
			s.in_memory = sealed.fields.in_memory_only;
			if (is_sealed(&sealed, &record))
				s.state = KRA_STATE_SEALED;
		}
	}
	kra_put_status(call->out, &s);
	return SW_OK;
}

/* What the card could not do for want of memory is no fault of the message. */
static enum kra_result failed(enum err e, enum kra_result otherwise)
{
	switch (e) {
	case ERR_MEMORY:
	case ERR_SPACE:
	case ERR_FULL:
	case ERR_IO: return KRA_RESULT_MEMORY;
	case ERR_CRYPTO: return KRA_RESULT_UNDEFINED;
	default: return otherwise;
	}
}

/* What a profile's sealed part allows at all. */
static enum kra_result check_sealed(struct card *card, unsigned n, struct sealed *sealed)
{
	struct release_record record;
	enum err e = load_sealed(card, n, sealed);

	if (e == ERR_NOT_FOUND)
		return KRA_RESULT_NO_SEALED_PART;
	if (e)
		return failed(e, KRA_RESULT_BAD_SEALED_PART);
	if (!sealed_is_known(sealed))
		return KRA_RESULT_UNSUPPORTED;
	release_load(card_store(card), n, &record);
	return is_sealed(sealed, &record) ? KRA_RESULT_OK : KRA_RESULT_ALREADY;
}

static enum kra_result open_session(struct card *card, struct kra *k,
				    const uint8_t wanted[static KRA_ICCID_LEN])
{
	struct kra_binding b = {0};
	struct sealed sealed;
	enum kra_result r;

	if (!load_iccid(card, b.iccid) ||
	    !slice_equal(slice_make(wanted, KRA_ICCID_LEN), SLICE_OF(b.iccid)))
		return KRA_RESULT_WRONG_PROFILE;
	r = check_sealed(card, card_profile(card), &sealed);
	if (r != KRA_RESULT_OK)
		return r;
	b.key_id = sealed.fields.key_id;
	if (load_eid(card, b.eid) || random_bytes(b.nonce, sizeof(b.nonce)) ||
	    ec_key_generate(EC_P256, &k->one_time))
		return KRA_RESULT_UNDEFINED;
	k->session = b;
	return KRA_RESULT_OK;
}

static uint16_t get_challenge(struct app_call *call, struct kra *k, struct slice request)
{
	struct store *store = card_store(call->card);
	uint8_t wanted[KRA_ICCID_LEN];
	enum kra_result r;
	struct signer_certs certs;
	struct ec_key *sk = NULL;
	enum err e;

	end_session(k);
	if (kra_parse_get_challenge(request, wanted))
		return SW_WRONG_DATA;
	r = open_session(call->card, k, wanted);
	if (r != KRA_RESULT_OK) {
		kra_put_error(call->out, KRA_TAG_CHALLENGE, r);
		return SW_OK;
	}
	e = signer_certs(store, SIGNER, &certs) ? signer_key(store, SIGNER, &sk) : ERR_CORRUPT;
	if (!e)
		e = kra_put_challenge(
			call->out,
			&(struct kra_challenge){.binding = k->session,
						.card_otpk = ec_key_point(k->one_time),
						.euicc_cert = certs.euicc,
						.eum_cert = certs.eum},
			sk);
	ec_key_free(&sk);
	if (e)
		end_session(k);
	return e ? SW_TECHNICAL : SW_OK;
}

/* I2: one eUICC, one profile, one keyId, one nonce. The signature comes first. */
static enum kra_result check_grant(const struct grant *g, const struct kra_binding *session,
				   const struct sealed *sealed)
{
	enum err e =
		ec_verify(EC_P256, sealed->fields.release_point, &g->signed_part, 1, g->signature);

	if (e)
		return failed(e, KRA_RESULT_BAD_SIGNATURE);
	if (!slice_equal(SLICE_OF(g->binding.eid), SLICE_OF(session->eid)))
		return KRA_RESULT_WRONG_CARD;
	if (!slice_equal(SLICE_OF(g->binding.iccid), SLICE_OF(session->iccid)))
		return KRA_RESULT_WRONG_PROFILE;
	if (g->binding.key_id != session->key_id || g->binding.key_id != sealed->fields.key_id)
		return KRA_RESULT_WRONG_KEY_ID;
	if (!secret_equal(SLICE_OF(g->binding.nonce), SLICE_OF(session->nonce)))
		return KRA_RESULT_WRONG_NONCE;
	return KRA_RESULT_OK;
}

static enum kra_result key_failed(enum err e)
{
	return failed(e, e == ERR_POINT ? KRA_RESULT_BAD_POINT : KRA_RESULT_BAD_KEY);
}

/* The elements come in the grant, and K2 is derived: both only in the secure heap. */
static enum kra_result derive_elements(const struct grant *g, const struct ec_key *own,
				       const struct sealed *sealed, struct grant_derived *out)
{
	const struct grant_derivation from = {.kdf = sealed->kdf,
					      .octets = sealed_kdf_octets(sealed->kdf),
					      .sealed = sealed->whole};
	enum err e = grant_open_derived(g, own, &from, out);

	return e ? key_failed(e) : KRA_RESULT_OK;
}

/* S out of the grant, the elements out of the sealed part: likewise. */
static enum kra_result open_elements(const struct grant *g, const struct ec_key *own,
				     const struct sealed *sealed, struct grant_derived *out)
{
	struct secret *s = NULL;
	enum err e;

	if (sealed->mode == SEALED_DERIVED)
		return derive_elements(g, own, sealed, out);
	e = grant_open(g, own, &s);
	if (e)
		return key_failed(e);
	e = sealed_open(sealed, secret_slice(s), &out->elements);
	secret_free(&s);
	return e ? failed(e, KRA_RESULT_BAD_SEALED_PART) : KRA_RESULT_OK;
}

struct grant_use { /* a grant, and what it is used with */
	struct grant message;
	const struct ec_key *own, *sk;
	struct kra_binding session;
	bool in_memory; /* as the sealed part says */
	struct wbuf *out;
};

/*
 * What is to be volatile, and what is kept of it: the keyId, which never goes back (I7). Whether
 * this very one was there before.
 */
static bool begin_volatile(struct store_txn *t, unsigned n, uint32_t key_id)
{
	struct release_record before;
	const struct release_record kept = {.active = 1, .key_id = key_id};

	release_load(store_of(t), n, &before);
	release_put_kept(t, n, &kept);
	store_volatile(t);
	return before.key_id == key_id;
}

/*
 * I4: one transaction takes the card from subscription 1 to 2. The answer is signed before the
 * commit: what has happened must be told.
 */
static enum kra_result take_over(struct card *card, const struct grant_use *u,
				 const struct grant_derived *opened)
{
	struct install_opened patch = {.elements = secret_slice(opened->elements),
				       .derived_k = secret_slice(opened->k2)};

	struct release_record record = {.active = 2, .key_id = u->session.key_id};
	struct store *store = card_store(card);
	struct store_txn *t = store_begin(store);
	size_t start = u->out->len;
	enum kra_result r = KRA_RESULT_OK;
	const struct install_place place = {t, card_profile(card), card_without(card)};
	enum err e;

	if (u->in_memory)
		patch.again = begin_volatile(t, card_profile(card), record.key_id);
	e = install_patch(store, &place, &patch);

	if (e)
		r = failed(e, KRA_RESULT_BAD_ELEMENTS);
	release_put(t, card_profile(card), &record);
	if (!e)
		e = kra_put_outcome(u->out, &u->session, KRA_RESULT_OK, u->sk);
	if (!e)
		e = store_commit(t);
	if (!e)
		return KRA_RESULT_OK;
	store_rollback(t);
	wbuf_cut(u->out, start);
	return r != KRA_RESULT_OK ? r : failed(e, KRA_RESULT_UNDEFINED);
}

static enum kra_result use_grant(struct card *card, struct grant_use *u)
{
	const struct kra_binding *b = &u->session;
	struct grant_derived opened = {NULL, NULL};
	struct sealed sealed = {.mode = SEALED_WITH_KEY};
	uint8_t iccid[KRA_ICCID_LEN];
	enum kra_result r;

	if (!load_iccid(card, iccid) || !slice_equal(SLICE_OF(iccid), SLICE_OF(b->iccid)))
		return KRA_RESULT_WRONG_PROFILE;
	r = check_sealed(card, card_profile(card), &sealed);
	u->in_memory = sealed.fields.in_memory_only;
	if (r == KRA_RESULT_OK)
		r = check_grant(&u->message, b, &sealed);
	if (r == KRA_RESULT_OK)
		r = open_elements(&u->message, u->own, &sealed, &opened);
	if (r == KRA_RESULT_OK)
		r = take_over(card, u, &opened);
	grant_derived_free(&opened);
	return r;
}

static uint16_t take_grant(struct app_call *call, struct kra *k, struct slice request)
{
	struct grant_use u = {.session = k->session, .out = call->out};
	struct ec_key *own = k->one_time, *sk = NULL;
	enum kra_result r;
	enum err e;

	k->one_time = NULL; /* a session serves one grant */
	end_session(k);
	e = grant_parse(request, &u.message);
	if (e) {
		ec_key_free(&own);
		return SW_WRONG_DATA;
	}
	if (!own && load_eid(call->card, u.session.eid))
		return SW_TECHNICAL;
	e = signer_key(card_store(call->card), SIGNER,
		       &sk); /* before anything changes: the answer must be possible */
	if (e) {
		ec_key_free(&own);
		return SW_TECHNICAL;
	}
	u.own = own;
	u.sk = sk;
	r = own ? use_grant(call->card, &u) : KRA_RESULT_NO_SESSION;
	if (r != KRA_RESULT_OK)
		e = kra_put_outcome(call->out, &u.session, r, sk);
	ec_key_free(&own);
	ec_key_free(&sk);
	if (r == KRA_RESULT_OK && u.in_memory)
		card_subscription_changed(call->card);
	else if (r == KRA_RESULT_OK)
		card_profile_changed(call->card, true);
	return e ? SW_TECHNICAL : SW_OK;
}

/* I7: a new sealed part must be signed by the release key in force and have a higher keyId. */
static enum kra_result take_reseal(struct card *card, const struct kra_reseal *message)
{
	struct sealed old, fresh;
	struct release_record record;
	struct store_txn *t;
	char key[STORE_KEY_MAX + 1];
	unsigned n = card_profile(card);
	enum err e;

	if (!n)
		return KRA_RESULT_WRONG_PROFILE;
	if (load_sealed(card, n, &old))
		return KRA_RESULT_NO_SEALED_PART;
	e = ec_verify(EC_P256, old.fields.release_point, &message->sealed, 1, message->signature);
	if (e)
		return failed(e, KRA_RESULT_BAD_SIGNATURE);
	e = sealed_parse(message->sealed, &fresh);
	if (e)
		return failed(e, KRA_RESULT_BAD_SEALED_PART);
	if (!slice_equal(SLICE_OF(fresh.fields.iccid), SLICE_OF(old.fields.iccid)))
		return KRA_RESULT_WRONG_PROFILE;
	release_load(card_store(card), n, &record);
	if (fresh.fields.key_id <= old.fields.key_id || fresh.fields.key_id <= record.key_id)
		return KRA_RESULT_WRONG_KEY_ID;
	if (!sealed_is_known(&fresh) || fresh.fields.in_memory_only != old.fields.in_memory_only)
		return KRA_RESULT_UNSUPPORTED;
	snprintf(key, sizeof(key), STORE_KEY_SEALED, n);
	t = store_begin(card_store(card));
	store_put(t, key, message->sealed);
	return store_commit(t) == ERR_OK ? KRA_RESULT_OK : KRA_RESULT_MEMORY;
}

static uint16_t reseal(struct app_call *call, struct kra *k, struct slice request)
{
	struct kra_reseal message;

	end_session(k); /* it was for the sealed part that may be gone */
	if (kra_parse_reseal(request, &message))
		return SW_WRONG_DATA;
	kra_put_reseal_result(call->out, take_reseal(call->card, &message));
	return SW_OK;
}

static uint16_t status(struct app_call *call, struct slice request)
{
	struct slice content;
	enum err e = tlv_only(request, KRA_TAG_STATUS, &content);

	return e || content.len ? SW_WRONG_DATA : get_status(call);
}

static uint16_t answer(struct app_call *call, struct kra *k, struct slice request)
{
	struct cursor c = cursor_of(request);

	switch (tlv_peek(&c)) {
	case KRA_TAG_STATUS: return status(call, request);
	case KRA_TAG_CHALLENGE: return get_challenge(call, k, request);
	case KRA_TAG_GRANT: return take_grant(call, k, request);
	case KRA_TAG_RESEAL: return reseal(call, k, request);
	default: return SW_WRONG_DATA;
	}
}

/* What is not well formed, whichever it was meant to be, ends an open session. */
static uint16_t handle(struct app_call *call, struct slice request)
{
	struct kra *k = memory(call->card);
	uint16_t sw = answer(call, k, request);

	if (sw == SW_WRONG_DATA)
		end_session(k);
	return sw;
}

static uint16_t store_data(struct app_call *call)
{
	struct kra *k = memory(call->card);

	return k ? store_data_block(&k->blocks, call, handle) : SW_TECHNICAL;
}

static struct slice aid(struct card *card)
{
	(void)card;
	return SLICE_OF(kra_aid);
}

/* GlobalPlatform 11.9.3.1: FCI template with the AID */
static uint16_t select_kra(struct app_call *call)
{
	size_t fci = tlv_open(call->out, UICC_FCI);

	tlv_put(call->out, UICC_FCP_DF_NAME, SLICE_OF(kra_aid));
	tlv_close(call->out, fci);
	return SW_OK;
}

static void leave(struct card *card, struct channel *channel)
{
	struct kra *k = memory(card);

	if (k)
		store_data_leave(&k->blocks, channel);
}

static void reset(struct card *card)
{
	struct kra *k = memory(card);

	if (!k)
		return;
	store_data_drop(&k->blocks);
	end_session(k);
}

static const struct app_command commands[] = {
	{COMMAND_STORE_DATA, store_data},
};

const struct app app_kra = {
	.name = "key release",
	.aid = aid,
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
	.select = select_kra,
	.deselect = leave,
	.reset = reset,
};
