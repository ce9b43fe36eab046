#include "lib/trace/decode/field/texts.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/simtext.h"
#include "lib/base/utf8.h"

#define REPLACEMENT  "\xEF\xBF\xBD"
#define FILLER	     0xFF
#define UCS2_CODING  0x80
#define SEPTET_MAX   255
#define UNPACKED_CAP (SEPTET_MAX + 1)
#define NO_UTF8	     "not UTF-8"

/* A character that is none to show: C0, DEL, C1 */
static bool is_control(uint32_t character)
{
	return character < ' ' || (character >= 0x7F && character < 0xA0);
}

/* Nothing but ASCII that is to show */
static bool is_plain(struct slice utf8)
{
	for (size_t i = 0; i < utf8.len; i++) {
		if (utf8.ptr[i] >= 0x80 || is_control(utf8.ptr[i]))
			return false;
	}
	return true;
}

bool texts_clean(struct slice utf8, char out[static TEXT_CAP])
{
	struct wbuf w = wbuf_init((uint8_t *)out, TEXT_CAP - 1);
	struct cursor c = cursor_of(utf8);
	size_t whole = 0;
	bool good = true;

	if (is_plain(utf8)) { /* as nearly all are */
		utf8 = slice_sub(utf8, 0, TEXT_CAP - 1);
		wbuf_put(&w, utf8);
		out[w.len] = 0;
		return true;
	}
	while (cursor_left(&c)) {
		struct slice before = c.rest;
		uint32_t character = utf8_next(&c);
		struct slice raw = slice_sub(before, 0, before.len - c.rest.len);

		if (c.err) {
			good = false;
			raw = slice_str(REPLACEMENT);
			c = cursor_of(slice_sub(before, 1, before.len));
		} else if (is_control(character)) {
			raw = slice_str(REPLACEMENT);
		}
		wbuf_put(&w, raw);
		if (w.err)
			break;
		whole = w.len;
	}
	out[whole] = 0;
	return good;
}

void texts_alpha(struct slice field, char out[static TEXT_CAP])
{
	uint8_t mem[2 * TEXT_CAP];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	simtext_decode(slice_sub(field, 0, SEPTET_MAX), &w);
	texts_clean(slice_make(mem, w.len), out);
}

void texts_ucs2(struct slice field, char out[static TEXT_CAP])
{
	uint8_t mem[UNPACKED_CAP];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	wbuf_u8(&w, UCS2_CODING);
	wbuf_put(&w, slice_sub(field, 0, SEPTET_MAX));
	texts_alpha(wbuf_slice(&w), out);
}

void texts_packed(struct slice octets, unsigned bit, size_t count, char out[static TEXT_CAP])
{
	uint8_t mem[SEPTET_MAX];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	for (size_t i = 0; i < count && i < SEPTET_MAX; i++) {
		size_t at = bit + 7 * i;
		unsigned two = slice_at(octets, at / 8) | (unsigned)slice_at(octets, at / 8 + 1)
								  << 8;

		if ((at + 7 + 7) / 8 > octets.len)
			break;
		wbuf_u8(&w, two >> at % 8 & 0x7F);
	}
	texts_alpha(wbuf_slice(&w), out);
}

static void tell_text(const struct field *f, struct slice v, const char *text, const struct tree *t)
{
	tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "%s", text);
}

void field_alpha(const struct field *f, struct slice v, const struct tree *t)
{
	char text[TEXT_CAP];

	if (t->wordless) {
		field_octets(f, v, NULL, t);
		return;
	}
	texts_alpha(v, text);
	tell_text(f, v, text, t);
}

void field_ucs2(const struct field *f, struct slice v, const struct tree *t)
{
	char text[TEXT_CAP];

	if (t->wordless) {
		field_octets(f, v, NULL, t);
		return;
	}
	texts_ucs2(v, text);
	tell_text(f, v, text, t);
}

/* Without what fills up */
static struct slice filled(struct slice v)
{
	while (v.len && (slice_at(v, v.len - 1) == FILLER || !slice_at(v, v.len - 1)))
		v.len--;
	return v;
}

void field_utf8(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	char text[TEXT_CAP];

	if (!texts_clean(filled(v), text))
		node.fault = NO_UTF8;
	tree_leaf(t, &node, "%s", text);
}

void field_labels(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	struct cursor c = cursor_of(v);
	uint8_t mem[TEXT_CAP];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	char text[TEXT_CAP];

	while (cursor_left(&c) && slice_at(c.rest, 0) != FILLER) {
		struct slice label = cursor_take(&c, cursor_u8(&c));

		if (w.len)
			wbuf_u8(&w, '.');
		wbuf_put(&w, label);
	}
	if (c.err)
		node.fault = "a label is longer than what is there";
	if (!texts_clean(slice_make(mem, w.len), text))
		node.fault = NO_UTF8;
	tree_leaf(t, &node, "%s", text);
}

static void put_ipv6(struct slice v, char out[static TEXT_CAP])
{
	struct cursor c = cursor_of(v);
	size_t n = (size_t)snprintf(out, TEXT_CAP, "IPv6 %x", cursor_u16(&c));

	while (cursor_left(&c) >= 2)
		n += (size_t)snprintf(out + n, TEXT_CAP - n, ":%x", cursor_u16(&c));
}

enum host_type { HOST_FQDN, HOST_IPV4, HOST_IPV6 };

void field_host(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	struct cursor c = cursor_of(v);
	uint8_t type = cursor_u8(&c);
	char text[TEXT_CAP] = "";

	if (type == HOST_IPV4 && cursor_left(&c) == 4) {
		snprintf(text, sizeof(text), "IPv4 %u.%u.%u.%u", slice_at(c.rest, 0),
			 slice_at(c.rest, 1), slice_at(c.rest, 2), slice_at(c.rest, 3));
	} else if (type == HOST_IPV6 && cursor_left(&c) == 16) {
		put_ipv6(c.rest, text);
	} else if (v.len && type == HOST_FQDN) {
		if (!texts_clean(filled(c.rest), text))
			node.fault = NO_UTF8;
	} else {
		node.fault = "no FQDN, IPv4 or IPv6 address";
	}
	tree_leaf(t, &node, "%s", text);
}

void field_languages(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	struct cursor c = cursor_of(v);
	char text[TEXT_CAP] = "";
	size_t n = 0;

	while (cursor_left(&c)) {
		struct slice pair = cursor_take(&c, cursor_left(&c) < 2 ? 1 : 2);
		char clean[TEXT_CAP];

		if (field_is_blank(pair))
			continue;
		if (pair.len < 2 || !texts_clean(pair, clean) || strlen(clean) != 2) {
			node.fault = "no two letters of ISO 639";
			continue;
		}
		if (n + 4 < sizeof(text))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? ", " : "",
					      clean);
	}
	tree_leaf(t, &node, "%s", text);
}
