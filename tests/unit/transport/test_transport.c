/* ways to a card, and how each fails */
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "card-emu/card.h"
#include "host/transport/open.h"
#include "tests/unit/support/script.h"
#include "tool/sys/cancel.h"
#include "tool/sys/path.h"

#define OPEN_MS	   5000
#define CONNECT_MS 2000

static const uint8_t fake_atr[] = {0x3B, 0x02, 0x14, 0x50};

/* What a card program answers; a child process plays it. */
enum fake { FAKE_ECHO, FAKE_DIES, FAKE_EMPTY, FAKE_LONG, FAKE_SPLIT, FAKE_NO_ATR };

static unsigned free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) ||
	    getsockname(fd, (struct sockaddr *)&a, &len))
		abort();
	close(fd);
	return ntohs(a.sin_port);
}

static void write_all(int fd, const uint8_t *p, size_t n)
{
	if (write(fd, p, n) != (ssize_t)n)
		_exit(1);
}

static void send_frame(int fd, const uint8_t *p, size_t n)
{
	uint8_t frame[600];
	struct wbuf w = wbuf_init(frame, sizeof(frame));

	wbuf_u16(&w, (uint16_t)n);
	wbuf_put(&w, slice_make(p, n));
	write_all(fd, frame, w.len);
}

static void read_all(int fd, uint8_t *p, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t got = read(fd, p + at, n - at);

		if (got <= 0)
			_exit(0);
		at += (size_t)got;
	}
}

static void answer(int fd, enum fake how, uint8_t *command, size_t n)
{
	static const uint8_t split[] = {0x00, 0x03, 0xAA, 0x90, 0x00};
	static uint8_t octets[300];

	switch (how) {
	case FAKE_DIES: _exit(0);
	case FAKE_EMPTY: send_frame(fd, octets, 0); break;
	case FAKE_LONG: send_frame(fd, octets, sizeof(octets)); break;
	case FAKE_SPLIT:
		for (size_t i = 0; i < sizeof(split); i++) {
			write_all(fd, &split[i], 1);
			usleep(1000);
		}
		break;
	case FAKE_ECHO:
	case FAKE_NO_ATR: send_frame(fd, command, n); break;
	}
}

static void play_card(unsigned port, enum fake how)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port),
				.sin_addr = {htonl(INADDR_LOOPBACK)}};
	uint8_t header[2], body[300];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	for (unsigned ms = 0; connect(fd, (struct sockaddr *)&a, sizeof(a)); ms += 10) {
		if (ms > CONNECT_MS)
			_exit(1);
		usleep(10000);
	}
	for (;;) {
		struct cursor c = cursor_of(SLICE_OF(header));
		size_t n;

		read_all(fd, header, sizeof(header));
		n = cursor_u16(&c);
		if (n > sizeof(body))
			_exit(1);
		read_all(fd, body, n);
		if (n != 1)
			answer(fd, how, body, n);
		else if (body[0] == 4)
			send_frame(fd, fake_atr, how == FAKE_NO_ATR ? 0 : sizeof(fake_atr));
	}
}

static struct transport *open_fake(enum fake how, pid_t *child)
{
	struct transport *t = NULL;
	unsigned port = free_port();
	char spec[32];

	fflush(NULL);
	*child = fork();
	if (*child == 0)
		play_card(port, how);
	snprintf(spec, sizeof(spec), "vpcd:%u", port);
	ASSERT_ERR(transport_open(spec, OPEN_MS, NULL, &t), ERR_OK);
	return t;
}

static void test_vpcd(void)
{
	static const struct {
		enum fake how;
		enum err e;
	} rows[] = {
		{FAKE_ECHO, ERR_OK},
		{FAKE_DIES, ERR_DISCONNECTED},
		{FAKE_EMPTY, ERR_DISCONNECTED},
		{FAKE_LONG, ERR_PROTOCOL},
		{FAKE_SPLIT, ERR_OK},
	};
	static const uint8_t command[] = {0x00, 0xA4, 0x00, 0x00};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t octets[258];
		struct wbuf w = wbuf_init(octets, sizeof(octets));
		struct slice atr;
		pid_t child;
		struct transport *t = open_fake(rows[i].how, &child);

		CU_ASSERT_PTR_NOT_NULL_FATAL(t);
		ASSERT_ERR(transport_reset(t, &atr), ERR_OK);
		ASSERT_OCTETS(atr, SLICE_OF(fake_atr), "ATR");
		/* one octet would be a control of the protocol */
		ASSERT_ERR(transport_transmit(t, slice_make(command, 1), &w), ERR_LENGTH);
		ASSERT_ERR(transport_transmit(t, SLICE_OF(command), &w), rows[i].e);
		if (rows[i].how == FAKE_ECHO) {
			ASSERT_OCTETS(wbuf_slice(&w), SLICE_OF(command), "echo");
			ASSERT_ERR(transport_reset(t, &atr), ERR_OK);
		}
		transport_close(&t);
		CU_ASSERT_PTR_NULL(t);
		waitpid(child, NULL, 0);
	}
}

static void test_vpcd_no_atr(void)
{
	struct slice atr;
	pid_t child;
	struct transport *t = open_fake(FAKE_NO_ATR, &child);

	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	ASSERT_ERR(transport_reset(t, &atr), ERR_MUTE);
	transport_close(&t);
	waitpid(child, NULL, 0);
}

static void test_specs(void)
{
	struct transport *t;
	char spec[32];

	snprintf(spec, sizeof(spec), "vpcd:%u", free_port());
	ASSERT_ERR(transport_open(spec, 10, NULL, &t), ERR_NO_CARD);
	ASSERT_ERR(transport_open("vpcd:no-port", 10, NULL, &t), ERR_USAGE);
	ASSERT_ERR(transport_open("vpcd:no.such.host.invalid:1", 10, NULL, &t), ERR_USAGE);
}

/* The virtual card in this process, and the golden exchanges with an empty one. */
static void test_card(void)
{
	const struct card_identity id = {.eid = {0x89, 0x04, 0x90, 0x32}};
	struct card_options options = {0};
	struct transport *t;
	char dir[128], spec[160];

	ASSERT_ERR(path_join(test_dir(), "card", dir, sizeof(dir)), ERR_OK);
	snprintf(spec, sizeof(spec), "card:%s", dir);
	CU_ASSERT_NOT_EQUAL(transport_open(spec, 0, NULL, &t), ERR_OK);
	ASSERT_ERR(transport_open("card:", 0, NULL, &t), ERR_USAGE);
	options.dir = dir;
	ASSERT_ERR(card_create(&options, &id), ERR_OK);
	ASSERT_ERR(transport_open(spec, 0, NULL, &t), ERR_OK);
	transcript_compare(t, "empty-card");
	transport_close(&t);
}

/* Two cards in one process: a wish of one token leaves the wait of the other alone. */
static void test_own_token(void)
{
	struct cancel wished = {0}, other = {0};
	struct transport *t;
	char spec[32];

	cancel_wish(&wished);
	snprintf(spec, sizeof(spec), "vpcd:%u", free_port());
	ASSERT_ERR(transport_open(spec, 60000, &wished, &t), ERR_CANCELLED);
	ASSERT_ERR(transport_open(spec, 10, &other, &t), ERR_NO_CARD);
	CU_ASSERT_TRUE(cancel_gave_up(&wished) && !cancel_gave_up(&other));
}

TEST_SUITE(transport, {"vpcd server", test_vpcd}, {"each way asks its own token", test_own_token},
	   {"vpcd: a card without ATR", test_vpcd_no_atr}, {"specifications", test_specs},
	   {"the card in this process", test_card})
