#include "host/operator/factor/passkey.h"

#include <fido.h>
#include <fido/es256.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/factor/factor.h"
#include "host/operator/policy/decide.h"
#include "lib/base/base64.h"
#include "lib/crypto/symmetric.h"

#define DATA_MAX     2048
#define RP_HASH_LEN  32
#define PRESENT	     0x01 /* WebAuthn 6.1: flags of authenticator data */
#define DATA_FRONT   37	  /* hash, flags, counter */
#define EVIDENCE_CAP 80

static const char *text_in(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

/* "https://NAME", with a port or without; a name below it is another place. */
static bool is_our_origin(const char *origin, const char *name)
{
	static const char scheme[] = "https://";
	size_t n = strlen(name);

	if (strncmp(origin, scheme, strlen(scheme)) != 0)
		return false;
	origin += strlen(scheme);
	if (strncmp(origin, name, n) != 0)
		return false;
	origin += n;
	return !*origin || (*origin == ':' && !origin[1 + strspn(origin + 1, "0123456789")]);
}

static bool is_challenge(const char *text, const struct passkey_wanted *w)
{
	uint8_t octets[PASSKEY_CHALLENGE_LEN + 1];
	struct wbuf got = wbuf_init(octets, sizeof(octets));

	return base64_decode(slice_str(text), &got) == ERR_OK &&
	       secret_equal(wbuf_slice(&got), SLICE_OF(w->challenge));
}

/* WebAuthn 7.1 and 7.2: type, challenge, origin; not inside another page. */
static enum err check_client(const struct passkey_wanted *w, struct slice client, const char *type)
{
	json_t *o = client.len <= DATA_MAX ? json_loadb((const char *)client.ptr, client.len,
							JSON_REJECT_DUPLICATES, NULL)
					   : NULL;
	enum err e = json_is_object(o) ? ERR_OK : ERR_ENCODING;

	if (!e &&
	    (strcmp(text_in(o, "type"), type) != 0 || !is_challenge(text_in(o, "challenge"), w) ||
	     !is_our_origin(text_in(o, "origin"), w->name) ||
	     json_is_true(json_object_get(o, "crossOrigin"))))
		e = ERR_SIGNATURE;
	json_decref(o);
	return e;
}

/* Of the place, with somebody present. */
static enum err check_data(const struct passkey_wanted *w, struct slice data)
{
	struct slice name = slice_str(w->name);
	uint8_t hash[RP_HASH_LEN];
	struct cursor c = cursor_of(data);
	enum err e = data.len >= DATA_FRONT && data.len <= DATA_MAX ? sha256(&name, 1, hash)
								    : ERR_ENCODING;

	if (e)
		return e;
	if (!slice_equal(cursor_take(&c, RP_HASH_LEN), SLICE_OF(hash)))
		return ERR_SIGNATURE;
	return cursor_u8(&c) & PRESENT ? ERR_OK : ERR_SIGNATURE;
}

static enum err take_credential(const fido_cred_t *cred, struct slice id, struct book_passkey *out)
{
	struct slice own = slice_make(fido_cred_id_ptr(cred), fido_cred_id_len(cred));
	struct book_passkey key = {.id_len = own.len, .counter = fido_cred_sigcount(cred)};

	if (!own.len || own.len > sizeof(key.id) || !slice_equal(own, id))
		return ERR_ENCODING;
	memcpy(key.id, own.ptr, own.len);
	if (slice_copy(slice_make(fido_cred_pubkey_ptr(cred), fido_cred_pubkey_len(cred)),
		       key.point, sizeof(key.point)))
		return ERR_UNSUPPORTED;
	*out = key;
	return ERR_OK;
}

/* A point that is on the curve, or nothing that it signs could ever be believed. */
static enum err check_point(const struct book_passkey *key)
{
	es256_pk_t *pk = es256_pk_new();
	int r = pk ? es256_pk_from_ptr(pk, key->point, sizeof(key->point)) : FIDO_ERR_INTERNAL;

	es256_pk_free(&pk);
	return r == FIDO_OK ? ERR_OK : ERR_POINT;
}

enum err passkey_read(const struct passkey_wanted *w, const struct passkey_answer *a,
		      struct book_passkey *out)
{
	fido_cred_t *cred = NULL;
	enum err e = check_client(w, a->client, "webauthn.create");

	if (!e)
		e = check_data(w, a->data);
	if (e)
		return e;
	cred = fido_cred_new();
	if (!cred)
		return ERR_MEMORY;
	if (fido_cred_set_type(cred, COSE_ES256) != FIDO_OK)
		e = ERR_CRYPTO;
	else if (fido_cred_set_authdata_raw(cred, a->data.ptr, a->data.len) != FIDO_OK)
		e = ERR_ENCODING;
	if (!e)
		e = take_credential(cred, a->id, out);
	if (!e)
		e = check_point(out);
	fido_cred_free(&cred);
	return e;
}

/* By libfido2: the signature over data and client's hash, name and flags in the data. */
static int verify_assertion(const struct passkey_wanted *w, const struct passkey_answer *a,
			    const struct book_passkey *key, fido_assert_t *assert)
{
	es256_pk_t *pk = es256_pk_new();
	int r = pk ? es256_pk_from_ptr(pk, key->point, sizeof(key->point)) : FIDO_ERR_INTERNAL;

	if (r == FIDO_OK)
		r = fido_assert_set_rp(assert, w->name);
	if (r == FIDO_OK)
		r = fido_assert_set_clientdata(assert, a->client.ptr, a->client.len);
	if (r == FIDO_OK)
		r = fido_assert_set_count(assert, 1);
	if (r == FIDO_OK)
		r = fido_assert_set_authdata_raw(assert, 0, a->data.ptr, a->data.len);
	if (r == FIDO_OK)
		r = fido_assert_set_sig(assert, 0, a->signature.ptr, a->signature.len);
	if (r == FIDO_OK)
		r = fido_assert_set_up(assert, FIDO_OPT_TRUE);
	if (r == FIDO_OK)
		r = fido_assert_verify(assert, 0, COSE_ES256, pk);
	es256_pk_free(&pk);
	return r;
}

enum err passkey_verify(const struct passkey_wanted *w, const struct passkey_answer *a,
			const struct book_passkey *key, uint32_t *counter)
{
	fido_assert_t *assert = NULL;
	uint32_t n;
	enum err e = check_client(w, a->client, "webauthn.get");

	if (!e)
		e = check_data(w, a->data);
	if (!e && !slice_equal(a->id, slice_make(key->id, key->id_len)))
		e = ERR_SIGNATURE;
	if (e)
		return e;
	assert = fido_assert_new();
	if (!assert)
		return ERR_MEMORY;
	e = verify_assertion(w, a, key, assert) == FIDO_OK ? ERR_OK : ERR_SIGNATURE;
	n = fido_assert_sigcount(assert, 0);
	/* WebAuthn 7.2, 21: one that counts, counts on; or there are two of it */
	if (!e && (n || key->counter) && n <= key->counter)
		e = ERR_SIGNATURE;
	if (!e)
		*counter = n;
	fido_assert_free(&assert);
	return e;
}

static struct book_passkey *find_passkey(struct book *b, struct slice id)
{
	for (size_t i = 0; i < BOOK_PASSKEYS_MAX; i++)
		if (b->passkey[i].id_len &&
		    slice_equal(id, slice_make(b->passkey[i].id, b->passkey[i].id_len)))
			return &b->passkey[i];
	return NULL;
}

struct enrolling {
	const struct passkey_wanted *wanted;
	const struct passkey_answer *answer;
};

static enum err add_key(void *ctx, const struct subscriber *row, struct book *b,
			struct subscriber_event *ev)
{
	const struct enrolling *g = ctx;
	struct book_passkey key;
	size_t at = 0;
	enum err e = passkey_read(g->wanted, g->answer, &key);

	if (!subscriber_approved(row, g->wanted->now) || b->locked)
		return ERR_WRONG_STATE;
	if (row->book_revision != g->wanted->revision)
		return ERR_EXPIRED;
	if (e)
		return e;
	if (find_passkey(b, g->answer->id))
		return ERR_EXISTS;
	while (at < BOOK_PASSKEYS_MAX && b->passkey[at].id_len)
		at++;
	if (at == BOOK_PASSKEYS_MAX)
		return ERR_FULL;
	b->passkey[at] = key;
	*ev = (struct subscriber_event){.kind = EVENT_ENROLL,
					.actor = "user",
					.evidence = "a passkey is added, by who was approved",
					.now = g->wanted->now};
	return ERR_OK;
}

enum err passkey_enroll(struct operator_store *s, int64_t id, const struct passkey_wanted *w,
			const struct passkey_answer *a)
{
	struct enrolling g = {w, a};
	const struct factor_step step = {
		.kind = FACTOR_PASSKEY, .now = w->now, .take = add_key, .ctx = &g};

	return factor_step(s, id, &step, NULL);
}

static enum err drop_keys(void *ctx, const struct subscriber *row, struct book *b,
			  struct subscriber_event *ev)
{
	(void)row;
	memset(b->passkey, 0, sizeof(b->passkey));
	b->passed[FACTOR_PASSKEY] = (struct factor_passed){0, 0};
	*ev = *(const struct subscriber_event *)ctx;
	return ERR_OK;
}

enum err passkey_forget(struct operator_store *s, int64_t id, int64_t now)
{
	struct subscriber_event ev = {.kind = EVENT_ENROLL,
				      .actor = "operator",
				      .evidence = "the passkeys are taken away",
				      .now = now};
	const struct factor_step step = {
		.kind = FACTOR_PASSKEY, .now = now, .take = drop_keys, .ctx = &ev};

	return factor_step(s, id, &step, NULL);
}

struct judging {
	struct passkey_attempt *attempt;
	char evidence[EVIDENCE_CAP];
};

static enum err note_bad_key(struct judging *j, struct book *b, struct subscriber_event *ev)
{
	bool last = book_fail(b, FACTOR_PASSKEY);

	j->attempt->tries_left = book_tries_left(b, FACTOR_PASSKEY);
	ev->kind = last ? EVENT_CODE_LOCK : EVENT_CODE_WRONG;
	snprintf(j->evidence, sizeof(j->evidence), "a passkey that is not good, %u tries left",
		 j->attempt->tries_left);
	return ERR_FACTOR;
}

static enum err judge_key(void *ctx, const struct subscriber *row, struct book *b,
			  struct subscriber_event *ev)
{
	struct judging *j = ctx;
	const struct passkey_attempt *a = j->attempt;
	struct book_passkey *key = find_passkey(b, a->answer->id);
	uint32_t counter = 0;
	enum err e;

	if (!b->passkey[0].id_len)
		return ERR_NOT_FOUND;
	if (book_is_locked(b, FACTOR_PASSKEY))
		return ERR_REFUSED;
	if (row->book_revision != a->wanted->revision)
		return ERR_EXPIRED;
	e = key ? passkey_verify(a->wanted, a->answer, key, &counter) : ERR_SIGNATURE;
	if (e == ERR_MEMORY || e == ERR_CRYPTO)
		return e;
	*ev = (struct subscriber_event){.kind = EVENT_FACTOR,
					.actor = "user",
					.evidence = j->evidence,
					.now = a->wanted->now,
					.valid_s = FACTOR_VALID_S};
	if (e)
		return note_bad_key(j, b, ev);
	key->counter = counter;
	b->wrong[FACTOR_PASSKEY] = 0;
	snprintf(j->evidence, sizeof(j->evidence), "passkey %d of the subscriber's",
		 (int)(key - b->passkey) + 1);
	return ERR_OK;
}

enum err passkey_approve(struct operator_store *s, int64_t id, struct passkey_attempt *attempt,
			 struct subscriber *after)
{
	struct judging j = {.attempt = attempt};
	const struct factor_step step = {.kind = FACTOR_PASSKEY,
					 .attempt = true,
					 .now = attempt->wanted->now,
					 .take = judge_key,
					 .ctx = &j};

	return factor_step(s, id, &step, after);
}
