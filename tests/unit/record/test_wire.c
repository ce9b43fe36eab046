/* programs and the PC/SC service, as their socket has them; and the packets that come of it */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/record/ledger.h"
#include "host/record/wire.h"
#include "tests/unit/trace/told.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/trace/trace.h"

#define ATR	       "3b021450"
#define SUCCESS	       0u
#define WAS_RESET      0x80100068u
#define NOT_SHARED     0x8010000Bu
#define NOT_TRANSACTED 0x80100016u

enum request { CONNECT = 4, RECONNECT, DISCONNECT, END = 8, TRANSMIT, CONTROL, VERSION = 0x11 };
enum disposition { LEAVE, RESET, UNPOWER };

/* A program's connection, whose events go to a ledger. */
struct line {
	struct ledger *ledger;
	struct wire *wire;
	unsigned number;
	int64_t now_ms;
	size_t piece;
};

static void take(void *ctx, const struct wire_event *e)
{
	struct line *l = ctx;

	ledger_take(l->ledger, l->number, e, l->now_ms);
}

static void line_open(struct line *l)
{
	const struct wire_sink sink = {take, l};

	ASSERT_ERR(wire_open(&sink, &l->wire), ERR_OK);
}

static void put_number(struct wbuf *w, uint32_t n)
{
	uint8_t octets[sizeof(n)];

	memcpy(octets, &n, sizeof(n)); /* the machine's own order */
	wbuf_put(w, SLICE_OF(octets));
}

static enum err feed(struct line *l, bool from_program, const struct wbuf *w)
{
	enum err e = ERR_OK;

	for (struct slice s = wbuf_slice(w); s.len && !e; s = slice_sub(s, l->piece, s.len)) {
		struct slice some = slice_sub(s, 0, l->piece);

		e = from_program ? wire_from_program(l->wire, some)
				 : wire_from_service(l->wire, some);
	}
	return e;
}

/* A request, and its answer. */
static void call(struct line *l, const struct wbuf *ask, const struct wbuf *answer)
{
	ASSERT_ERR(feed(l, true, ask), ERR_OK);
	ASSERT_ERR(feed(l, false, answer), ERR_OK);
}

static void connect_card(struct line *l, const char *reader, uint32_t card, uint32_t result)
{
	uint8_t ask[200], told[200];
	struct wbuf a = wbuf_init(ask, sizeof(ask)), t = wbuf_init(told, sizeof(told));
	size_t pad = 128 - strlen(reader);

	put_number(&a, 152);
	put_number(&a, CONNECT);
	for (int i = 0; i < 2; i++) {
		struct wbuf *w = i ? &t : &a;

		put_number(w, 77); /* a context */
		wbuf_put(w, slice_str(reader));
		wbuf_fill(w, 0, pad);
		put_number(w, 2);
		put_number(w, 3);
		put_number(w, i ? card : 0);
		put_number(w, i ? 1 : 0);
		put_number(w, i ? result : 0);
	}
	call(l, &a, &t);
}

/* DISCONNECT, END: a handle, a disposition, a result */
static void dispose(struct line *l, enum request request, uint32_t card, uint32_t disposition)
{
	uint8_t ask[40], told[40];
	struct wbuf a = wbuf_init(ask, sizeof(ask)), t = wbuf_init(told, sizeof(told));

	put_number(&a, 12);
	put_number(&a, request);
	for (int i = 0; i < 2; i++) {
		put_number(i ? &t : &a, card);
		put_number(i ? &t : &a, disposition);
		put_number(i ? &t : &a, SUCCESS);
	}
	call(l, &a, &t);
}

static void reconnect(struct line *l, uint32_t card, uint32_t initialisation)
{
	uint8_t ask[40], told[40];
	struct wbuf a = wbuf_init(ask, sizeof(ask)), t = wbuf_init(told, sizeof(told));

	put_number(&a, 24);
	put_number(&a, RECONNECT);
	for (int i = 0; i < 2; i++) {
		put_number(i ? &t : &a, card);
		put_number(i ? &t : &a, 2);
		put_number(i ? &t : &a, 3);
		put_number(i ? &t : &a, initialisation);
		put_number(i ? &t : &a, 1);
		put_number(i ? &t : &a, SUCCESS);
	}
	call(l, &a, &t);
}

static void transmit(struct line *l, uint32_t card, const char *command, const char *response,
		     uint32_t result)
{
	uint8_t ask[400], told[400];
	struct wbuf a = wbuf_init(ask, sizeof(ask)), t = wbuf_init(told, sizeof(told));
	struct slice c = test_unhex(command), r = test_unhex(response);

	put_number(&a, 32);
	put_number(&a, TRANSMIT);
	for (int i = 0; i < 2; i++) {
		struct wbuf *w = i ? &t : &a;

		put_number(w, card);
		put_number(w, 1);
		put_number(w, 16);
		put_number(w, (uint32_t)c.len);
		put_number(w, 1);
		put_number(w, 16);
		put_number(w, i ? (uint32_t)r.len : 258);
		put_number(w, i ? result : 0);
	}
	wbuf_put(&a, c);
	wbuf_put(&t, r);
	call(l, &a, &t);
}

/* A control of a reader */
static void control(struct line *l, uint32_t card, uint32_t code, const char *sent,
		    const char *received)
{
	uint8_t ask[400], told[400];
	struct wbuf a = wbuf_init(ask, sizeof(ask)), t = wbuf_init(told, sizeof(told));
	struct slice s = test_unhex(sent), r = test_unhex(received);

	put_number(&a, 24);
	put_number(&a, CONTROL);
	for (int i = 0; i < 2; i++) {
		struct wbuf *w = i ? &t : &a;

		put_number(w, card);
		put_number(w, code);
		put_number(w, (uint32_t)s.len);
		put_number(w, 264);
		put_number(w, i ? (uint32_t)r.len : 0);
		put_number(w, i && !r.len ? NOT_TRANSACTED : SUCCESS);
	}
	wbuf_put(&a, s);
	wbuf_put(&t, r);
	call(l, &a, &t);
}

static void find_atr(void *ctx, const char *reader, struct wbuf *out)
{
	(void)ctx, (void)reader;
	wbuf_put(out, test_unhex(ATR));
}

static void begin(struct ledger **l, struct trace **t, char path[static 128])
{
	struct ledger_wish wish = {.atr = find_atr};

	ASSERT_ERR(path_join(test_dir(), "t.pcapng", path, 128), ERR_OK);
	ASSERT_ERR(trace_create(&(struct trace_target){.path = path, .anew = true}, NULL, t),
		   ERR_OK);
	wish.trace = *t;
	ASSERT_ERR(ledger_open(&wish, l), ERR_OK);
}

/* The kinds of what was recorded, with the card's number, and commands and responses. */
static const char *recorded(struct ledger **l, struct trace **t, const char *path)
{
	static char text[4096];
	struct wbuf w = wbuf_grow(1 << 20);
	char *to = text;

	ASSERT_ERR(ledger_close(l), ERR_OK);
	ASSERT_ERR(trace_close(t), ERR_OK);
	ASSERT_ERR(file_read(path, NULL, &w), ERR_OK);
	for (const char *p = told_events(wbuf_slice(&w), 4096, NULL); *p;) {
		size_t n = strcspn(p, "\n");
		char kind[32], octets[300];
		unsigned card;

		if (sscanf(p, "%31s %u %*s %*s %299s", kind, &card, octets) == 3)
			to += snprintf(to, (size_t)(text + sizeof(text) - to), "%s %u %s;", kind,
				       card, octets);
		p += n + (p[n] != 0);
	}
	wbuf_free(&w);
	return text;
}

/* Two programs and two readers; resets where programs ask for them, where one dies, after a while.
 */
static void session(size_t piece)
{
	char path[128];
	struct trace *t;
	struct line a = {.number = 1, .piece = piece}, b = {.number = 2, .piece = piece};

	begin(&a.ledger, &t, path);
	b.ledger = a.ledger;
	line_open(&a);
	line_open(&b);
	connect_card(&a, "one", 11, SUCCESS);
	connect_card(&b, "two", 22, SUCCESS);
	connect_card(&b, "none", 0, NOT_SHARED);
	connect_card(&b, "one", 33, SUCCESS);
	transmit(&a, 11, "00a40004023f00", "9000", SUCCESS);
	transmit(&b, 22, "0020000108313233343536ffff", "9000", SUCCESS);
	transmit(&b, 33, "00b0000001", "", NOT_SHARED); /* has not come to the card */
	transmit(&b, 33, "00b0000002", "", NOT_TRANSACTED);
	reconnect(&a, 11, RESET);
	transmit(&b, 33, "00b0000003", "", WAS_RESET);
	reconnect(&b, 33, LEAVE); /* by a, which is recorded */
	transmit(&b, 33, "00b0000004", "", WAS_RESET);
	reconnect(&b, 33, LEAVE); /* by somebody who is not */
	dispose(&a, END, 11, LEAVE);
	dispose(&b, DISCONNECT, 22, UNPOWER);
	connect_card(&b, "two", 44, SUCCESS);
	dispose(&b, DISCONNECT, 44, LEAVE);
	b.now_ms = 4000;
	connect_card(&b, "two", 55, SUCCESS);
	dispose(&b, DISCONNECT, 55, LEAVE);
	b.now_ms = 9000; /* pcscd has taken the power away */
	connect_card(&b, "two", 66, SUCCESS);
	transmit(&b, 66, "00b0000005", "6986", SUCCESS);
	transmit(&b, 99, "00b0000006", "6986", SUCCESS); /* nobody's */
	CU_ASSERT_EQUAL(ledger_exchanges(a.ledger), 4);
	ledger_end_connection(b.ledger, 2, 9000);
	wire_close(&a.wire);
	wire_close(&b.wire);
	CU_ASSERT_STRING_EQUAL(recorded(&a.ledger, &t, path),
			       "reset 0 /" ATR ";reset 1 /" ATR ";exchange 0 00a40004023f00/9000;"
			       "exchange 1 0020000108ffffffffffffffff/9000;exchange 0 00b0000002/;"
			       "reset 0 /" ATR ";reset 0 /" ATR ";removed 1 /;reset 1 /" ATR
			       ";reset 1 /" ATR ";exchange 1 00b0000005/6986;reset 1 /" ATR
			       ";reset 0 /" ATR ";");
}

static void test_session(void)
{
	static const size_t pieces[] = {1, 7, 100, 1000};

	for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
		session(pieces[i]);
}

#define FEATURES      0x42000D48u /* CM_IOCTL_GET_FEATURE_REQUEST */
#define VERIFY_DIRECT 0x42330006u /* as libccid has them */
#define MODIFY_DIRECT 0x42330007u
#define VERIFY_START  0x42330001u
#define VERIFY_FINISH 0x42330002u
/* PC/SC part 10, 2.5.2: what stands in front of the template of PIN_VERIFY, of PIN_MODIFY */
#define VERIFY_HEAD "1e1e8208000804020109040000000000000000"
#define MODIFY_HEAD "1e1e820800000808040302030904000102000000"
#define TEMPLATE    "0020000108ffffffffffffffff"

/* A PIN that is typed at the reader: the card's command without it. */
static void test_keys(void)
{
	char path[128];
	struct trace *t;
	struct line a = {.number = 1, .piece = 9};

	begin(&a.ledger, &t, path);
	line_open(&a);
	connect_card(&a, "one", 11, SUCCESS);
	/* nobody has named the code */
	control(&a, 11, VERIFY_DIRECT, VERIFY_HEAD TEMPLATE, "9000");
	control(&a, 11, FEATURES, "", "0604423300060704423300070504423300050104423300010204423300");
	control(&a, 11, VERIFY_DIRECT, VERIFY_HEAD TEMPLATE, "9000");
	control(&a, 11, VERIFY_DIRECT, VERIFY_HEAD TEMPLATE, "63c2");
	/* what the reader says itself; what it refuses; a structure that is cut */
	control(&a, 11, VERIFY_DIRECT, VERIFY_HEAD TEMPLATE, "6400");
	control(&a, 11, VERIFY_DIRECT, VERIFY_HEAD TEMPLATE, "6401");
	control(&a, 11, VERIFY_DIRECT, VERIFY_HEAD TEMPLATE, "");
	control(&a, 11, VERIFY_DIRECT, VERIFY_HEAD "002000", "9000");
	control(&a, 11, VERIFY_DIRECT, "1e1e", "9000");
	/* its length is the reader's, too */
	control(&a, 11, VERIFY_DIRECT, VERIFY_HEAD "00200002", "9000");
	control(&a, 11, VERIFY_DIRECT, VERIFY_HEAD "0020000300", "6983");
	control(&a, 11, MODIFY_DIRECT,
		MODIFY_HEAD "00000015"
			    "0024000110ffffffffffffffffffffffffffffffff",
		"9000");
	/* in steps: the reader has just been given the codes */
	control(&a, 11, VERIFY_FINISH, "", "9000");
	control(&a, 11, FEATURES, "", "010442330001020442330002");
	control(&a, 11, VERIFY_FINISH, "", "9000");
	control(&a, 11, VERIFY_START, VERIFY_HEAD TEMPLATE, "9000");
	control(&a, 11, 0x42330005, "", "2b");
	control(&a, 11, VERIFY_FINISH, "", "9000");
	control(&a, 11, VERIFY_FINISH, "", "9000");
	CU_ASSERT_EQUAL(ledger_exchanges(a.ledger), 6);
	wire_close(&a.wire);
	CU_ASSERT_STRING_EQUAL(recorded(&a.ledger, &t, path),
			       "reset 0 /" ATR ";exchange 0 " TEMPLATE "/9000;exchange 0 " TEMPLATE
			       "/63c2;"
			       "exchange 0 0020000208ffffffffffffffff/9000;"
			       "exchange 0 0020000308ffffffffffffffff/6983;"
			       "exchange 0 0024000110ffffffffffffffffffffffffffffffff/9000;"
			       "exchange 0 " TEMPLATE "/9000;");
}

static enum err odd(uint32_t len, uint32_t request, uint32_t first, size_t octets)
{
	uint8_t memory[64];
	struct wbuf w = wbuf_init(memory, sizeof(memory));
	const struct wire_sink sink = {take, NULL};
	struct line l = {.piece = 1};
	enum err e;

	ASSERT_ERR(wire_open(&sink, &l.wire), ERR_OK);
	put_number(&w, len);
	put_number(&w, request);
	put_number(&w, first);
	wbuf_fill(&w, 0xFF, octets);
	e = feed(&l, true, &w);
	if (e)
		CU_ASSERT_EQUAL(wire_from_service(l.wire, SLICE_EMPTY), e);
	wire_close(&l.wire);
	return e;
}

static void test_odd(void)
{
	ASSERT_ERR(odd(12, VERSION, 4, 8), ERR_OK);
	ASSERT_ERR(odd(12, VERSION, 3, 8), ERR_VERSION);
	ASSERT_ERR(odd(12, VERSION, 5, 8), ERR_VERSION);
	ASSERT_ERR(odd(0xFFFFFFFF, CONNECT, 0, 0), ERR_PROTOCOL);
	ASSERT_ERR(odd(12, CONNECT, 0, 8), ERR_PROTOCOL);   /* another structure */
	ASSERT_ERR(odd(32, TRANSMIT, 0, 28), ERR_PROTOCOL); /* four thousand million octets */
	ASSERT_ERR(odd(24, CONTROL, 0, 20), ERR_PROTOCOL);
	ASSERT_ERR(odd(4, 0x7F, 0, 0), ERR_OK); /* of a later version: it passes */
}

TEST_SUITE(wire, {"two programs and two readers, in pieces", test_session},
	   {"a PIN that is typed at the reader", test_keys},
	   {"what is not of the protocol", test_odd})
