/*
 * bytes: slices, cursors and write buffers.
 *
 * A slice borrows bytes; whoever made them owns them, and a slice never outlives them.
 * A cursor reads a slice from front to back. Failure is sticky: after the first error every read
 * gives zeros or an empty slice, so that a parser reads many fields and asks once, with
 * cursor_done(), which also refuses trailing bytes.
 * A wbuf writes, with the same sticky failure, into memory of the caller (wbuf_init) or into memory
 * of its own that grows (wbuf_grow, freed and wiped by wbuf_free).
 * No other code indexes a received buffer.
 */
#ifndef TWINKEY_BYTES_H
#define TWINKEY_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct slice {
	const uint8_t *ptr;
	size_t len;
};

#define SLICE_EMPTY ((struct slice){NULL, 0})
/* A slice over an array (not a pointer). */
#define SLICE_OF(a)  ((struct slice){(const uint8_t *)(a), sizeof(a)})
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline struct slice slice_make(const void *ptr, size_t len);
/* The characters of a C string, without its NUL. */
static inline struct slice slice_str(const char *s);
/* Equality of public data. Secrets are compared by secret_equal(). */
static inline bool slice_equal(struct slice a, struct slice b);
/* Equality with a C string. */
bool slice_is(struct slice a, const char *s);
static inline bool slice_starts(struct slice a, struct slice prefix);
/* True when every byte is 0, also of an empty slice. */
bool slice_is_zero(struct slice a);
/* Up to n bytes from offset at; clipped to what is there. */
static inline struct slice slice_sub(struct slice a, size_t at, size_t n);
/* Byte i, or 0 past the end. */
static inline uint8_t slice_at(struct slice a, size_t i);
/* Copies into dst when the length is exactly n: ERR_LENGTH otherwise, dst untouched. */
enum err slice_copy(struct slice a, uint8_t *dst, size_t n) MUST_CHECK;
/* Copies to a NUL-terminated string: ERR_SPACE when it does not fit, ERR_VALUE for an inner NUL. */
enum err slice_text(struct slice a, char *dst, size_t cap) MUST_CHECK;

struct cursor {
	struct slice rest; /* what has not been read */
	enum err err;	   /* the first failure */
	unsigned depth;	   /* nesting, counted by tlv_enter() */
	/* in a SEQUENCE that later versions extend: the tags that are known, ended by 0 (tlv.h)
	 */
	const uint32_t *known;
};

static inline struct cursor cursor_of(struct slice s);
static inline size_t cursor_left(const struct cursor *c);
static inline uint8_t cursor_u8(struct cursor *c);
static inline uint16_t cursor_u16(struct cursor *c); /* big endian, as all below */
static inline uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_uint(struct cursor *c, size_t octets); /* 1 to 8 octets */
/* All of v as a number; 0 when it is empty or has more than most (up to 8) octets. */
uint64_t slice_uint(struct slice v, size_t most);
static inline struct slice cursor_take(struct cursor *c, size_t n);
struct slice cursor_take_rest(struct cursor *c);
/* Copies n bytes to dst; zeros when there are fewer. */
void cursor_copy(struct cursor *c, uint8_t *dst, size_t n);
/* Records e as the failure if there is none yet. */
static inline void cursor_fail(struct cursor *c, enum err e);
/* ERR_OK when all was read without failure; ERR_TRAILING when bytes are left. */
static inline enum err cursor_done(const struct cursor *c) MUST_CHECK;

struct wbuf {
	uint8_t *ptr;
	size_t cap, len;
	enum err err;
	bool grows;
	size_t limit; /* most bytes that a growing buffer may hold */
};

/* Writes into dst, at most cap bytes; past that ERR_SPACE. */
struct wbuf wbuf_init(uint8_t *dst, size_t cap);
/* Owns memory that grows up to limit bytes; past that ERR_SPACE. */
struct wbuf wbuf_grow(size_t limit);
/* Wipes and frees the memory of a growing buffer; for any other it only forgets. */
void wbuf_free(struct wbuf *w);
/* Forgets what was written and the failure; the memory stays. */
static inline void wbuf_reset(struct wbuf *w);
void wbuf_u8(struct wbuf *w, uint8_t v);
void wbuf_u16(struct wbuf *w, uint16_t v);
void wbuf_u32(struct wbuf *w, uint32_t v);
void wbuf_uint(struct wbuf *w, uint64_t v, size_t octets);
void wbuf_put(struct wbuf *w, struct slice s);
void wbuf_fill(struct wbuf *w, uint8_t v, size_t n);
/* Room for n bytes that the caller fills, or NULL after a failure. */
uint8_t *wbuf_reserve(struct wbuf *w, size_t n);
/* Opens a gap of n bytes at offset at (<= len) and returns it, or NULL. */
uint8_t *wbuf_insert(struct wbuf *w, size_t at, size_t n);
/* Cuts back to len bytes (wiping what is cut). */
void wbuf_cut(struct wbuf *w, size_t len);
void wbuf_fail(struct wbuf *w, enum err e);
/* What was written. Empty after a failure. */
static inline struct slice wbuf_slice(const struct wbuf *w);
static inline enum err wbuf_done(const struct wbuf *w) MUST_CHECK;

/* Lower-case hex and a NUL; cap >= 2 * len + 1, else ERR_SPACE and an empty string. */
enum err hex_encode(struct slice s, char *dst, size_t cap);
/* Hex digits of either case, pairs may be parted by spaces or colons. ERR_ENCODING otherwise. */
enum err hex_decode(const char *text, struct wbuf *out) MUST_CHECK;
/* Exactly n octets, else ERR_LENGTH. */
enum err hex_decode_exact(const char *text, uint8_t *dst, size_t n) MUST_CHECK;

#include "lib/base/bytes_inline.def"

#endif
