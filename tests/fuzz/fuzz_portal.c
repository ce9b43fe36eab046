/*
 * What strangers send to the portal, and what its operator puts in files: any bytes. The first
 * octet chooses: a form, a Cookie or an Accept-Language header, a file of a language, or a
 * provider's batch, before a store whose one module is another provider's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <microhttpd.h>

#include "host/operator/factor/provider.h"
#include "host/operator/http/page.h"
#include "host/operator/store/store.h"
#include "host/operator/web/provider_api.h"
#include "host/operator/web/words.h"
#include "lib/crypto/symmetric.h"
#include "tests/support/must.h"
#include "tests/support/scratch.h"
#include "tool/sys/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW    1800000000
#define IMSI   "001010000000001"
#define COOKIE "__Host-twinkey"

static bool is_clean(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7F)
			return false;
	return true;
}

static void read_form(struct slice body)
{
	static struct http_form f;
	enum err e = http_form_parse(body, &f);

	MUST(!e || f.count == 0);
	MUST(f.count <= HTTP_FORM_FIELDS);
	for (size_t i = 0; i < f.count; i++) {
		MUST(http_form_get(&f, f.field[i].name) == f.field[i].value);
		MUST(is_clean(f.field[i].name) && is_clean(f.field[i].value));
	}
}

static char *copy_text(struct slice s)
{
	char *text = strndup((const char *)s.ptr, s.len);

	MUST(text);
	return text;
}

static void read_cookie(struct slice header)
{
	char *text = copy_text(header), value[65];
	enum err e = http_cookie(text, COOKIE, value, sizeof(value));

	if (!e) {
		MUST(strstr(text, COOKIE "=") && strstr(text, value));
		MUST(strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "-_.") == strlen(value));
	}
	free(text);
}

static void read_language(struct slice header)
{
	struct words w;
	char *text = copy_text(header);
	const struct language *l;

	words_begin(&w);
	l = words_for(&w, text);
	MUST(l >= w.language && l < w.language + w.count);
	words_free(&w);
	free(text);
}

static void read_words(struct slice file)
{
	struct words w;
	unsigned line = 0;
	size_t count;
	enum err e;

	words_begin(&w);
	count = w.count;
	e = words_add(&w, "fr", file, &line);
	MUST(w.count == count + !e);
	for (size_t i = 0; i < w.count; i++)
		for (size_t n = 0; n < WORD_COUNT; n++)
			MUST(w.language[i].word[n]);
	words_free(&w);
}

static struct operator_store *store;
static char dir[96];

static void leave(void)
{
	operator_store_close(&store);
	file_remove_tree(dir);
}

static void open_store(void)
{
	struct subscriber sub = {.key_id = 1, .imsi = {IMSI, "001010000000002"}};
	struct subscriber_keys keys = {.s = random_secret(16)};

	scratch_make(NULL, "fuzz-portal", dir, sizeof(dir));
	MUST(operator_store_create(dir, NULL, &store) == ERR_OK);
	for (int i = 0; i < 2; i++) {
		keys.k[i] = random_secret(16);
		keys.opc[i] = random_secret(16);
		sub.algorithm[i] = AKA_MILENAGE;
	}
	MUST(subscriber_add(store, &sub, &keys) == ERR_OK);
	MUST(provider_enroll(store, sub.id, "other", NOW) == ERR_OK);
	subscriber_keys_free(&keys);
	atexit(leave);
}

/* Nobody is approved; the answer is JSON. */
static void read_batch(struct slice body)
{
	const struct http_asked asked = {.client = "acme", .body = body};
	struct http_page page = {.body = wbuf_grow(HTTP_PAGE_MAX)};
	struct subscriber sub;
	json_t *answer;

	if (!store)
		open_store();
	MUST(operator_store_begin(store) == ERR_OK);
	MUST(provider_api_approve(store, &asked, NOW, &page) == ERR_OK);
	answer = json_loadb((const char *)page.body.ptr, page.body.len, 0, NULL);
	MUST(json_is_object(answer));
	MUST((page.status == 0 || page.status == MHD_HTTP_OK) ==
	     (json_object_get(answer, "results") != NULL));
	MUST(!memmem(page.body.ptr, page.body.len, "approved", strlen("approved")) ||
	     memmem(body.ptr, body.len, "approved", strlen("approved")));
	MUST(subscriber_by_imsi(store, IMSI, &sub, NULL) == ERR_OK);
	MUST(sub.state == STATE_PROVISIONED && !sub.second_factor_until);
	MUST(operator_store_end(store, ERR_REFUSED) == ERR_REFUSED); /* as it was */
	json_decref(answer);
	wbuf_free(&page.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const kinds[])(struct slice text) = {read_form, read_cookie, read_language,
							   read_words, read_batch};
	struct cursor c = cursor_of(slice_make(data, size));
	uint8_t kind = cursor_u8(&c);

	kinds[kind % ARRAY_LEN(kinds)](cursor_take_rest(&c));
	return 0;
}
