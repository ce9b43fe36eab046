#include "tool/pcsc/readers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/sys/wait.h"

#define CALL_MAX     PCSCLITE_MAX_READERS_CONTEXTS /* states that one call takes */
#define LIST_TRIES   5				   /* when a reader goes between two calls */
#define LOOK_MS	     200			   /* how often many readers are looked at */
#define NEWS_OF_LIST "\\\\?PnP?\\Notification"
#define EVENTS_SHIFT 16

/* In as many calls as it takes. */
static LONG ask_states(const struct service *s, SCARD_READERSTATE *states, size_t n)
{
	for (size_t at = 0; at < n; at += CALL_MAX) {
		size_t count = n - at < CALL_MAX ? n - at : CALL_MAX;
		LONG r = SCardGetStatusChange(s->context, 0, states + at, (DWORD)count);

		if (r != SCARD_S_SUCCESS && r != SCARD_E_TIMEOUT)
			return r;
	}
	return SCARD_S_SUCCESS;
}

static enum reader_state state_of(DWORD shown)
{
	if (shown & SCARD_STATE_MUTE)
		return READER_MUTE;
	if (shown & SCARD_STATE_PRESENT)
		return READER_CARD;
	return shown & SCARD_STATE_EMPTY ? READER_EMPTY : READER_BROKEN;
}

static enum reader_use use_of(DWORD shown)
{
	if (shown & SCARD_STATE_EXCLUSIVE)
		return READER_EXCLUSIVE;
	return shown & SCARD_STATE_INUSE ? READER_SHARED : READER_FREE;
}

static void take_state(const SCARD_READERSTATE *s, unsigned index, struct reader *r)
{
	*r = (struct reader){.index = index,
			     .state = state_of(s->dwEventState),
			     .use = use_of(s->dwEventState),
			     .events = (unsigned)(s->dwEventState >> EVENTS_SHIFT) & 0xFFFF,
			     .shown = s->dwEventState & ~(DWORD)SCARD_STATE_CHANGED};
	snprintf(r->name, sizeof(r->name), "%s", s->szReader);
	if (r->state == READER_CARD && s->cbAtr <= sizeof(r->atr)) {
		memcpy(r->atr, s->rgbAtr, s->cbAtr);
		r->atr_len = s->cbAtr;
	}
}

/* names: a multi-string, as the service gives it */
static LONG read_named(const struct service *s, const char *names, struct reader_list *out)
{
	SCARD_READERSTATE *states;
	size_t n = 0, i = 0;
	LONG r;

	for (const char *p = names; *p; p += strlen(p) + 1)
		n++;
	if (!n)
		return SCARD_S_SUCCESS;
	states = calloc(n, sizeof(*states));
	out->items = calloc(n, sizeof(*out->items));
	if (!states || !out->items) {
		free(states);
		return SCARD_E_NO_MEMORY;
	}
	for (const char *p = names; *p; p += strlen(p) + 1)
		states[i++].szReader = p;
	r = ask_states(s, states, n);
	for (i = 0; r == SCARD_S_SUCCESS && i < n; i++)
		take_state(&states[i], (unsigned)i, &out->items[i]);
	out->count = r == SCARD_S_SUCCESS ? n : 0;
	free(states);
	return r;
}

enum err readers_read(const struct service *s, struct reader_list *out)
{
	LONG r = SCARD_E_UNKNOWN_READER;

	for (unsigned tries = 0; r == SCARD_E_UNKNOWN_READER && tries < LIST_TRIES; tries++) {
		DWORD len = SCARD_AUTOALLOCATE;
		char *names = NULL;

		*out = (struct reader_list){0};
		r = SCardListReaders(s->context, NULL, (LPSTR)&names, &len);
		if (r == SCARD_E_NO_READERS_AVAILABLE)
			return ERR_OK;
		if (r != SCARD_S_SUCCESS)
			break;
		r = read_named(s, names, out);
		SCardFreeMemory(s->context, names);
		if (r != SCARD_S_SUCCESS)
			reader_list_free(out);
	}
	return service_error_within(r);
}

/* One call has room for all of them and for the word of new ones; or it is asked now and then. */
static LONG wait_change(const struct service *s, SCARD_READERSTATE *states, size_t n, unsigned ms)
{
	struct wait w = wait_begin(NULL, "");
	int64_t end = wait_now_ms() + ms;

	if (n <= CALL_MAX)
		return SCardGetStatusChange(s->context, ms, states, (DWORD)n);
	do {
		LONG r = ask_states(s, states, n - 1); /* the list itself is read anew anyway */

		if (r != SCARD_S_SUCCESS)
			return r;
		for (size_t i = 0; i < n; i++) {
			if (states[i].dwEventState & SCARD_STATE_CHANGED)
				return SCARD_S_SUCCESS;
		}
		if (wait_pause(&w, LOOK_MS))
			return SCARD_E_CANCELLED;
	} while (wait_now_ms() < end);
	return SCARD_E_TIMEOUT;
}

enum err readers_wait(const struct service *s, const struct reader_list *known, unsigned ms)
{
	SCARD_READERSTATE *states = calloc(known->count + 1, sizeof(*states));
	LONG r;

	if (!states)
		return ERR_MEMORY;
	for (size_t i = 0; i < known->count; i++) {
		states[i].szReader = known->items[i].name;
		states[i].dwCurrentState = known->items[i].shown;
	}
	states[known->count].szReader = NEWS_OF_LIST;
	r = wait_change(s, states, known->count + 1, ms);
	free(states);
	return r == SCARD_E_TIMEOUT || r == SCARD_E_UNKNOWN_READER ? ERR_OK
								   : service_error_within(r);
}
