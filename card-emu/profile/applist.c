#include "card-emu/profile/applist.h"

#include <stdio.h>

#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/base/secret.h"
#include "lib/base/tlv.h"

/* The stored form: one TLV per field */
enum stored_tag {
	TAG_KIND = 0x80,
	TAG_LIFE_CYCLE,
	TAG_AID,
	TAG_PACKAGE,
	TAG_CLASS,
	TAG_DOMAIN,
	TAG_PRIVILEGES,
	TAG_TARS,
};

#define SUMMARY_MAX 1024

const char *app_kind_name(enum profile_app_kind kind)
{
	static const char *const names[] = {[PROFILE_SECURITY_DOMAIN] = "security domain",
					    [PROFILE_RFM] = "RFM",
					    [PROFILE_LOAD_PACKAGE] = "load package",
					    [PROFILE_APP] = "application"};

	return kind < ARRAY_LEN(names) && names[kind] ? names[kind] : "unknown";
}

enum err app_put(struct store_txn *t, unsigned n, const struct profile_app *a)
{
	char aid[2 * 16 + 1], key[STORE_KEY_MAX + 1];
	struct wbuf w = wbuf_grow(SUMMARY_MAX);
	enum err e = hex_encode(a->aid, aid, sizeof(aid));

	tlv_put_uint(&w, TAG_KIND, (uint64_t)a->kind);
	tlv_put_uint(&w, TAG_LIFE_CYCLE, a->life_cycle);
	tlv_put(&w, TAG_AID, a->aid);
	tlv_put(&w, TAG_PACKAGE, a->package);
	tlv_put(&w, TAG_CLASS, a->class_id);
	tlv_put(&w, TAG_DOMAIN, a->domain);
	tlv_put(&w, TAG_PRIVILEGES, a->privileges);
	tlv_put(&w, TAG_TARS, a->tars);
	if (!e)
		e = wbuf_done(&w);
	if (!e && a->raw.len > (a->kind == PROFILE_SECURITY_DOMAIN ? SECRET_MAX : STORE_VALUE_MAX))
		e = ERR_SPACE;
	if (!e) {
		snprintf(key, sizeof(key), STORE_KEY_APP, n, (unsigned)a->kind, aid);
		store_put(t, key, wbuf_slice(&w));
		snprintf(key, sizeof(key), STORE_KEY_APP_RAW, n, (unsigned)a->kind, aid);
		if (a->kind == PROFILE_SECURITY_DOMAIN)
			store_put_secret(t, key, a->raw);
		else
			store_put(t, key, a->raw);
	}
	wbuf_free(&w);
	return e;
}

struct listing {
	bool (*each)(void *ctx, const struct profile_app *a);
	void *ctx;
};

static bool list_one(void *ctx, const char *key, struct slice value)
{
	struct listing *l = ctx;
	struct cursor c = cursor_of(value);
	struct profile_app a = {.kind = (enum profile_app_kind)tlv_expect_uint(&c, TAG_KIND)};

	(void)key;
	a.life_cycle = (uint8_t)tlv_expect_uint(&c, TAG_LIFE_CYCLE);
	a.aid = tlv_expect(&c, TAG_AID);
	a.package = tlv_expect(&c, TAG_PACKAGE);
	a.class_id = tlv_expect(&c, TAG_CLASS);
	a.domain = tlv_expect(&c, TAG_DOMAIN);
	a.privileges = tlv_expect(&c, TAG_PRIVILEGES);
	a.tars = tlv_expect(&c, TAG_TARS);
	return cursor_done(&c) || l->each(l->ctx, &a);
}

void app_each(const struct store *s, unsigned n,
	      bool (*each)(void *ctx, const struct profile_app *a), void *ctx)
{
	struct listing l = {each, ctx};
	char prefix[STORE_KEY_MAX + 1];

	snprintf(prefix, sizeof(prefix), STORE_PREFIX_APP, n);
	store_each(s, prefix, list_one, &l);
}
