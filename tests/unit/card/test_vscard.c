/* the card's end of QEMU's reader: each message, in and out of order, whole and cut */
#include "tests/unit/test.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "card-emu/link/vscard.h"
#include "tests/unit/support/card_fixture.h"
#include "tool/sys/cancel.h"

#define SAID_MAX 8192
/* type, reader, length */
#define HELLO                                                                                      \
	"00000001 ffffffff 0000000c 56534344 00000002 00000000"                                    \
	"00000003 ffffffff 00000000"
#define INIT	 "00000001 ffffffff 0000000c 56534344 00000002 00000000"
#define CONSENT	 "00000002 00000000 00000004 00000000"
#define SELECT	 "00000007 00000000 00000007 00a4000c023f00"
#define SELECTED "00000007 00000000 00000002 9000"

static struct {
	unsigned taken, others;
} seen;

static void count_event(void *ctx, enum link_event event)
{
	(void)ctx;
	if (event == LINK_TAKEN)
		seen.taken++;
	else
		seen.others++;
}

/* What the card says to a reader that says in, and then nothing more. */
static enum err converse(struct card *card, struct slice in, struct wbuf *said)
{
	const struct link l = {.event = count_event};
	struct link_session s = {.link = &l};
	uint8_t chunk[SAID_MAX];
	int fds[2];
	ssize_t n;
	enum err e;

	CU_ASSERT_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	CU_ASSERT_FATAL(send(fds[0], in.ptr, in.len, MSG_DONTWAIT) == (ssize_t)in.len);
	CU_ASSERT_FATAL(shutdown(fds[0], SHUT_WR) == 0);
	s.fd = fds[1];
	e = vscard_serve_socket(card, &s);
	while ((n = recv(fds[0], chunk, sizeof(chunk), MSG_DONTWAIT)) > 0)
		wbuf_put(said, slice_make(chunk, (size_t)n));
	close(fds[0]);
	close(fds[1]);
	return e;
}

static enum err converse_hex(struct card *card, const char *in, struct wbuf *said)
{
	uint8_t mem[SAID_MAX];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	ASSERT_ERR(hex_decode(in, &w), ERR_OK);
	return converse(card, wbuf_slice(&w), said);
}

static const struct {
	const char *what, *in, *out; /* out: after HELLO; "ATR" stands for the card's */
	enum err end;
	unsigned taken;
} conversations[] = {
	{"nothing", "", "", ERR_DISCONNECTED, 0},
	{"Init alone", INIT, "", ERR_DISCONNECTED, 0},
	{"the reader is there", INIT CONSENT, "ATR", ERR_DISCONNECTED, 0},
	{"the card is in", INIT CONSENT CONSENT, "ATR", ERR_DISCONNECTED, 1},
	{"a command", INIT CONSENT CONSENT SELECT, "ATR" SELECTED, ERR_DISCONNECTED, 1},
	{"two, and consent between", INIT CONSENT CONSENT SELECT CONSENT SELECT,
	 "ATR" SELECTED SELECTED, ERR_DISCONNECTED, 1},
	{"a flush", INIT CONSENT CONSENT "00000008 00000000 00000000",
	 "ATR 00000009 00000000 00000000", ERR_DISCONNECTED, 1},
	{"reader refused", INIT "00000002 ffffffff 00000004 00000002", "", ERR_REFUSED, 0},
	{"card refused", INIT CONSENT "00000002 00000000 00000004 00000001", "ATR", ERR_REFUSED, 0},
	{"Init of another protocol", "00000001 ffffffff 0000000c 56534345 00000002 00000000", "",
	 ERR_PROTOCOL, 0},
	{"Init cut short by itself", "00000001 ffffffff 00000004 56534344", "", ERR_PROTOCOL, 0},
	{"an error without a code", "00000002 00000000 00000000", "", ERR_PROTOCOL, 0},
	{"an error with too much", "00000002 00000000 00000005 0000000000", "", ERR_PROTOCOL, 0},
	{"an empty command", INIT CONSENT CONSENT "00000007 00000000 00000000", "ATR", ERR_PROTOCOL,
	 1},
	{"a length out of bounds", "00000007 00000000 ffffffff", "", ERR_PROTOCOL, 0},
	{"a length just out of bounds", "00000007 00000000 00010009", "", ERR_PROTOCOL, 0},
	{"what the card alone says: ReaderAdd", "00000003 00000000 00000000", "", ERR_PROTOCOL, 0},
	{"what the card alone says: ATR", "00000005 00000000 00000000", "", ERR_PROTOCOL, 0},
	{"no such message", "0000000b 00000000 00000000", "", ERR_PROTOCOL, 0},
	{"type 0", "00000000 00000000 00000000", "", ERR_PROTOCOL, 0},
	{"another protocol's greeting", "485454502f312e3120343030 0d0a0d0a", "", ERR_PROTOCOL, 0},
};

/* HELLO, the ATR message where "ATR" begins the text, the rest in hex. */
static void put_expected(struct card *card, const char *text, struct wbuf *out)
{
	struct slice atr = card_atr(card);

	ASSERT_ERR(hex_decode(HELLO, out), ERR_OK);
	if (slice_starts(slice_str(text), slice_str("ATR"))) {
		wbuf_u32(out, 5);
		wbuf_u32(out, 0);
		wbuf_u32(out, (uint32_t)atr.len);
		wbuf_put(out, atr);
		text += 3;
	}
	while (*text == ' ')
		text++;
	ASSERT_ERR(hex_decode(text, out), ERR_OK);
}

static void test_conversations(void)
{
	struct card *card = fixture_card(NULL, NULL);

	for (size_t i = 0; i < ARRAY_LEN(conversations); i++) {
		uint8_t said_mem[SAID_MAX], want_mem[SAID_MAX];
		struct wbuf said = wbuf_init(said_mem, sizeof(said_mem));
		struct wbuf want = wbuf_init(want_mem, sizeof(want_mem));

		seen.taken = seen.others = 0;
		ASSERT_ERR(converse_hex(card, conversations[i].in, &said), conversations[i].end);
		put_expected(card, conversations[i].out, &want);
		ASSERT_OCTETS(wbuf_slice(&said), wbuf_slice(&want), conversations[i].what);
		CU_ASSERT_EQUAL(seen.taken, conversations[i].taken);
		CU_ASSERT_EQUAL(seen.others, 0);
	}
	card_close(&card);
}

/* The stream may end after any octet: the card has answered what was whole. */
static void test_cut(void)
{
	struct card *card = fixture_card(NULL, NULL);
	uint8_t mem[512];
	struct wbuf in = wbuf_init(mem, sizeof(mem));

	ASSERT_ERR(hex_decode(INIT CONSENT CONSENT SELECT, &in), ERR_OK);
	for (size_t n = 0; n <= in.len; n++) {
		uint8_t said_mem[SAID_MAX];
		struct wbuf said = wbuf_init(said_mem, sizeof(said_mem));
		size_t want = 36; /* HELLO */

		ASSERT_ERR(converse(card, slice_sub(wbuf_slice(&in), 0, n), &said),
			   ERR_DISCONNECTED);
		want += n >= 40 ? 12 + card_atr(card).len : 0;
		want += n == in.len ? 14 : 0;
		CU_ASSERT_EQUAL(said.len, want);
	}
	card_close(&card);
}

struct reader {
	int fd;
	struct cancel *cancel;
	uint8_t type[64]; /* of each message that the card said */
	size_t messages;
};

/* A reader that takes the card, has it taken out by the wish of its owner, and closes at the end.
 */
static void *play_reader(void *arg)
{
	static const uint8_t consent[] = {0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0};
	struct reader *r = arg;
	uint8_t mem[SAID_MAX], header[12];

	while (recv(r->fd, header, sizeof(header), MSG_WAITALL) == sizeof(header)) {
		struct cursor c = cursor_of(SLICE_OF(header));
		uint32_t type = cursor_u32(&c), len;

		cursor_u32(&c);
		len = cursor_u32(&c);
		if (len &&
		    (len > sizeof(mem) || recv(r->fd, mem, len, MSG_WAITALL) != (ssize_t)len))
			break;
		if (r->messages < sizeof(r->type))
			r->type[r->messages++] = (uint8_t)type;
		if ((type == 3 || type == 5) && write(r->fd, consent, sizeof(consent)) < 0)
			break;
		if (type == 5)
			cancel_wish(r->cancel);
	}
	close(r->fd);
	return NULL;
}

static void test_take_out(void)
{
	static const uint8_t said[] = {1, 3, 5, 6}; /* CardRemove last */
	struct card *card = fixture_card(NULL, NULL);
	struct cancel cancel = {0};
	struct link l = {.cancel = &cancel};
	struct link_session s = {.link = &l};
	struct reader r = {.cancel = &cancel};
	pthread_t thread;
	int fds[2];

	ASSERT_ERR(cancel_open(&cancel), ERR_OK);
	CU_ASSERT_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	r.fd = fds[0];
	s.fd = fds[1];
	CU_ASSERT_FATAL(pthread_create(&thread, NULL, play_reader, &r) == 0);
	ASSERT_ERR(vscard_serve_socket(card, &s), ERR_CANCELLED);
	close(fds[1]);
	pthread_join(thread, NULL);
	ASSERT_OCTETS(slice_make(r.type, r.messages), SLICE_OF(said), "what the card said");
	cancel_close(&cancel);
	card_close(&card);
}

static void test_places(void)
{
	static const struct {
		const char *text, *host, *path;
		unsigned port;
	} good[] = {
		{"/run/x.sock", NULL, "/run/x.sock", 0},
		{"x.sock", NULL, "x.sock", 0},
		{"./a:1", NULL, "./a:1", 0},
		{"127.0.0.1:4000", "127.0.0.1", NULL, 4000},
		{"[::1]:65535", "::1", NULL, 65535},
		{"::1:1", "::1", NULL, 1},
	};
	static const char *const bad[] = {"", ":1", "h:", "h:0", "h:65536", "h:1x", "h:-1", "h: 1"};
	char host[64], path[120];
	struct link l = {0};

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		ASSERT_ERR(link_place(good[i].text, &l, host, sizeof(host)), ERR_OK);
		if (good[i].path) {
			CU_ASSERT_STRING_EQUAL(l.path, good[i].path);
		} else {
			CU_ASSERT_STRING_EQUAL(l.host, good[i].host);
			CU_ASSERT_EQUAL(l.port, good[i].port);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ASSERT_ERR(link_place(bad[i], &l, host, sizeof(host)), ERR_VALUE);
	memset(path, 'a', sizeof(path));
	path[108] = 0;
	ASSERT_ERR(link_place(path, &l, host, sizeof(host)), ERR_VALUE);
	path[107] = 0;
	ASSERT_ERR(link_place(path, &l, host, sizeof(host)), ERR_OK);
}

TEST_SUITE(vscard, {"conversations", test_conversations}, {"cut after any octet", test_cut},
	   {"the card is taken out", test_take_out}, {"places", test_places})
