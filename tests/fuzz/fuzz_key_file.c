/* Any octets as a sealed key file, also with the sum at its end made right, and as the text of a
 * key's source: what is taken is whole, and what opens is what was sealed. */
#include <string.h>

#include "host/operator/keysource/uri.h"
#include "host/operator/keysource/wrapped.h"
#include "lib/crypto/symmetric.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* the outer key of the corpus: 32 octets of 0x4B */
static struct slice outer_key(uint8_t octets[static 32])
{
	memset(octets, 0x4B, 32);
	return slice_make(octets, 32);
}

static void check_source(const struct key_source *s)
{
	struct key_source again;
	char name[KEY_SOURCE_NAME_CAP];

	MUST(memchr(s->text, 0, sizeof(s->text)) && s->name_at <= strlen(s->text));
	MUST(key_source_parse(slice_str(s->text), &again) == ERR_OK && again.kind == s->kind);
	MUST(strlen(key_source_name(s, name)) < sizeof(name));
}

static void try_file(struct slice file)
{
	struct wbuf plain = wbuf_grow(WRAPPED_CONTENT), again = wbuf_grow(WRAPPED_MAX);
	uint8_t key[32];
	struct wrapped w;
	enum err parsed = wrapped_parse(file, &w);
	enum err opened = wrapped_open(file, outer_key(key), &plain);

	MUST(parsed == ERR_OK || parsed == ERR_CORRUPT || parsed == ERR_VERSION);
	MUST(opened == parsed || (!parsed && (opened == ERR_KEY || opened == ERR_CORRUPT)));
	MUST(opened ? plain.len == 0 : plain.len == WRAPPED_CONTENT);
	if (!parsed) {
		MUST(wrapped_is(file) && w.ticket.len <= KEY_TICKET_MAX);
		check_source(&w.source);
	}
	if (!opened) {
		MUST(wrapped_put(&w, outer_key(key), wbuf_slice(&plain), &again) == ERR_OK);
		MUST(again.len == file.len);
	}
	wbuf_free(&plain);
	wbuf_free(&again);
}

static void try_uri(struct slice text)
{
	struct pkcs11_uri u = {.id_len = 0};
	const char *why = NULL;
	enum err e = pkcs11_uri_parse(text, &u, &why);

	MUST(e == ERR_OK ? !why : e == ERR_USAGE && why && *why);
	if (e)
		return;
	MUST(u.token[0] || u.serial[0]);
	MUST((u.object[0] || u.id_len) && u.id_len <= URI_ID_MAX);
	MUST(!u.module[0] || u.module[0] == '/');
	MUST(memchr(u.pin_source, 0, sizeof(u.pin_source)));
	MUST(u.pin != URI_PIN_FILE || u.pin_source[0] == '/');
	MUST(u.pin != URI_PIN_CREDENTIAL || !strchr(u.pin_source, '/'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_make(data, size);
	uint8_t octets[WRAPPED_MAX];
	struct key_source s;

	try_file(all);
	try_uri(all);
	if (!key_source_parse(all, &s))
		check_source(&s);
	if (size > SHA256_LEN && size <= sizeof(octets)) {
		struct slice head = slice_make(octets, size - SHA256_LEN);

		memcpy(octets, data, size);
		MUST(sha256(&head, 1, octets + head.len) == ERR_OK);
		try_file(slice_make(octets, size));
	}
	return 0;
}
