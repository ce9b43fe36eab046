#include "tool/nfc/target.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/secret.h"
#include "tool/nfc/emulate.h"
#include "tool/nfc/fence.h"
#include "tool/sys/trouble.h"

/* ISO 7816-3 8.2.2, 8.2.3 */
#define ATR_COUNT  0x0F
#define ATR_FOLLOW 4
#define ATR_TD	   8

struct target {
	struct fence *fence;
	struct emulate_setup setup;
};

enum err target_open(const struct target_options *o, struct target **out)
{
	struct target *t = calloc(1, sizeof(*t));
	struct fence_options f = {.work = emulate_work, .cancel = o->cancel};
	enum err e = ERR_OK;

	if (!t)
		return ERR_MEMORY;
	if (snprintf(t->setup.connstring, sizeof(t->setup.connstring), "%s", o->connstring) >=
	    (int)sizeof(t->setup.connstring))
		e = ERR_USAGE;
	f.ctx = &t->setup;
	if (!e)
		e = fence_open(&f, &t->fence);
	if (e)
		free(t);
	else
		*out = t;
	return e;
}

void target_close(struct target **t)
{
	if (!*t)
		return;
	fence_close(&(*t)->fence);
	free(*t);
	*t = NULL;
}

enum err target_start(struct target *t, struct slice historical)
{
	enum err e = fence_start(t->fence);

	trouble_forget();
	return e ? e : fence_send(t->fence, slice_sub(historical, 0, TARGET_HISTORICAL_MAX));
}

struct slice target_historical(struct slice atr)
{
	struct cursor c = cursor_of(slice_sub(atr, 1, atr.len));
	unsigned next = cursor_u8(&c), count = next & ATR_COUNT;

	/* T0 and each TD say by their upper half which of TA, TB, TC and TD follow */
	while (next >> ATR_FOLLOW) {
		unsigned follow = next >> ATR_FOLLOW;

		next = 0;
		for (unsigned bit = 0; bit < 4; bit++) {
			if (follow & 1u << bit)
				next = cursor_u8(&c);
		}
		if (!(follow & ATR_TD))
			next = 0;
	}
	return cursor_take(&c, count);
}

enum err target_next(struct target *t, enum target_event *event, struct wbuf *command)
{
	static const struct fence_wait forever = {.timeout_ms = -1};
	uint8_t octets[1 + TARGET_COMMAND_MAX + 1];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct cursor c;
	unsigned kind;
	enum err e = fence_receive(t->fence, &forever, &w);

	if (!e) {
		c = cursor_of(wbuf_slice(&w));
		kind = cursor_u8(&c);
		wbuf_put(command, cursor_take_rest(&c));
		e = c.err || kind > TARGET_RELEASED ? ERR_PROTOCOL : wbuf_done(command);
		if (!e)
			*event = (enum target_event)kind;
	}
	secret_wipe(octets, sizeof(octets)); /* a PIN passes here */
	return e;
}

enum err target_answer(struct target *t, struct slice answer)
{
	enum err e;

	if (answer.len > TARGET_ANSWER_MAX)
		return ERR_SPACE;
	e = fence_send(t->fence, answer);
	return e == ERR_DISCONNECTED ? ERR_OK : e; /* why it has ended comes next */
}
