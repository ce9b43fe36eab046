#include "card-emu/profile/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/bytes.h"
#include "lib/auth/sqn.h"
#include "lib/crypto/symmetric.h"
#include "lib/base/secret.h"

#define SUBSCRIPTION_FORMAT 2
#define PRINT_LEN	    12 /* octets of a key's fingerprint */
#define STATE_LEN	    (1 + ICCID_LEN + 16)

static void key_of(char key[static STORE_KEY_MAX + 1], const char *format, unsigned n, unsigned k)
{
	/* the formats of keys.h are the only ones that come here */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	/* cppcheck-suppress wrongPrintfScanfArgNum ; a format without a second number ignores k */
	snprintf(key, STORE_KEY_MAX + 1, format, n, k);
#pragma GCC diagnostic pop
}

enum err profile_load(const struct store *s, unsigned n, struct profile_record *out)
{
	char key[STORE_KEY_MAX + 1];
	struct profile_record r = {0};
	struct cursor c;
	struct slice stored;

	key_of(key, STORE_KEY_STATE, n, 0);
	if (!store_get(s, key, &stored))
		return ERR_NOT_FOUND;
	c = cursor_of(stored);
	r.state = cursor_u8(&c);
	cursor_copy(&c, r.iccid, sizeof(r.iccid));
	cursor_copy(&c, r.isdp_aid, sizeof(r.isdp_aid));
	if (slice_text(cursor_take_rest(&c), r.nickname, sizeof(r.nickname)) || cursor_done(&c))
		return ERR_CORRUPT;
	*out = r;
	return ERR_OK;
}

/* The key of the index by ICCID. */
static enum err index_key(struct slice iccid, char key[static STORE_KEY_MAX + 1])
{
	snprintf(key, STORE_KEY_MAX + 1, "%s", STORE_PREFIX_BY_ICCID);
	return hex_encode(iccid, key + strlen(STORE_PREFIX_BY_ICCID),
			  STORE_KEY_MAX + 1 - strlen(STORE_PREFIX_BY_ICCID));
}

static void put_number(struct store_txn *t, const char *key, unsigned n)
{
	uint8_t v = (uint8_t)n;

	store_put(t, key, slice_make(&v, 1));
}

void profile_put(struct store_txn *t, unsigned n, const struct profile_record *r)
{
	char key[STORE_KEY_MAX + 1];
	uint8_t mem[STATE_LEN + sizeof(r->nickname)];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	key_of(key, STORE_KEY_STATE, n, 0);
	wbuf_u8(&w, (uint8_t)r->state);
	wbuf_put(&w, SLICE_OF(r->iccid));
	wbuf_put(&w, SLICE_OF(r->isdp_aid));
	wbuf_put(&w, slice_str(r->nickname));
	store_put(t, key, wbuf_slice(&w));
	if (index_key(SLICE_OF(r->iccid), key) == ERR_OK)
		put_number(t, key, n);
	if (r->state == PROFILE_ENABLED)
		put_number(t, STORE_KEY_ENABLED, n);
}

void profile_put_none_enabled(struct store_txn *t)
{
	put_number(t, STORE_KEY_ENABLED, 0);
}

void profile_delete(struct store_txn *t, unsigned n, const struct profile_record *r)
{
	char key[STORE_KEY_MAX + 1];

	snprintf(key, sizeof(key), STORE_PREFIX_N, n);
	store_delete_prefix(t, key);
	if (index_key(SLICE_OF(r->iccid), key) == ERR_OK)
		store_delete(t, key);
	if (r->state == PROFILE_ENABLED)
		profile_put_none_enabled(t);
}

void profile_each(const struct store *s,
		  bool (*each)(void *ctx, unsigned n, const struct profile_record *r), void *ctx)
{
	for (unsigned n = 1; n <= STORE_PROFILES_MAX; n++) {
		struct profile_record r;

		if (profile_load(s, n, &r) == ERR_OK && !each(ctx, n, &r))
			return;
	}
}

struct search {
	struct slice iccid, aid;
	bool enabled;
	unsigned found;
};

static bool matches(void *ctx, unsigned n, const struct profile_record *r)
{
	struct search *want = ctx;

	if ((want->enabled && r->state == PROFILE_ENABLED) ||
	    (want->iccid.len && slice_equal(want->iccid, SLICE_OF(r->iccid))) ||
	    (want->aid.len && slice_equal(want->aid, SLICE_OF(r->isdp_aid))))
		want->found = n;
	return !want->found;
}

/* GSMA's ISD-P AIDs (SGP.22 2.3): profile n gets the n-th of its range. */
static const uint8_t first_aid[16] = {0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
				      0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x11, 0x00};
#define AID_NUMBER 14 /* the octet that counts */

void profile_make_aid(unsigned n, uint8_t aid[static 16])
{
	memcpy(aid, first_aid, sizeof(first_aid));
	aid[AID_NUMBER] = (uint8_t)(aid[AID_NUMBER] + n - 1);
}

static unsigned profile_of_aid(struct slice aid)
{
	return slice_at(aid, AID_NUMBER) - first_aid[AID_NUMBER] + 1u;
}

/* Whether the profile whose number an index holds is the one that is wanted. */
static unsigned confirm(const struct store *s, unsigned n, struct search *want)
{
	struct profile_record r;

	if (n && profile_load(s, n, &r) == ERR_OK)
		matches(want, n, &r);
	return want->found;
}

/* The indexes spare the walk; a store that has none yet, or a profile that is in none, costs it. */
unsigned profile_enabled(const struct store *s)
{
	struct search want = {.enabled = true};
	struct slice v;

	if (store_get(s, STORE_KEY_ENABLED, &v) &&
	    (slice_at(v, 0) == 0 || confirm(s, slice_at(v, 0), &want)))
		return want.found;
	profile_each(s, matches, &want);
	return want.found;
}

unsigned profile_find(const struct store *s, struct slice iccid, struct slice isdp_aid)
{
	struct search want = {.iccid = iccid, .aid = isdp_aid};
	char key[STORE_KEY_MAX + 1];
	struct slice v;

	if (iccid.len && index_key(iccid, key) == ERR_OK && store_get(s, key, &v) &&
	    confirm(s, slice_at(v, 0), &want))
		return want.found;
	if (isdp_aid.len && confirm(s, profile_of_aid(isdp_aid), &want))
		return want.found;
	profile_each(s, matches, &want);
	return want.found;
}

unsigned profile_free_number(const struct store *s)
{
	char key[STORE_KEY_MAX + 1];

	for (unsigned n = 1; n <= STORE_PROFILES_MAX; n++) {
		key_of(key, STORE_KEY_STATE, n, 0);
		if (!store_has(s, key))
			return n;
	}
	return 0;
}

unsigned profile_naa(const struct store *s, unsigned n, const char *adf)
{
	char key[STORE_KEY_MAX + 1];
	struct slice stored;

	snprintf(key, sizeof(key), STORE_KEY_NAA, n, adf);
	return store_get(s, key, &stored) ? slice_at(stored, 0) : 0;
}

void profile_naa_put(struct store_txn *t, unsigned n, const char *adf, unsigned sub)
{
	char key[STORE_KEY_MAX + 1];
	uint8_t value = (uint8_t)sub;

	snprintf(key, sizeof(key), STORE_KEY_NAA, n, adf);
	store_put(t, key, slice_make(&value, 1));
}

static void put_field(struct wbuf *w, struct slice field)
{
	wbuf_u8(w, (uint8_t)field.len);
	wbuf_put(w, field);
}

enum err subscription_put(struct store_txn *t, unsigned n, unsigned sub,
			  const struct aka_parameters *key, const struct sqn_array *sqn)
{
	static const struct sqn_array fresh = {
		.ind_bits = SQN_IND_BITS, .has_delta = true, .delta = SQN_DELTA};
	char name[STORE_KEY_MAX + 1];
	uint8_t mem[256];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	enum err e;

	key_of(name, STORE_KEY_AKA, n, sub);
	wbuf_u8(&w, SUBSCRIPTION_FORMAT);
	wbuf_u8(&w, (uint8_t)key->algorithm);
	wbuf_u8(&w, (uint8_t)key->res_len);
	wbuf_u8(&w, (uint8_t)key->iterations);
	put_field(&w, key->k);
	put_field(&w, key->opc);
	put_field(&w, key->rotations);
	put_field(&w, key->constants);
	e = wbuf_done(&w);
	if (!e) {
		store_put_secret(t, name, wbuf_slice(&w));
		subscription_sqn_put(t, n, sub, sqn ? sqn : &fresh);
	}
	secret_wipe(mem, sizeof(mem));
	return e;
}

/* The form of the first cards: no iterations and constants, OPc to the end. */
static struct aka_parameters parse_format_1(struct cursor *c)
{
	struct aka_parameters p = {.algorithm = cursor_u8(c)};

	p.res_len = cursor_u8(c);
	p.k = cursor_take(c, cursor_u8(c));
	p.opc = cursor_take_rest(c);
	return p;
}

static struct aka_parameters parse_subscription(struct cursor *c)
{
	struct aka_parameters p;
	uint8_t format = cursor_u8(c);

	if (format == 1)
		return parse_format_1(c);
	if (format != SUBSCRIPTION_FORMAT)
		cursor_fail(c, ERR_CORRUPT);
	p = (struct aka_parameters){.algorithm = cursor_u8(c)};
	p.res_len = cursor_u8(c);
	p.iterations = cursor_u8(c);
	p.k = cursor_take(c, cursor_u8(c));
	p.opc = cursor_take(c, cursor_u8(c));
	p.rotations = cursor_take(c, cursor_u8(c));
	p.constants = cursor_take(c, cursor_u8(c));
	return p;
}

/* What is stored of a subscription; the slices of *out lie in *stored, which the caller frees. */
static enum err read_subscription(const struct store *s, unsigned n, unsigned sub,
				  struct secret **stored, struct aka_parameters *out)
{
	char name[STORE_KEY_MAX + 1];
	struct cursor c;
	enum err e;

	key_of(name, STORE_KEY_AKA, n, sub);
	e = store_get_secret(s, name, stored);
	if (e)
		return e;
	c = cursor_of(secret_slice(*stored));
	*out = parse_subscription(&c);
	return cursor_done(&c);
}

enum err subscription_load(const struct store *s, unsigned n, unsigned sub, struct aka_key **key)
{
	struct secret *stored = NULL;
	struct aka_parameters found;
	enum err e = read_subscription(s, n, sub, &stored, &found);

	if (!e)
		e = aka_key_make(&found, key);
	secret_free(&stored);
	return e;
}

static enum err read_sqn(const struct store *s, const char *key, struct sqn_array *sqn)
{
	struct slice stored;

	if (!store_get(s, key, &stored))
		return ERR_NOT_FOUND;
	return sqn_load(stored, sqn) ? ERR_CORRUPT : ERR_OK;
}

/* Where the array of a key stays that no subscription has any more. */
static enum err past_key_of(char name[static STORE_KEY_MAX + 1], unsigned n,
			    const struct aka_parameters *key)
{
	uint8_t algorithm = (uint8_t)key->algorithm, digest[SHA256_LEN];
	struct slice parts[] = {slice_str("twinkey sqn"), slice_make(&algorithm, 1), key->k,
				key->opc};
	char print[2 * PRINT_LEN + 1];
	enum err e = sha256(parts, ARRAY_LEN(parts), digest);

	if (!e)
		e = hex_encode(slice_make(digest, PRINT_LEN), print, sizeof(print));
	if (!e)
		snprintf(name, STORE_KEY_MAX + 1, STORE_KEY_SQN_PAST, n, print);
	return e;
}

enum err subscription_sqn_of_key(const struct store *s, unsigned n,
				 const struct aka_parameters *key, struct sqn_array *sqn)
{
	char past[STORE_KEY_MAX + 1];
	enum err e;

	for (unsigned sub = 2; sub >= 1; sub--) {
		struct secret *stored = NULL;
		struct aka_parameters found;
		bool same;

		e = read_subscription(s, n, sub, &stored, &found);
		same = !e && found.algorithm == key->algorithm && secret_equal(found.k, key->k) &&
		       secret_equal(found.opc, key->opc);
		secret_free(&stored);
		if (e && e != ERR_NOT_FOUND)
			return e;
		if (same)
			return subscription_sqn_load(s, n, sub, sqn);
	}
	e = past_key_of(past, n, key);
	return e ? e : read_sqn(s, past, sqn);
}

enum err subscription_sqn_keep(const struct store *s, struct store_txn *t, unsigned n, unsigned sub)
{
	struct secret *stored = NULL;
	struct aka_parameters key;
	struct sqn_array sqn;
	char past[STORE_KEY_MAX + 1];
	uint8_t octets[SQN_STORED_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	enum err e = read_subscription(s, n, sub, &stored, &key);

	if (!e)
		e = past_key_of(past, n, &key);
	if (!e)
		e = subscription_sqn_load(s, n, sub, &sqn);
	if (!e) {
		sqn_save(&sqn, &w);
		store_put(t, past, wbuf_slice(&w));
	}
	secret_free(&stored);
	return e == ERR_NOT_FOUND ? ERR_OK : e; /* there was no such subscription */
}

enum err subscription_sqn_load(const struct store *s, unsigned n, unsigned sub,
			       struct sqn_array *sqn)
{
	char key[STORE_KEY_MAX + 1];

	key_of(key, STORE_KEY_SQN, n, sub);
	return read_sqn(s, key, sqn);
}

void subscription_sqn_put(struct store_txn *t, unsigned n, unsigned sub,
			  const struct sqn_array *sqn)
{
	char key[STORE_KEY_MAX + 1];
	uint8_t stored[SQN_STORED_MAX];
	struct wbuf w = wbuf_init(stored, sizeof(stored));

	key_of(key, STORE_KEY_SQN, n, sub);
	sqn_save(sqn, &w);
	store_put(t, key, wbuf_slice(&w));
}

void release_load(const struct store *s, unsigned n, struct release_record *out)
{
	char key[STORE_KEY_MAX + 1];
	struct slice stored;
	struct cursor c;

	*out = (struct release_record){.active = 1};
	key_of(key, STORE_KEY_KRA, n, 0);
	if (!store_get(s, key, &stored))
		return;
	c = cursor_of(stored);
	out->active = cursor_u8(&c);
	out->key_id = cursor_u32(&c);
}

void release_put(struct store_txn *t, unsigned n, const struct release_record *r)
{
	char key[STORE_KEY_MAX + 1];
	uint8_t mem[5];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	key_of(key, STORE_KEY_KRA, n, 0);
	wbuf_u8(&w, r->active);
	wbuf_u32(&w, r->key_id);
	store_put(t, key, wbuf_slice(&w));
}

#define PIN_STORED_LEN (8 + 2 + 1 + 1 + 8 + 2 + 1)

enum pin_flag { PIN_IS_ENABLED = 1, PIN_NO_CHANGE = 2, PIN_NO_DISABLE = 4 };

static void pin_key(char key[static STORE_KEY_MAX + 1], unsigned n, const char *df, uint8_t ref)
{
	if (*df)
		snprintf(key, STORE_KEY_MAX + 1, STORE_KEY_PIN_LOCAL, n, ref, df);
	else
		snprintf(key, STORE_KEY_MAX + 1, STORE_KEY_PIN, n, ref);
}

enum err pin_load_in(const struct store *s, unsigned n, const char *df, uint8_t ref,
		     struct pin_record *out)
{
	char key[STORE_KEY_MAX + 1];
	struct secret *stored = NULL;
	struct pin_record r = {0};
	uint8_t flags;
	struct cursor c;
	enum err e;

	pin_key(key, n, df, ref);
	e = store_get_secret(s, key, &stored);
	if (e)
		return e;
	c = cursor_of(secret_slice(stored));
	cursor_copy(&c, r.value, sizeof(r.value));
	r.tries = cursor_u8(&c);
	r.tries_max = cursor_u8(&c);
	flags = cursor_u8(&c);
	r.enabled = flags & PIN_IS_ENABLED;
	r.no_change = flags & PIN_NO_CHANGE;
	r.no_disable = flags & PIN_NO_DISABLE;
	r.has_puk = cursor_u8(&c) != 0;
	cursor_copy(&c, r.puk, sizeof(r.puk));
	r.puk_tries = cursor_u8(&c);
	r.puk_tries_max = cursor_u8(&c);
	if (cursor_left(&c))
		r.alternative = cursor_u8(&c);
	e = cursor_done(&c);
	if (!e)
		*out = r;
	secret_wipe(&r, sizeof(r));
	secret_free(&stored);
	return e ? ERR_CORRUPT : ERR_OK;
}

enum err pin_put_in(struct store_txn *t, unsigned n, const char *df, uint8_t ref,
		    const struct pin_record *r)
{
	char key[STORE_KEY_MAX + 1];
	uint8_t mem[PIN_STORED_LEN];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	enum err e;

	pin_key(key, n, df, ref);
	wbuf_put(&w, SLICE_OF(r->value));
	wbuf_u8(&w, r->tries);
	wbuf_u8(&w, r->tries_max);
	wbuf_u8(&w,
		(uint8_t)((r->enabled ? PIN_IS_ENABLED : 0) | (r->no_change ? PIN_NO_CHANGE : 0) |
			  (r->no_disable ? PIN_NO_DISABLE : 0)));
	wbuf_u8(&w, r->has_puk);
	wbuf_put(&w, SLICE_OF(r->puk));
	wbuf_u8(&w, r->puk_tries);
	wbuf_u8(&w, r->puk_tries_max);
	if (r->alternative)
		wbuf_u8(&w, r->alternative);
	e = wbuf_done(&w);
	if (!e)
		store_put_secret(t, key, wbuf_slice(&w));
	secret_wipe(mem, sizeof(mem));
	return e;
}

enum err pin_load(const struct store *s, unsigned n, uint8_t ref, struct pin_record *out)
{
	return pin_load_in(s, n, "", ref, out);
}

void pin_share(struct store_txn *t, unsigned n, const char *df, const char *with)
{
	char key[STORE_KEY_MAX + 1];

	snprintf(key, sizeof(key), STORE_KEY_PIN_SHARED, n, df);
	store_put(t, key, slice_str(with));
}

/* The DF whose PINs df has: itself, or the one that it shares them with. */
static void follow_share(const struct store *s, unsigned n, char df[static FS_PATH_MAX])
{
	char key[STORE_KEY_MAX + 1];
	struct slice with;

	snprintf(key, sizeof(key), STORE_KEY_PIN_SHARED, n, df);
	if (store_get(s, key, &with) && slice_text(with, df, FS_PATH_MAX))
		df[0] = 0;
}

bool pin_home(const struct store *s, unsigned n, const char *path, uint8_t ref,
	      char df[static FS_PATH_MAX])
{
	char key[STORE_KEY_MAX + 1];

	df[0] = 0;
	if (!(ref & PIN_LOCAL)) {
		pin_key(key, n, df, ref);
		return store_has(s, key);
	}
	for (size_t len = strlen(path); len >= 4; len -= 4) {
		memcpy(df, path, len);
		df[len] = 0;
		follow_share(s, n, df);
		pin_key(key, n, df, ref);
		if (*df && store_has(s, key))
			return true;
	}
	df[0] = 0;
	return false;
}
