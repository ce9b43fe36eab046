#include "host/record/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/trace/remark.h"
#include "tool/trace/trace.h"

#define NAME_MAX_OCTETS 129
#define ATR_MAX		33
#define GRACE_MS	5000 /* PCSCLITE_POWER_OFF_GRACE_PERIOD */

/* Dispositions (winscard.h) */
enum disposition { LEAVE, RESET, UNPOWER, EJECT };

/* Results with which a command has come to the card, but nothing back to the program. */
enum result {
	GOOD = 0,
	INSUFFICIENT_BUFFER = 0x80100008,
	TIMED_OUT = 0x8010000A,
	COMM_ERROR = 0x80100013,
	NOT_TRANSACTED = 0x80100016,
	COMM_DATA_LOST = 0x8010002F,
	WAS_RESET = 0x80100068,
	WAS_REMOVED = 0x80100069,
};

/* A reader */
struct seat {
	char name[NAME_MAX_OCTETS];
	struct trace *trace;
	unsigned users;	 /* handles */
	unsigned resets; /* that are known of */
	bool powered;	 /* and its ATR has been told */
	int64_t idle_ms; /* since when nobody has had a handle */
};

struct handle {
	uint32_t card;
	unsigned connection, resets; /* as many the program knows of */
	size_t seat;
};

struct ledger {
	struct ledger_wish wish;
	struct seat *seats;
	struct handle *handles;
	size_t seat_count, handle_count;
	uint64_t exchanges;
	enum err err;
};

enum err ledger_open(const struct ledger_wish *wish, struct ledger **out)
{
	struct ledger *l = calloc(1, sizeof(*l));

	if (!l)
		return ERR_MEMORY;
	l->wish = *wish;
	*out = l;
	return ERR_OK;
}

/* Room for one more behind n items; false: memory is out. */
static bool grow(struct ledger *l, void **items, size_t n, size_t size)
{
	void *more = realloc(*items, (n + 1) * size);

	if (more)
		*items = more;
	else
		l->err = ERR_MEMORY;
	return more != NULL;
}

static struct seat *seat_of(struct ledger *l, const char *reader)
{
	struct seat new = {0};
	void *items = l->seats;
	enum err e;

	for (size_t i = 0; i < l->seat_count; i++) {
		if (strcmp(l->seats[i].name, reader) == 0)
			return &l->seats[i];
	}
	if (!grow(l, &items, l->seat_count, sizeof(new)))
		return NULL;
	l->seats = items;
	snprintf(new.name, sizeof(new.name), "%s", reader);
	e = trace_join(l->wish.trace, new.name, &new.trace);
	if (e) {
		l->err = l->err ? l->err : e;
		return NULL;
	}
	l->seats[l->seat_count] = new;
	return &l->seats[l->seat_count++];
}

static struct handle *find_handle(struct ledger *l, uint32_t card)
{
	for (size_t i = 0; i < l->handle_count; i++) {
		if (l->handles[i].card == card)
			return &l->handles[i];
	}
	return NULL;
}

static void tell_reset(struct ledger *l, struct seat *s)
{
	uint8_t octets[ATR_MAX];
	struct wbuf atr = wbuf_init(octets, sizeof(octets));

	l->wish.atr(l->wish.ctx, s->name, &atr);
	trace_reset(s->trace, wbuf_slice(&atr));
	s->powered = true;
	s->resets++;
}

/* The card is in use now, whoever it was before. */
static void tell_use(struct ledger *l, struct seat *s, int64_t now_ms)
{
	if (!s->powered || (!s->users && now_ms - s->idle_ms >= GRACE_MS))
		tell_reset(l, s);
}

static void dispose(struct ledger *l, struct seat *s, uint32_t disposition)
{
	if (disposition == RESET) {
		tell_reset(l, s);
	} else if (disposition == UNPOWER || disposition == EJECT) {
		if (s->powered)
			trace_power_off(s->trace);
		s->powered = false;
	}
}

static void connected(struct ledger *l, unsigned connection, const struct wire_event *e,
		      int64_t now_ms)
{
	struct seat *s = seat_of(l, e->reader);
	void *items = l->handles;

	if (!s || !grow(l, &items, l->handle_count, sizeof(*l->handles)))
		return;
	l->handles = items;
	if (e->protocol)
		tell_use(l, s, now_ms);
	l->handles[l->handle_count++] = (struct handle){.card = e->card,
							.connection = connection,
							.resets = s->resets,
							.seat = (size_t)(s - l->seats)};
	s->users++;
}

static void forget_handle(struct ledger *l, struct handle *h, int64_t now_ms)
{
	struct seat *s = &l->seats[h->seat];

	s->users--;
	s->idle_ms = now_ms;
	*h = l->handles[--l->handle_count];
}

static void transmitted(struct ledger *l, const struct handle *h, const struct wire_event *e)
{
	struct seat *s = &l->seats[h->seat];

	switch (e->result) {
	case GOOD:
	case INSUFFICIENT_BUFFER:
	case TIMED_OUT:
	case COMM_ERROR:
	case NOT_TRANSACTED:
	case COMM_DATA_LOST:
	case WAS_REMOVED:
		l->exchanges++;
		if (e->at_keys)
			trace_beside(s->trace, TRACE_REMARK_KEYS);
		trace_exchange(s->trace, e->command, e->response);
		break;
	default: break; /* it was refused, and has not come to the card */
	}
	/* the card was pulled, or a program that is not recorded has reset it */
	if (e->result == WAS_REMOVED || (e->result == WAS_RESET && h->resets == s->resets))
		s->powered = false;
}

void ledger_take(struct ledger *l, unsigned connection, const struct wire_event *e, int64_t now_ms)
{
	struct handle *h = e->kind == WIRE_CONNECTED ? NULL : find_handle(l, e->card);
	struct seat *s = h ? &l->seats[h->seat] : NULL;

	if (e->kind == WIRE_CONNECTED && e->result == GOOD)
		connected(l, connection, e, now_ms);
	if (!s)
		return;
	if (e->kind == WIRE_TRANSMITTED)
		transmitted(l, h, e);
	if (e->kind == WIRE_TRANSMITTED || e->result != GOOD)
		return;
	if (e->kind == WIRE_RECONNECTED && e->disposition != LEAVE)
		s->powered = false; /* it was reset, or its power was off and is on again */
	if (e->kind == WIRE_RECONNECTED && e->protocol)
		tell_use(l, s, now_ms);
	if (e->kind == WIRE_RECONNECTED)
		h->resets = s->resets;
	if (e->kind == WIRE_DISCONNECTED || e->kind == WIRE_TRANSACTION_ENDED)
		dispose(l, s, e->disposition);
	if (e->kind == WIRE_DISCONNECTED)
		forget_handle(l, h, now_ms);
}

void ledger_end_connection(struct ledger *l, unsigned connection, int64_t now_ms)
{
	for (size_t i = l->handle_count; i-- > 0;) {
		struct handle *h = &l->handles[i];

		if (h->connection != connection)
			continue;
		if (l->seats[h->seat].powered)
			dispose(l, &l->seats[h->seat], RESET);
		forget_handle(l, h, now_ms);
	}
}

uint64_t ledger_exchanges(const struct ledger *l)
{
	return l->exchanges;
}

enum err ledger_close(struct ledger **l)
{
	struct ledger *old = *l;
	enum err e;

	if (!old)
		return ERR_OK;
	e = old->err;
	for (size_t i = 0; i < old->seat_count; i++) {
		enum err of_trace = trace_close(&old->seats[i].trace);

		e = e ? e : of_trace;
	}
	free(old->seats);
	free(old->handles);
	free(old);
	*l = NULL;
	return e;
}
