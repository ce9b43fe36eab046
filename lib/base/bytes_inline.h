/*
 * bytes_inline: what is called for each octet or nearly so. For lib/base/bytes.h alone.
 */
#ifndef TWINKEY_BYTES_INLINE_H
#define TWINKEY_BYTES_INLINE_H

#include <string.h>

static inline struct slice slice_make(const void *ptr, size_t len)
{
	return (struct slice){ptr, len};
}

static inline struct slice slice_str(const char *s)
{
	return slice_make(s, strlen(s));
}

static inline struct slice slice_sub(struct slice a, size_t at, size_t n)
{
	if (at >= a.len)
		return SLICE_EMPTY;
	return slice_make(a.ptr + at, n > a.len - at ? a.len - at : n);
}

static inline uint8_t slice_at(struct slice a, size_t i)
{
	return i < a.len ? a.ptr[i] : 0;
}

static inline struct cursor cursor_of(struct slice s)
{
	return (struct cursor){.rest = s};
}

static inline size_t cursor_left(const struct cursor *c)
{
	return c->err ? 0 : c->rest.len;
}

static inline struct slice cursor_take(struct cursor *c, size_t n)
{
	struct slice s;

	if (c->err)
		return SLICE_EMPTY;
	if (n > c->rest.len) {
		c->err = ERR_TRUNCATED;
		return SLICE_EMPTY;
	}
	s = slice_make(c->rest.ptr, n);
	if (n) {
		c->rest.ptr += n;
		c->rest.len -= n;
	}
	return s;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	return slice_at(cursor_take(c, 1), 0);
}

static inline void cursor_fail(struct cursor *c, enum err e)
{
	if (!c->err)
		c->err = e;
}

static inline enum err cursor_done(const struct cursor *c)
{
	if (c->err)
		return c->err;
	return c->rest.len ? ERR_TRAILING : ERR_OK;
}

static inline void wbuf_reset(struct wbuf *w)
{
	w->len = 0;
	w->err = ERR_OK;
}

static inline struct slice wbuf_slice(const struct wbuf *w)
{
	return w->err ? SLICE_EMPTY : slice_make(w->ptr, w->len);
}

static inline enum err wbuf_done(const struct wbuf *w)
{
	return w->err;
}

#endif
