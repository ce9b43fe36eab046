/*
 * pty: a simulated PN532 on a pseudo-terminal, for libnfc's pn532_uart.
 *
 *   pn532-sim LINK [--pn533] [--vpcd PORT] [--delay MS] [PREFIX=ANSWER ...]
 *
 * LINK: a symbolic link to the pseudo-terminal. --vpcd: a card program connects there as to
 * vsmartcard's vpcd (twinkey-card run --port PORT); without it the first rule whose PREFIX begins a
 * command (hex) gives its ANSWER, and 9000 what no rule fits. It says "ready".
 *
 * Lines of standard input, each answered by "done: LINE" ("wrong: LINE" where it is none):
 *   fault NAME [HEX or MS]   at the next command, once: see tests/pn532/chip.h
 *   ats HEX, ats none        what the card says of itself, with its length octet
 *   sak HEX                  another kind of card
 *   cards N                  so many cards are in the field
 *   count                    says "count N": commands that the card has answered
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "tests/pn532/chip.h"

static struct {
	const char *link;
	int master, slave; /* the slave stays open: without it nobody's leaving would be an error */
	int card;	   /* vpcd's end; -1: rules */
	int rules;
	char **rule;
	unsigned delay_ms;
	struct chip chip;
} sim = {.card = -1};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void write_all(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			return;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
}

static bool read_all(int fd, uint8_t *p, size_t n)
{
	while (n) {
		ssize_t got = read(fd, p, n);

		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static void open_terminal(void)
{
	struct termios t;
	char name[64];

	sim.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (sim.master < 0 || grantpt(sim.master) || unlockpt(sim.master) ||
	    ptsname_r(sim.master, name, sizeof(name)))
		fail("pseudo-terminal");
	sim.slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (sim.slave < 0 || tcgetattr(sim.slave, &t))
		fail(name);
	cfmakeraw(&t);
	tcsetattr(sim.slave, TCSANOW, &t);
	unlink(sim.link);
	if (symlink(name, sim.link))
		fail(sim.link);
}

static size_t unhex(const char *hex, uint8_t *out, size_t cap)
{
	size_t n = 0;

	for (; hex[0] && hex[1] && n < cap; hex += 2) {
		char two[3] = {hex[0], hex[1], 0};

		out[n++] = (uint8_t)strtoul(two, NULL, 16);
	}
	return n;
}

static void send_frame(void *ctx, const uint8_t *octets, size_t len)
{
	(void)ctx;
	write_all(sim.master, octets, len);
}

static void send_vpcd(const uint8_t *p, size_t n)
{
	uint8_t frame[2 + CHIP_CARD_MAX] = {(uint8_t)(n >> 8), (uint8_t)n};

	memcpy(frame + 2, p, n);
	write_all(sim.card, frame, n + 2);
}

static size_t receive_vpcd(uint8_t *out)
{
	uint8_t head[2];
	size_t n;

	if (!read_all(sim.card, head, sizeof(head)))
		return 0;
	n = (size_t)(head[0] << 8 | head[1]);
	return n <= CHIP_CARD_MAX && read_all(sim.card, out, n) ? n : 0;
}

static size_t answer_by_rules(const uint8_t *command, size_t len, uint8_t *out)
{
	char hex[2 * CHIP_CARD_MAX + 1] = "";

	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", command[i]);
	for (int i = 0; i < sim.rules; i++) {
		size_t n = strcspn(sim.rule[i], "=");

		if (sim.rule[i][n] && strncasecmp(hex, sim.rule[i], n) == 0)
			return unhex(sim.rule[i] + n + 1, out, CHIP_CARD_MAX);
	}
	return unhex("9000", out, CHIP_CARD_MAX);
}

static void pause_reply(void *ctx, unsigned ms)
{
	(void)ctx;
	poll(NULL, 0, (int)ms);
}

static size_t answer_card(void *ctx, const uint8_t *command, size_t len, uint8_t *out)
{
	pause_reply(ctx, sim.delay_ms);
	if (sim.card < 0)
		return answer_by_rules(command, len, out);
	if (len < 2)
		return 0; /* it would be a control */
	if (len > 5 && len == 6u + command[4])
		len--; /* T=0 knows no Le behind data: the answer waits behind 61xx */
	send_vpcd(command, len);
	return receive_vpcd(out);
}

static void reset_card(void *ctx)
{
	static const uint8_t reset = 2;

	(void)ctx;
	if (sim.card >= 0)
		send_vpcd(&reset, 1);
}

/* The historical octets of an ATR (ISO 7816-3 8.2) behind the interface octets of an ATS. */
static void take_ats(const uint8_t *atr, size_t len)
{
	static const uint8_t head[] = {0x75, 0x77, 0x81, 0x02};
	struct chip_card *card = &sim.chip.card;
	size_t at = 2, count = len > 1 ? atr[1] & 0x0F : 0;

	for (unsigned next = len > 1 ? atr[1] : 0; next & 0xF0 && at < len;) {
		bool td = next & 0x80;

		for (unsigned bit = 0x10; bit <= 0x80; bit <<= 1)
			at += next & bit ? 1 : 0;
		next = td && at <= len ? atr[at - 1] : 0;
	}
	if (at + count > len)
		count = 0;
	card->ats[0] = (uint8_t)(1 + sizeof(head) + count);
	memcpy(card->ats + 1, head, sizeof(head));
	memcpy(card->ats + 1 + sizeof(head), atr + at, count);
	card->ats_len = card->ats[0];
}

/* Waits for the card program; what its ATR says of it becomes the ATS. */
static void take_card(uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static const uint8_t on = 1, ask = 4;
	int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint8_t atr[CHIP_CARD_MAX];
	size_t n;

	if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(listener, (struct sockaddr *)&at, sizeof(at)) || listen(listener, 1))
		fail("the card's port");
	sim.card = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	if (sim.card < 0)
		fail("the card");
	setsockopt(sim.card, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	send_vpcd(&on, 1);
	send_vpcd(&ask, 1);
	n = receive_vpcd(atr);
	if (!n)
		fail("the card's ATR");
	take_ats(atr, n);
}

static bool obey(const char *line)
{
	struct chip *c = &sim.chip;
	char name[32];
	const char *rest = strchr(line, ' ');
	int n = 0;

	if (strcmp(line, "count") == 0) {
		printf("count %lu\n", c->exchanges);
		return true;
	}
	if (!rest++)
		return false;
	if (sscanf(line, "fault %31s%n", name, &n) == 1) {
		enum chip_fault f;

		if (!chip_fault_named(name, &f))
			return false;
		c->fault = f;
		c->argument = (unsigned)strtoul(line + n, NULL, f == CHIP_SLOW ? 10 : 16);
		return true;
	}
	if (strncmp(line, "ats ", 4) == 0)
		c->card.ats_len = strcmp(rest, "none") == 0
					  ? 0
					  : unhex(rest, c->card.ats, sizeof(c->card.ats));
	else if (strncmp(line, "sak ", 4) == 0)
		unhex(rest, &c->card.sel_res, 1);
	else if (strncmp(line, "cards ", 6) == 0)
		c->card.count = (unsigned)strtoul(rest, NULL, 10);
	else
		return false;
	return true;
}

/* Whole lines of standard input. False: it has ended. */
static bool read_lines(void)
{
	static char text[2048];
	static size_t len;
	ssize_t n = read(STDIN_FILENO, text + len, sizeof(text) - len - 1);
	char *end;

	if (n <= 0)
		return false;
	len += (size_t)n;
	text[len] = 0;
	while ((end = strchr(text, '\n'))) {
		*end = 0;
		printf("%s: %s\n", obey(text) ? "done" : "wrong", text);
		fflush(stdout);
		len -= (size_t)(end + 1 - text);
		memmove(text, end + 1, len + 1);
	}
	if (len == sizeof(text) - 1)
		len = 0;
	return true;
}

static void serve(void)
{
	for (;;) {
		struct pollfd p[] = {{STDIN_FILENO, POLLIN, 0}, {sim.master, POLLIN, 0}};
		uint8_t octets[512];
		ssize_t n;

		poll(p, 2, -1);
		if (p[0].revents && !read_lines())
			return;
		if (!p[1].revents)
			continue;
		n = read(sim.master, octets, sizeof(octets));
		if (n > 0)
			chip_take(&sim.chip, octets, (size_t)n);
	}
}

int main(int argc, char **argv)
{
	static const struct chip_ops ops = {.send = send_frame,
					    .answer = answer_card,
					    .reset = reset_card,
					    .pause = pause_reply};
	enum chip_kind kind = CHIP_PN532;
	unsigned long port = 0;
	int i = 2;

	if (argc < 2) {
		fprintf(stderr, "usage: pn532-sim LINK [--pn533] [--vpcd PORT] [--delay MS] "
				"[PREFIX=ANSWER ...]\n");
		return 2;
	}
	sim.link = argv[1];
	for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--pn533") == 0)
			kind = CHIP_PN533;
		else if (strcmp(argv[i], "--vpcd") == 0 && i + 1 < argc)
			port = strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--delay") == 0 && i + 1 < argc)
			sim.delay_ms = (unsigned)strtoul(argv[++i], NULL, 10);
	}
	sim.rules = argc - i;
	sim.rule = argv + i;
	chip_init(&sim.chip, kind, &ops);
	open_terminal();
	if (port)
		take_card((uint16_t)port);
	printf("ready\n");
	fflush(stdout);
	serve();
	unlink(sim.link);
	return 0;
}
