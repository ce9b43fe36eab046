#include "card-emu/profile/record.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/uicc/aid.h"

#define STATE_LEN (1 + ICCID_LEN + 16)

enum err profile_load(const struct store *s, unsigned n, struct profile_record *out)
{
	char key[STORE_KEY_MAX + 1];
	struct profile_record r = {0};
	struct cursor c;
	struct slice stored;

	snprintf(key, sizeof(key), STORE_KEY_STATE, n);
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

	snprintf(key, sizeof(key), STORE_KEY_STATE, n);
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
#define AID_NUMBER 14 /* the octet that counts */

void profile_make_aid(unsigned n, uint8_t aid[static 16])
{
	(void)!slice_copy(aid_of(AID_ISDP), aid, AID_LEN);
	aid[AID_NUMBER] = (uint8_t)(aid[AID_NUMBER] + n - 1);
}

static unsigned profile_of_aid(struct slice aid)
{
	return slice_at(aid, AID_NUMBER) - slice_at(aid_of(AID_ISDP), AID_NUMBER) + 1u;
}

/* An index may be old: whether profile n is what is wanted. */
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
		snprintf(key, sizeof(key), STORE_KEY_STATE, n);
		if (!store_has(s, key))
			return n;
	}
	return 0;
}
