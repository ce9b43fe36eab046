#include "lib/base/bytes.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define FIRST_CAP 256 /* octets of a buffer that begins to grow */

bool slice_is(struct slice a, const char *s)
{
	return slice_equal(a, slice_str(s));
}

bool slice_is_zero(struct slice a)
{
	for (size_t i = 0; i < a.len; i++) {
		if (a.ptr[i])
			return false;
	}
	return true;
}

enum err slice_copy(struct slice a, uint8_t *dst, size_t n)
{
	if (a.len != n)
		return ERR_LENGTH;
	if (n)
		memcpy(dst, a.ptr, n);
	return ERR_OK;
}

enum err slice_text(struct slice a, char *dst, size_t cap)
{
	if (a.len >= cap)
		return ERR_SPACE;
	if (a.len && memchr(a.ptr, 0, a.len))
		return ERR_VALUE;
	if (a.len)
		memcpy(dst, a.ptr, a.len);
	dst[a.len] = 0;
	return ERR_OK;
}

struct slice cursor_take_rest(struct cursor *c)
{
	return cursor_take(c, cursor_left(c));
}

uint64_t cursor_uint(struct cursor *c, size_t octets)
{
	struct slice s;
	uint64_t v = 0;

	if (octets == 0 || octets > sizeof(v))
		cursor_fail(c, ERR_LENGTH);
	s = cursor_take(c, octets);
	for (size_t i = 0; i < s.len; i++)
		v = v << 8 | s.ptr[i];
	return v;
}

void cursor_copy(struct cursor *c, uint8_t *dst, size_t n)
{
	struct slice s = cursor_take(c, n);

	memset(dst, 0, n);
	if (s.len)
		memcpy(dst, s.ptr, s.len);
}

struct wbuf wbuf_init(uint8_t *dst, size_t cap)
{
	return (struct wbuf){.ptr = dst, .cap = cap};
}

struct wbuf wbuf_grow(size_t limit)
{
	return (struct wbuf){.grows = true, .limit = limit};
}

void wbuf_free(struct wbuf *w)
{
	if (w->grows && w->ptr) {
		OPENSSL_cleanse(w->ptr, w->cap);
		free(w->ptr);
	}
	*w = (struct wbuf){.grows = w->grows, .limit = w->limit};
}

void wbuf_fail(struct wbuf *w, enum err e)
{
	if (!w->err)
		w->err = e;
}

/* Memory that held data is wiped before it is given back, so realloc() is not used. */
static bool wbuf_enlarge(struct wbuf *w, size_t need)
{
	size_t cap = w->cap ? w->cap : w->limit < FIRST_CAP ? w->limit : FIRST_CAP;
	uint8_t *p;

	if (!w->grows || need > w->limit) {
		wbuf_fail(w, ERR_SPACE);
		return false;
	}
	while (cap < need)
		cap = cap > w->limit / 2 ? w->limit : cap * 2;
	p = malloc(cap);
	if (!p) {
		wbuf_fail(w, ERR_MEMORY);
		return false;
	}
	if (w->ptr) {
		memcpy(p, w->ptr, w->len);
		OPENSSL_cleanse(w->ptr, w->cap);
		free(w->ptr);
	}
	w->ptr = p;
	w->cap = cap;
	return true;
}

uint8_t *wbuf_insert(struct wbuf *w, size_t at, size_t n)
{
	if (w->err)
		return NULL;
	if (at > w->len || n > SIZE_MAX - w->len) {
		wbuf_fail(w, ERR_VALUE);
		return NULL;
	}
	if (n > w->cap - w->len && !wbuf_enlarge(w, w->len + n))
		return NULL;
	if (!w->ptr)
		return NULL;
	memmove(w->ptr + at + n, w->ptr + at, w->len - at);
	w->len += n;
	return w->ptr + at;
}

uint8_t *wbuf_reserve(struct wbuf *w, size_t n)
{
	if (w->err || !w->ptr || n > w->cap - w->len)
		return wbuf_insert(w, w->len, n);
	w->len += n;
	return w->ptr + w->len - n;
}

void wbuf_cut(struct wbuf *w, size_t len)
{
	if (len >= w->len)
		return;
	OPENSSL_cleanse(w->ptr + len, w->len - len);
	w->len = len;
}

void wbuf_put(struct wbuf *w, struct slice s)
{
	uint8_t *p = s.len ? wbuf_reserve(w, s.len) : NULL;

	if (p)
		memcpy(p, s.ptr, s.len);
}

void wbuf_fill(struct wbuf *w, uint8_t v, size_t n)
{
	uint8_t *p = n ? wbuf_reserve(w, n) : NULL;

	if (p)
		memset(p, v, n);
}

void wbuf_uint(struct wbuf *w, uint64_t v, size_t octets)
{
	uint8_t *p;

	if (octets == 0 || octets > sizeof(v)) {
		wbuf_fail(w, ERR_LENGTH);
		return;
	}
	p = wbuf_reserve(w, octets);
	for (size_t i = octets; p && i-- > 0; v >>= 8)
		p[i] = (uint8_t)v;
}

void wbuf_u8(struct wbuf *w, uint8_t v)
{
	uint8_t *p = wbuf_reserve(w, 1);

	if (p)
		*p = v;
}

void wbuf_u16(struct wbuf *w, uint16_t v)
{
	wbuf_uint(w, v, 2);
}

void wbuf_u32(struct wbuf *w, uint32_t v)
{
	wbuf_uint(w, v, 4);
}

enum err hex_encode(struct slice s, char *dst, size_t cap)
{
	static const char digits[] = "0123456789abcdef";

	if (cap)
		dst[0] = 0;
	if (cap < 1 || s.len > (cap - 1) / 2)
		return ERR_SPACE;
	for (size_t i = 0; i < s.len; i++) {
		dst[2 * i] = digits[s.ptr[i] >> 4];
		dst[2 * i + 1] = digits[s.ptr[i] & 15];
	}
	dst[2 * s.len] = 0;
	return ERR_OK;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum err hex_decode(const char *text, struct wbuf *out)
{
	while (*text) {
		int hi, lo;

		if (*text == ' ' || *text == ':') {
			text++;
			continue;
		}
		hi = hex_digit(text[0]);
		lo = hi < 0 ? -1 : hex_digit(text[1]);
		if (lo < 0)
			return ERR_ENCODING;
		wbuf_u8(out, (uint8_t)(hi << 4 | lo));
		text += 2;
	}
	return wbuf_done(out);
}

enum err hex_decode_exact(const char *text, uint8_t *dst, size_t n)
{
	struct wbuf w = wbuf_init(dst, n);
	enum err e = hex_decode(text, &w);

	if (e)
		return e == ERR_SPACE ? ERR_LENGTH : e;
	return w.len == n ? ERR_OK : ERR_LENGTH;
}

uint64_t slice_uint(struct slice v, size_t most)
{
	uint64_t n = 0;

	for (size_t i = 0; v.len <= most && i < v.len; i++)
		n = n << 8 | v.ptr[i];
	return n;
}
