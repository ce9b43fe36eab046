#include "host/operator/policy/book.h"

#include <string.h>

#include "host/operator/policy/moment.h"

#define FORMAT	     2
#define FORMAT_FIRST 1 /* without what is wanted */

enum { WANTS_THERE = 1, WANTS_ALL = 2, WANTS_FOUR_EYES = 4 };

static void put_counted(struct wbuf *w, const char *s)
{
	struct slice octets = slice_str(s);

	wbuf_u8(w, (uint8_t)octets.len);
	wbuf_put(w, octets);
}

static void take_counted(struct cursor *c, char *dst, size_t cap)
{
	struct slice s = cursor_take(c, cursor_u8(c));

	if (slice_text(s, dst, cap))
		cursor_fail(c, ERR_CORRUPT);
}

static void put_moment(struct wbuf *w, int64_t at)
{
	wbuf_uint(w, (uint64_t)at, 8);
}

static int64_t take_moment(struct cursor *c)
{
	return (int64_t)cursor_uint(c, 8);
}

static void put_sent(struct wbuf *w, const struct book_sent *s)
{
	put_counted(w, s->address);
	wbuf_put(w, SLICE_OF(s->salt));
	wbuf_put(w, SLICE_OF(s->hash));
	put_moment(w, s->made);
	put_moment(w, s->until);
	wbuf_u32(w, s->tries);
	put_moment(w, s->window);
	wbuf_u32(w, s->count);
}

static void take_sent(struct cursor *c, struct book_sent *s)
{
	take_counted(c, s->address, sizeof(s->address));
	cursor_copy(c, s->salt, sizeof(s->salt));
	cursor_copy(c, s->hash, sizeof(s->hash));
	s->made = take_moment(c);
	s->until = take_moment(c);
	s->tries = cursor_u32(c);
	s->window = take_moment(c);
	s->count = cursor_u32(c);
}

static void put_passkey(struct wbuf *w, const struct book_passkey *p)
{
	wbuf_u8(w, (uint8_t)p->id_len);
	wbuf_put(w, slice_make(p->id, p->id_len));
	wbuf_put(w, SLICE_OF(p->point));
	wbuf_u32(w, p->counter);
}

static void take_passkey(struct cursor *c, struct book_passkey *p)
{
	p->id_len = cursor_u8(c);
	cursor_copy(c, p->id, p->id_len);
	cursor_copy(c, p->point, sizeof(p->point));
	p->counter = cursor_u32(c);
}

static void put_own_wants(struct wbuf *w, const struct book *b)
{
	const struct factor_wants *f = &b->wants;

	if (!b->has_wants) {
		wbuf_u8(w, 0);
		return;
	}
	wbuf_u8(w, (uint8_t)(WANTS_THERE | (f->all ? WANTS_ALL : 0) |
			     (f->four_eyes ? WANTS_FOUR_EYES : 0)));
	wbuf_u32(w, f->kinds);
}

static void take_own_wants(struct cursor *c, struct book *b)
{
	uint8_t flags = cursor_u8(c);

	b->has_wants = flags & WANTS_THERE;
	if (!b->has_wants)
		return;
	b->wants = (struct factor_wants){.all = flags & WANTS_ALL,
					 .four_eyes = flags & WANTS_FOUR_EYES,
					 .kinds = cursor_u32(c)};
	if (!b->wants.kinds || b->wants.kinds & ~FACTOR_ALL_KINDS)
		cursor_fail(c, ERR_CORRUPT);
}

void book_encode(const struct book *b, struct wbuf *out)
{
	wbuf_u8(out, FORMAT);
	wbuf_u8(out, FACTOR_KINDS);
	for (unsigned k = 0; k < FACTOR_KINDS; k++) {
		put_moment(out, b->passed[k].from);
		put_moment(out, b->passed[k].until);
		wbuf_u32(out, b->wrong[k]);
	}
	wbuf_u8(out, b->locked);
	put_sent(out, &b->sent);
	for (unsigned i = 0; i < BOOK_PASSKEYS_MAX; i++)
		put_passkey(out, &b->passkey[i]);
	put_counted(out, b->first_agent);
	put_moment(out, b->first_agent_at);
	put_counted(out, b->provider);
	put_own_wants(out, b);
}

enum err book_decode(struct slice octets, struct book *out)
{
	struct cursor c = cursor_of(octets);
	struct book b = {.locked = false};
	const uint8_t format = cursor_u8(&c);

	if (format < FORMAT_FIRST || format > FORMAT || cursor_u8(&c) != FACTOR_KINDS)
		return ERR_CORRUPT;
	for (unsigned k = 0; k < FACTOR_KINDS; k++) {
		b.passed[k].from = take_moment(&c);
		b.passed[k].until = take_moment(&c);
		b.wrong[k] = cursor_u32(&c);
	}
	b.locked = cursor_u8(&c) != 0;
	take_sent(&c, &b.sent);
	for (unsigned i = 0; i < BOOK_PASSKEYS_MAX; i++)
		take_passkey(&c, &b.passkey[i]);
	take_counted(&c, b.first_agent, sizeof(b.first_agent));
	b.first_agent_at = take_moment(&c);
	take_counted(&c, b.provider, sizeof(b.provider));
	if (format > FORMAT_FIRST)
		take_own_wants(&c, &b);
	if (cursor_done(&c))
		return ERR_CORRUPT;
	*out = b;
	return ERR_OK;
}

unsigned book_tries_left(const struct book *b, enum factor_kind kind)
{
	return b->locked || b->wrong[kind] >= BOOK_TRIES_MAX ? 0 : BOOK_TRIES_MAX - b->wrong[kind];
}

bool book_is_locked(const struct book *b, enum factor_kind kind)
{
	return !book_tries_left(b, kind);
}

bool book_fail(struct book *b, enum factor_kind kind)
{
	if (b->wrong[kind] < BOOK_TRIES_MAX)
		b->wrong[kind]++;
	return b->wrong[kind] >= BOOK_TRIES_MAX;
}

void book_unlock(struct book *b)
{
	b->locked = false;
	memset(b->wrong, 0, sizeof(b->wrong));
}

void book_forget(struct book *b)
{
	memset(b->passed, 0, sizeof(b->passed));
	b->sent.until = 0;
	b->first_agent[0] = 0;
	b->first_agent_at = 0;
}

enum err book_sent_begin(struct book *b, int64_t now, int64_t *wait_s)
{
	struct book_sent *s = &b->sent;

	if (!*s->address)
		return ERR_NOT_FOUND;
	if (book_is_locked(b, FACTOR_SENT))
		return ERR_REFUSED;
	if (!moment_lasts(now, s->window, SENT_WINDOW_S)) {
		s->window = now;
		s->count = 0;
	}
	*wait_s = s->count >= SENT_WINDOW_MAX ? s->window + SENT_WINDOW_S - now
		  : s->count && moment_lasts(now, s->made, SENT_AGAIN_S)
			  ? s->made + SENT_AGAIN_S - now
			  : 0;
	if (*wait_s)
		return ERR_TRIES;
	s->count++;
	s->made = now;
	s->until = now + SENT_VALID_S;
	s->tries = 0;
	return ERR_OK;
}

enum err book_sent_waits(const struct book *b, int64_t now)
{
	if (book_is_locked(b, FACTOR_SENT))
		return ERR_REFUSED;
	return moment_within(now, b->sent.made, b->sent.until) ? ERR_OK : ERR_EXPIRED;
}

void book_sent_end(struct book *b, bool good)
{
	if (good || ++b->sent.tries >= SENT_TRIES)
		b->sent.until = 0;
	if (good)
		b->wrong[FACTOR_SENT] = 0;
}
