#include "lib/base/tlv.h"

#define LENGTH_OCTETS_MAX 4
#define TAG_OCTETS_MAX	  3
#define TAG_FURTHER	  0x1F /* more octets of the tag follow, X.690 8.1.2.4 */

static uint32_t read_tag(struct cursor *c)
{
	uint32_t tag = cursor_u8(c);
	uint8_t b;

	if ((tag & TAG_FURTHER) != TAG_FURTHER)
		return tag;
	for (int i = 1; i < TAG_OCTETS_MAX; i++) {
		b = cursor_u8(c);
		/* X.690 8.1.2.4.2: no leading zero septet. (A number below 31 in the high form,
		 * as 9F1E's neighbours in ISO 7816 use, is let through: card tags do it.) */
		if (i == 1 && b == 0x80)
			cursor_fail(c, ERR_ENCODING);
		tag = tag << 8 | b;
		if (!(b & 0x80))
			return tag;
	}
	cursor_fail(c, ERR_ENCODING);
	return 0;
}

static size_t read_length(struct cursor *c)
{
	uint8_t first = cursor_u8(c);
	size_t n = first & 0x7F;
	uint64_t v;

	if (first < 0x80)
		return first;
	if (n == 0 || n > LENGTH_OCTETS_MAX) { /* indefinite, or longer than we read */
		cursor_fail(c, ERR_ENCODING);
		return 0;
	}
	v = cursor_uint(c, n);
	if (v < 0x80 || (n > 1 && v >> (8 * (n - 1)) == 0)) /* X.690 10.1: minimal */
		cursor_fail(c, ERR_ENCODING);
	return (size_t)v;
}

/* What stands in front of a value. */
struct header {
	uint32_t tag;
	uint32_t octets; /* its own; 0: there is none, or another one than the usual */
	size_t value_len;
};

/* A tag of one octet or two and a length of up to three, as nearly all are. */
static inline struct header usual_header(struct slice s)
{
	static const struct header none = {.octets = 0};
	struct header h = {.octets = 1};
	uint8_t first;

	if (s.len < 2)
		return none;
	h.tag = s.ptr[0];
	if ((h.tag & TAG_FURTHER) == TAG_FURTHER) {
		if (s.ptr[1] & 0x80 || s.len < 3)
			return none;
		h.tag = h.tag << 8 | s.ptr[h.octets++];
	}
	first = s.ptr[h.octets++];
	h.value_len = first;
	if (first < 0x80)
		return h;
	if (s.len - h.octets < 2)
		return none;
	h.value_len = s.ptr[h.octets++];
	if (first == 0x81 && h.value_len >= 0x80)
		return h;
	if (first != 0x82 || !h.value_len)
		return none;
	h.value_len = h.value_len << 8 | s.ptr[h.octets++];
	return h;
}

bool tlv_header(struct cursor *c, uint32_t *tag, size_t *value_len)
{
	struct header h;

	if (cursor_left(c) == 0)
		return false;
	h = usual_header(c->rest);
	if (h.octets) {
		c->rest = slice_make(c->rest.ptr + h.octets, c->rest.len - h.octets);
		*tag = h.tag;
		*value_len = h.value_len;
		return true;
	}
	*tag = read_tag(c);
	*value_len = read_length(c);
	return c->err == ERR_OK;
}

/* As tlv_next(), of whatever form; out is zeros. By itself: it costs those who need it not. */
__attribute__((noinline)) static bool next_of_any(struct cursor *c, struct tlv *out)
{
	const uint8_t *start = c->rest.ptr;
	size_t len;

	if (!tlv_header(c, &out->tag, &len))
		return false;
	out->value = cursor_take(c, len);
	if (c->err)
		return false;
	out->raw = slice_make(start, (size_t)(c->rest.ptr - start));
	return true;
}

static inline bool next_object(struct cursor *c, struct tlv *out)
{
	const struct header h = usual_header(c->rest);
	const uint8_t *start = c->rest.ptr;

	if (c->err || !h.octets || h.value_len > c->rest.len - h.octets) {
		*out = (struct tlv){0};
		return cursor_left(c) && next_of_any(c, out);
	}
	out->tag = h.tag;
	out->value = slice_make(start + h.octets, h.value_len);
	out->raw = slice_make(start, h.octets + h.value_len);
	c->rest = slice_make(start + out->raw.len, c->rest.len - out->raw.len);
	return true;
}

bool tlv_next(struct cursor *c, struct tlv *out)
{
	return next_object(c, out);
}

/* X.690 8.1.2.5; the first octet of a tag of several tells. */
static bool is_constructed(uint32_t tag)
{
	while (tag > 0xFF)
		tag >>= 8;
	return tag & 0x20;
}

static uint32_t peek(const struct cursor *c)
{
	const struct header h = usual_header(c->rest);
	struct cursor copy = *c;
	uint32_t tag;

	if (h.octets && !c->err)
		return h.tag;
	tag = cursor_left(&copy) ? read_tag(&copy) : 0;
	return copy.err ? 0 : tag;
}

void tlv_skip(struct cursor *c)
{
	struct cursor in;
	struct tlv t;

	if (!tlv_next(c, &t))
		return;
	if (!t.tag) /* X.690 8.1.5: the end of what has no length */
		cursor_fail(c, ERR_ENCODING);
	if (!is_constructed(t.tag))
		return;
	in = cursor_of(t.value);
	in.depth = c->depth + 1;
	if (in.depth > TLV_DEPTH_MAX)
		cursor_fail(&in, ERR_DEPTH);
	while (cursor_left(&in))
		tlv_skip(&in);
	tlv_leave(c, &in);
}

static bool is_known(const uint32_t *known, uint32_t tag)
{
	while (*known && *known != tag)
		known++;
	return *known == tag;
}

static void skip_unknown(struct cursor *c)
{
	if (!c->known)
		return;
	while (cursor_left(c) && !is_known(c->known, peek(c)))
		tlv_skip(c);
}

uint32_t tlv_peek(const struct cursor *c)
{
	struct cursor copy = *c;

	skip_unknown(&copy);
	return peek(&copy);
}

static bool expect(struct cursor *c, uint32_t tag, struct tlv *t)
{
	bool got;

	skip_unknown(c);
	got = next_object(c, t);
	if (!c->err && (!got || t->tag != tag))
		cursor_fail(c, ERR_TAG);
	return c->err == ERR_OK;
}

struct slice tlv_expect(struct cursor *c, uint32_t tag)
{
	struct tlv t;

	return expect(c, tag, &t) ? t.value : SLICE_EMPTY;
}

struct slice tlv_expect_raw(struct cursor *c, uint32_t tag)
{
	struct tlv t;

	return expect(c, tag, &t) ? t.raw : SLICE_EMPTY;
}

bool tlv_optional(struct cursor *c, uint32_t tag, struct slice *value)
{
	if (c->err || tlv_peek(c) != tag)
		return false;
	*value = tlv_expect(c, tag);
	return c->err == ERR_OK;
}

struct cursor tlv_enter(struct cursor *c, uint32_t tag)
{
	struct cursor inner = cursor_of(tlv_expect(c, tag));

	inner.depth = c->depth + 1;
	inner.err = c->err;
	if (inner.depth > TLV_DEPTH_MAX)
		cursor_fail(&inner, ERR_DEPTH);
	return inner;
}

struct cursor tlv_enter_open(struct cursor *c, uint32_t tag, const uint32_t *known)
{
	struct cursor inner = tlv_enter(c, tag);

	inner.known = known;
	return inner;
}

enum err tlv_done(const struct cursor *c)
{
	struct cursor rest = *c;

	skip_unknown(&rest);
	return cursor_done(&rest);
}

void tlv_leave(struct cursor *c, const struct cursor *inner)
{
	enum err e = tlv_done(inner);

	if (e)
		cursor_fail(c, e);
}

enum err tlv_only(struct slice s, uint32_t tag, struct slice *value)
{
	struct cursor c = cursor_of(s);
	struct slice v = tlv_expect(&c, tag);
	enum err e = cursor_done(&c);

	if (!e)
		*value = v;
	return e;
}

bool tlv_find(struct slice s, uint32_t tag, struct slice *value)
{
	struct cursor c = cursor_of(s);
	struct tlv t;

	while (next_object(&c, &t)) {
		if (t.tag == tag) {
			*value = t.value;
			return true;
		}
	}
	return false;
}

enum err tlv_uint(struct slice value, uint64_t *out)
{
	uint64_t v = 0;

	if (value.len == 0)
		return ERR_ENCODING;
	if (value.len > 1 && ((value.ptr[0] == 0 && value.ptr[1] < 0x80) ||
			      (value.ptr[0] == 0xFF && value.ptr[1] >= 0x80)))
		return ERR_ENCODING;
	if (value.ptr[0] & 0x80 || value.len > sizeof(v))
		return ERR_VALUE;
	for (size_t i = 0; i < value.len; i++)
		v = v << 8 | value.ptr[i];
	*out = v;
	return ERR_OK;
}

uint64_t tlv_expect_uint(struct cursor *c, uint32_t tag)
{
	struct slice s = tlv_expect(c, tag);
	uint64_t v = 0;
	enum err e;

	if (c->err)
		return 0;
	e = tlv_uint(s, &v);
	if (e)
		cursor_fail(c, e);
	return v;
}

bool tlv_expect_bool(struct cursor *c, uint32_t tag)
{
	struct slice s = tlv_expect(c, tag);

	if (c->err)
		return false;
	if (s.len != 1 || (s.ptr[0] != 0 && s.ptr[0] != 0xFF))
		cursor_fail(c, ERR_ENCODING);
	return !c->err && s.ptr[0] == 0xFF;
}

bool tlv_expect_ber_bool(struct cursor *c, uint32_t tag)
{
	struct slice s = tlv_expect(c, tag);

	if (!c->err && s.len != 1)
		cursor_fail(c, ERR_ENCODING);
	return !c->err && s.ptr[0] != 0;
}

enum err tlv_bits(struct slice value, uint32_t *out)
{
	uint32_t v = 0;
	uint8_t unused;

	if (value.len < 1)
		return ERR_ENCODING;
	unused = value.ptr[0];
	if (unused > 7 || (value.len == 1 && unused))
		return ERR_ENCODING;
	if (value.len > 5)
		return ERR_LENGTH;
	for (size_t i = 1; i < value.len; i++)
		v |= (uint32_t)value.ptr[i] << (24 - 8 * (i - 1));
	if (value.len > 1 && value.ptr[value.len - 1] & ((1u << unused) - 1))
		return ERR_ENCODING;
	*out = v;
	return ERR_OK;
}

static size_t tag_len(uint32_t tag)
{
	return tag > 0xFFFF ? 3 : tag > 0xFF ? 2 : 1;
}

static size_t length_len(size_t n)
{
	return n < 0x80 ? 1 : n <= 0xFF ? 2 : n <= 0xFFFF ? 3 : n <= 0xFFFFFF ? 4 : 5;
}

size_t tlv_header_len(uint32_t tag, size_t value_len)
{
	return tag_len(tag) + length_len(value_len);
}

static void encode_length(uint8_t *p, size_t n, size_t octets)
{
	if (octets == 1) {
		p[0] = (uint8_t)n;
		return;
	}
	p[0] = (uint8_t)(0x80 | (octets - 1));
	for (size_t i = octets; i-- > 1; n >>= 8)
		p[i] = (uint8_t)n;
}

void tlv_put_header(struct wbuf *w, uint32_t tag, size_t value_len)
{
	size_t octets = length_len(value_len);
	uint8_t *p;

	if (value_len > UINT32_MAX) {
		wbuf_fail(w, ERR_LENGTH);
		return;
	}
	wbuf_uint(w, tag, tag_len(tag));
	p = wbuf_reserve(w, octets);
	if (p)
		encode_length(p, value_len, octets);
}

size_t tlv_open(struct wbuf *w, uint32_t tag)
{
	wbuf_uint(w, tag, tag_len(tag));
	return w->len;
}

void tlv_close(struct wbuf *w, size_t mark)
{
	size_t n, octets;
	uint8_t *p;

	if (w->err)
		return;
	n = w->len - mark;
	octets = length_len(n);
	p = wbuf_insert(w, mark, octets);
	if (p)
		encode_length(p, n, octets);
}

void tlv_put(struct wbuf *w, uint32_t tag, struct slice value)
{
	tlv_put_header(w, tag, value.len);
	wbuf_put(w, value);
}

void tlv_put_uint(struct wbuf *w, uint32_t tag, uint64_t v)
{
	size_t n = 1;

	while (n < 8 && v >> (8 * n))
		n++;
	if (v >> (8 * n - 1) & 1) { /* the top bit is the sign: one more octet */
		tlv_put_header(w, tag, n + 1);
		wbuf_u8(w, 0);
	} else {
		tlv_put_header(w, tag, n);
	}
	wbuf_uint(w, v, n);
}

void tlv_put_bool(struct wbuf *w, uint32_t tag, bool v)
{
	tlv_put_header(w, tag, 1);
	wbuf_u8(w, v ? 0xFF : 0x00);
}

void tlv_put_str(struct wbuf *w, uint32_t tag, const char *text)
{
	tlv_put(w, tag, slice_str(text));
}

void tlv_put_bits(struct wbuf *w, uint32_t tag, uint32_t bits)
{
	size_t octets = 0;
	uint8_t unused = 0;

	while (octets < 4 && bits << (8 * octets))
		octets++;
	if (octets) {
		uint8_t last = (uint8_t)(bits >> (32 - 8 * octets));

		while (!(last >> unused & 1))
			unused++;
	}
	tlv_put_header(w, tag, octets + 1);
	wbuf_u8(w, unused);
	if (octets)
		wbuf_uint(w, bits >> (32 - 8 * octets), octets);
}
