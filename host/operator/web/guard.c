#include "host/operator/web/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/gateway/attached.h"
#include "host/operator/http/page.h"
#include "host/operator/policy/moment.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"

#define NUMBER_LEN 16
#define MOMENT_LEN 8
#define COOKIE_LEN (NUMBER_LEN + MOMENT_LEN + SHA256_LEN)
#define WHO_CAP	   80
#define ORIGIN_CAP 300

enum err guard_begin(struct guard *g)
{
	memset(g, 0, sizeof(*g));
	return random_bytes(g->key, sizeof(g->key));
}

void guard_end(struct guard *g)
{
	secret_wipe(g, sizeof(*g));
}

static void describe_module(const struct attached *a, char text[static WHO_CAP])
{
	snprintf(text, WHO_CAP, "%s %s %d %lld", a->mac, a->imsi, a->subscription,
		 (long long)a->since);
}

/* Over the number and the moment in front of a cookie. */
static enum err cookie_mac(const struct guard *g, struct slice front, const struct attached *who,
			   uint8_t mac[static SHA256_LEN])
{
	char text[WHO_CAP];
	struct slice parts[] = {slice_str("cookie"), front, SLICE_EMPTY};

	describe_module(who, text);
	parts[2] = slice_str(text);
	return hmac_sha256(SLICE_OF(g->key), parts, ARRAY_LEN(parts), mac);
}

enum err guard_token(const struct guard *g, const char *cookie, char token[static GUARD_TOKEN_CAP])
{
	struct slice parts[] = {slice_str("token"), slice_str(cookie)};
	uint8_t mac[SHA256_LEN];
	enum err e = hmac_sha256(SLICE_OF(g->key), parts, ARRAY_LEN(parts), mac);

	return e ? e : hex_encode(SLICE_OF(mac), token, GUARD_TOKEN_CAP);
}

static enum err make_cookie(const struct guard *g, const struct attached *who, int64_t now,
			    char cookie[static GUARD_COOKIE_CAP])
{
	uint8_t octets[COOKIE_LEN], mac[SHA256_LEN];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	uint8_t *number = wbuf_reserve(&w, NUMBER_LEN);
	enum err e = random_bytes(number, NUMBER_LEN);

	wbuf_uint(&w, (uint64_t)now, MOMENT_LEN);
	if (!e)
		e = cookie_mac(g, wbuf_slice(&w), who, mac);
	if (e)
		return e;
	wbuf_put(&w, SLICE_OF(mac));
	return hex_encode(wbuf_slice(&w), cookie, GUARD_COOKIE_CAP);
}

/* *words: what is wrong with it. */
static bool is_cookie_good(const struct guard *g, const char *cookie, const struct attached *who,
			   int64_t now, const char **words)
{
	uint8_t octets[COOKIE_LEN], mac[SHA256_LEN];
	struct slice front = {octets, NUMBER_LEN + MOMENT_LEN};
	struct cursor c = cursor_of(SLICE_OF(octets));
	int64_t made;

	*words = "cookie-forged";
	if (strlen(cookie) != 2 * COOKIE_LEN || hex_decode_exact(cookie, octets, sizeof(octets)) ||
	    cookie_mac(g, front, who, mac))
		return false;
	cursor_take(&c, NUMBER_LEN);
	made = (int64_t)cursor_uint(&c, MOMENT_LEN);
	if (!secret_equal(cursor_take(&c, SHA256_LEN), SLICE_OF(mac)))
		return false;
	*words = "cookie-old";
	return moment_lasts(now, made, GUARD_SESSION_S);
}

enum err guard_open(const struct guard *g, const struct http_asked *asked,
		    const struct attached *who, int64_t now, struct guard_session *out)
{
	const char *words;
	enum err e = http_cookie(asked->cookie, GUARD_COOKIE, out->cookie, sizeof(out->cookie));

	out->bad = e && e != ERR_NOT_FOUND;
	out->fresh = e != ERR_OK;
	if (!e && !is_cookie_good(g, out->cookie, who, now, &words))
		out->fresh = out->bad = true;
	e = out->fresh ? make_cookie(g, who, now, out->cookie) : ERR_OK;
	return e ? e : guard_token(g, out->cookie, out->token);
}

enum err guard_challenge(const struct guard *g, const char *cookie, uint32_t revision,
			 uint8_t challenge[static GUARD_CHALLENGE_LEN])
{
	uint8_t number[4];
	struct wbuf w = wbuf_init(number, sizeof(number));
	struct slice parts[] = {slice_str("challenge"), SLICE_OF(number), slice_str(cookie)};

	wbuf_u32(&w, revision);
	return hmac_sha256(SLICE_OF(g->key), parts, ARRAY_LEN(parts), challenge);
}

bool guard_is_from_here(const struct http_asked *asked)
{
	char here[ORIGIN_CAP];

	if (asked->site && strcmp(asked->site, "same-origin") != 0)
		return false;
	if (!asked->origin)
		return true;
	return asked->host &&
	       snprintf(here, sizeof(here), "https://%s", asked->host) < (int)sizeof(here) &&
	       strcmp(here, asked->origin) == 0;
}

enum err guard_check_form(const struct guard *g, const struct http_asked *asked,
			  const struct attached *who, int64_t now, const char **words)
{
	const char *token = http_form_get(asked->form, GUARD_FIELD);
	char cookie[GUARD_COOKIE_CAP], want[GUARD_TOKEN_CAP];

	*words = "origin";
	if (!guard_is_from_here(asked))
		return ERR_REFUSED;
	*words = "cookie-missing";
	if (http_cookie(asked->cookie, GUARD_COOKIE, cookie, sizeof(cookie)))
		return ERR_REFUSED;
	if (!is_cookie_good(g, cookie, who, now, words))
		return ERR_REFUSED;
	*words = "token";
	if (!token || guard_token(g, cookie, want) ||
	    !secret_equal(slice_str(token), slice_str(want)))
		return ERR_REFUSED;
	*words = NULL;
	return ERR_OK;
}

/* The module's row, or that of the one that was here longest ago. */
static struct guard_count *find_count(struct guard *g, const char *mac)
{
	struct guard_count *oldest = &g->module[0];

	for (size_t i = 0; i < GUARD_MODULES; i++) {
		struct guard_count *c = &g->module[i];

		if (strncmp(c->mac, mac, sizeof(c->mac) - 1) == 0)
			return c;
		if (c->last < oldest->last)
			oldest = c;
	}
	*oldest = (struct guard_count){.since = 0};
	snprintf(oldest->mac, sizeof(oldest->mac), "%s", mac);
	return oldest;
}

enum err guard_count(struct guard *g, const char *mac, bool form, int64_t now)
{
	struct guard_count *c = find_count(g, mac);
	unsigned *n = form ? &c->forms : &c->pages;

	if (!moment_lasts(now, c->since, GUARD_TIME_S)) {
		c->since = now;
		c->forms = c->pages = 0;
	}
	c->last = now;
	if (*n >= (form ? GUARD_FORMS_MAX : GUARD_PAGES_MAX))
		return ERR_TRIES;
	++*n;
	return ERR_OK;
}
