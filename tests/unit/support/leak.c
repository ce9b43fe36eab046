#include "tests/unit/support/leak.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/base64.h"

#define SECRET_MIN  8 /* what is shorter is found by chance */
#define NEEDLE_MAX  8192
#define BASE64_BITS 6
#define OCTET_BITS  8

const char *leak_form_name(enum leak_form form)
{
	static const char *const names[LEAK_FORMS] = {
		[LEAK_RAW] = "raw",
		[LEAK_HEX_LOWER] = "hex",
		[LEAK_HEX_UPPER] = "HEX",
		[LEAK_BASE64_0] = "base64, first octet of a group",
		[LEAK_BASE64_1] = "base64, second octet of a group",
		[LEAK_BASE64_2] = "base64, third octet of a group",
	};

	return names[form];
}

static void put_hex(struct wbuf *w, struct slice secret, const char *digits)
{
	for (size_t i = 0; i < secret.len; i++) {
		wbuf_u8(w, (uint8_t)digits[slice_at(secret, i) >> 4]);
		wbuf_u8(w, (uint8_t)digits[slice_at(secret, i) & 15]);
	}
}

/* The characters all of whose bits are the secret's, when before octets precede it in its group. */
static void put_base64(struct wbuf *w, struct slice secret, size_t before)
{
	struct wbuf octets = wbuf_grow(NEEDLE_MAX), text = wbuf_grow(NEEDLE_MAX);
	size_t first = (before * OCTET_BITS + BASE64_BITS - 1) / BASE64_BITS;
	size_t end = (before + secret.len) * OCTET_BITS / BASE64_BITS;

	wbuf_fill(&octets, 0, before);
	wbuf_put(&octets, secret);
	base64_put(&text, wbuf_slice(&octets));
	wbuf_put(w, slice_sub(wbuf_slice(&text), first, end - first));
	wbuf_free(&octets);
	wbuf_free(&text);
}

enum err leak_put(struct wbuf *w, struct slice secret, enum leak_form form)
{
	if (secret.len < SECRET_MIN)
		return ERR_LENGTH;
	switch (form) {
	case LEAK_RAW: wbuf_put(w, secret); break;
	case LEAK_HEX_LOWER: put_hex(w, secret, "0123456789abcdef"); break;
	case LEAK_HEX_UPPER: put_hex(w, secret, "0123456789ABCDEF"); break;
	case LEAK_BASE64_0: put_base64(w, secret, 0); break;
	case LEAK_BASE64_1: put_base64(w, secret, 1); break;
	case LEAK_BASE64_2: put_base64(w, secret, 2); break;
	case LEAK_FORMS: return ERR_VALUE;
	}
	return wbuf_done(w);
}

bool leak_found(struct slice text, struct slice secret, enum leak_form *form)
{
	struct wbuf needle = wbuf_grow(NEEDLE_MAX);
	bool found = false;

	for (unsigned i = 0; !found && i < LEAK_FORMS; i++) {
		wbuf_reset(&needle);
		if (leak_put(&needle, secret, (enum leak_form)i))
			abort(); /* a test that looks for nothing proves nothing */
		found = text.len && memmem(text.ptr, text.len, needle.ptr, needle.len) != NULL;
		if (found && form)
			*form = (enum leak_form)i;
	}
	wbuf_free(&needle);
	return found;
}
