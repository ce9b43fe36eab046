#include "card-emu/profile/subscription.h"

#include <stdio.h>

#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"

#define SUBSCRIPTION_FORMAT 2
#define PRINT_LEN	    12 /* octets of a key's fingerprint */

unsigned subscription_of_adf(const struct store *s, unsigned n, const char *adf)
{
	char key[STORE_KEY_MAX + 1];
	struct slice stored;

	snprintf(key, sizeof(key), STORE_KEY_NAA, n, adf);
	return store_get(s, key, &stored) ? slice_at(stored, 0) : 0;
}

void subscription_put_adf(struct store_txn *t, unsigned n, const char *adf, unsigned sub)
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

	snprintf(name, sizeof(name), STORE_KEY_AKA, n, sub);
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

	snprintf(name, sizeof(name), STORE_KEY_AKA, n, sub);
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

	snprintf(key, sizeof(key), STORE_KEY_SQN, n, sub);
	return read_sqn(s, key, sqn);
}

void subscription_sqn_put(struct store_txn *t, unsigned n, unsigned sub,
			  const struct sqn_array *sqn)
{
	char key[STORE_KEY_MAX + 1];
	uint8_t stored[SQN_STORED_MAX];
	struct wbuf w = wbuf_init(stored, sizeof(stored));

	snprintf(key, sizeof(key), STORE_KEY_SQN, n, sub);
	sqn_save(sqn, &w);
	store_put_kept(t, key, wbuf_slice(&w)); /* I6: also of a key that is not */
}
