#include "host/relay/bridge.h"

#include <stdlib.h>

#include "host/terminal/uicc.h"
#include "lib/uicc/command.h"

#define SW_LEN	  2
#define CHUNK_MAX (APDU_RESPONSE_MAX - SW_LEN)

struct bridge {
	struct uicc *u;
	struct wbuf waiting; /* of the last command's answer */
	size_t given;	     /* octets of it that the reader has */
	uint16_t sw;	     /* what ends it */
};

enum err bridge_open(struct uicc *u, struct bridge **out)
{
	struct bridge *b = calloc(1, sizeof(*b));

	if (!b)
		return ERR_MEMORY;
	b->u = u;
	b->waiting = wbuf_grow(UICC_RESPONSE_MAX);
	*out = b;
	return ERR_OK;
}

void bridge_close(struct bridge **b)
{
	if (!*b)
		return;
	wbuf_free(&(*b)->waiting);
	free(*b);
	*b = NULL;
}

static void forget_answer(struct bridge *b)
{
	wbuf_cut(&b->waiting, 0); /* wipes: it may be a key */
	wbuf_reset(&b->waiting);
	b->given = 0;
}

enum err bridge_reset(struct bridge *b)
{
	forget_answer(b);
	return uicc_reset(b->u);
}

static size_t octets_left(const struct bridge *b)
{
	return b->waiting.len - b->given;
}

/* The next piece of what waits, and 61xx where there is more. */
static enum err give_piece(struct bridge *b, size_t le, struct wbuf *answer)
{
	size_t n = octets_left(b) < le ? octets_left(b) : le, left;
	struct slice all = wbuf_slice(&b->waiting);

	wbuf_put(answer, slice_sub(all, b->given, n));
	b->given += n;
	left = octets_left(b);
	wbuf_u16(answer, left ? (uint16_t)(SW_RESPONSE | (left < CHUNK_MAX ? left : 0)) : b->sw);
	if (!left)
		forget_answer(b);
	return wbuf_done(answer);
}

/* All that the card says to a command; the status word to b->sw. */
static enum err ask_uicc(struct bridge *b, struct slice command, const struct apdu *a)
{
	struct slice all;
	enum err e;

	if (apdu_channel(a->cla) >= 0)
		return uicc_send(b->u, a, &b->waiting, &b->sw);
	/* a class of its own: nothing is known of how its answers are fetched */
	e = uicc_raw(b->u, command, &b->waiting);
	if (e)
		return e;
	all = wbuf_slice(&b->waiting);
	b->sw = (uint16_t)slice_uint(slice_sub(all, all.len - SW_LEN, SW_LEN), SW_LEN);
	wbuf_cut(&b->waiting, all.len - SW_LEN);
	return ERR_OK;
}

enum err bridge_carry(struct bridge *b, struct slice command, struct wbuf *answer)
{
	struct apdu a;
	enum err e;

	if (apdu_parse(command, &a) || a.extended) { /* a frame of the field is shorter */
		wbuf_u16(answer, SW_WRONG_LENGTH);
		return wbuf_done(answer);
	}
	if (a.ins == command_table[COMMAND_GET_RESPONSE].ins && octets_left(b))
		return give_piece(b, a.has_le ? a.le : CHUNK_MAX, answer);
	forget_answer(b);
	e = ask_uicc(b, command, &a);
	return e ? e : give_piece(b, a.has_le ? CHUNK_MAX : 0, answer);
}
