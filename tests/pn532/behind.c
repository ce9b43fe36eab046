#include "tests/pn532/behind.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/pn532/lines.h"

void behind_fail(const char *what)
{
	perror(what);
	exit(1);
}

bool behind_write(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return true;
}

bool behind_read(int fd, uint8_t *p, size_t n)
{
	while (n) {
		ssize_t got = read(fd, p, n);

		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		if (got > 0) {
			p += got;
			n -= (size_t)got;
		}
	}
	return true;
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

static void send_vpcd(const struct behind *b, const uint8_t *p, size_t n)
{
	uint8_t frame[2 + CHIP_CARD_MAX] = {(uint8_t)(n >> 8), (uint8_t)n};

	memcpy(frame + 2, p, n);
	behind_write(b->card, frame, n + 2);
}

static size_t receive_vpcd(const struct behind *b, uint8_t *out)
{
	uint8_t head[2];
	size_t n;

	if (!behind_read(b->card, head, sizeof(head)))
		return 0;
	n = (size_t)(head[0] << 8 | head[1]);
	return n <= CHIP_CARD_MAX && behind_read(b->card, out, n) ? n : 0;
}

static size_t answer_by_rules(const struct behind *b, const uint8_t *command, size_t len,
			      uint8_t *out)
{
	char hex[2 * CHIP_CARD_MAX + 1] = "";

	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", command[i]);
	for (char **rule = b->rules; *rule; rule++) {
		size_t n = strcspn(*rule, "=");

		if ((*rule)[n] && strncasecmp(hex, *rule, n) == 0)
			return unhex(*rule + n + 1, out, CHIP_CARD_MAX);
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
	struct behind *b = ctx;

	pause_reply(ctx, b->delay_ms);
	if (b->card < 0)
		return answer_by_rules(b, command, len, out);
	if (len < 2)
		return 0; /* it would be a control */
	if (len > 5 && len == 6u + command[4])
		len--; /* T=0 knows no Le behind data: the answer waits behind 61xx */
	send_vpcd(b, command, len);
	return receive_vpcd(b, out);
}

static void reset_card(void *ctx)
{
	static const uint8_t reset = 2;
	const struct behind *b = ctx;

	if (b->card >= 0)
		send_vpcd(b, &reset, 1);
}

/* The historical octets of an ATR (ISO 7816-3 8.2) behind the interface octets of an ATS. */
static void take_ats(struct chip_card *card, const uint8_t *atr, size_t len)
{
	static const uint8_t head[] = {0x75, 0x77, 0x81, 0x02};
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
static void take_card(struct behind *b, uint16_t port)
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
		behind_fail("the card's port");
	b->card = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	if (b->card < 0)
		behind_fail("the card");
	setsockopt(b->card, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	send_vpcd(b, &on, 1);
	send_vpcd(b, &ask, 1);
	n = receive_vpcd(b, atr);
	if (!n)
		behind_fail("the card's ATR");
	take_ats(&b->chip.card, atr, n);
}

static bool obey(struct chip *c, const char *line)
{
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

static void obey_aloud(void *ctx, char *line)
{
	struct behind *b = ctx;

	printf("%s: %s\n", obey(&b->chip, line) ? "done" : "wrong", line);
	fflush(stdout);
}

bool behind_obey(struct behind *b)
{
	return lines_hear(obey_aloud, b);
}

void behind_init(struct behind *b, char **args, void (*send)(void *, const uint8_t *, size_t))
{
	const struct chip_ops ops = {.send = send,
				     .answer = answer_card,
				     .reset = reset_card,
				     .pause = pause_reply,
				     .ctx = b};
	enum chip_kind kind = CHIP_PN532;

	*b = (struct behind){.card = -1};
	for (; *args && strncmp(*args, "--", 2) == 0; args++) {
		if (strcmp(*args, "--pn533") == 0)
			kind = CHIP_PN533;
		else if (strcmp(*args, "--vpcd") == 0 && args[1])
			b->port = (uint16_t)strtoul(*++args, NULL, 10);
		else if (strcmp(*args, "--delay") == 0 && args[1])
			b->delay_ms = (unsigned)strtoul(*++args, NULL, 10);
	}
	b->rules = args;
	chip_init(&b->chip, kind, &ops);
}

void behind_ready(struct behind *b)
{
	if (b->port)
		take_card(b, b->port);
	printf("ready\n");
	fflush(stdout);
}
