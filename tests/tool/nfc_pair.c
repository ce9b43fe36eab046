/*
 * nfc_pair: two PN532 on two pseudo-terminals, and the air between them. libnfc's pn532_uart drives
 * both: one is the reader (initiator), the other a card (target, ISO 14443-4). Says "ready" when
 * both are there.
 *
 *   nfc-pair READER-LINK TARGET-LINK     (symbolic links to the pseudo-terminals)
 *
 * Lines of standard input make it misbehave:
 *   field off      the reader's field breaks down; it comes back with the reader's next poll
 *   status80       the next command reaches the target with a status octet of 80
 *   overlong       ... in a frame longer than libnfc's buffer
 *   garble         ... with a wrong checksum
 *   lostack        the target's chip neither hears nor acknowledges its next TgGetData
 *   deaf, heal     the target's chip hears nothing more; and again
 *   slow N         the air takes N milliseconds for an answer
 *   pull, plug     the target's pseudo-terminal goes; there is another one under the same link
 * With "reader " in front, status80, overlong and garble are of the next answer to the reader,
 * lostack of its next InDataExchange, and deaf, heal, pull and plug of its chip. Both chips are
 * there and whole at first.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "tests/pn532/lines.h"

#define DATA_MAX  1024
#define FRAME_MAX (DATA_MAX + 16)
#define TFI_HOST  0xD4
#define TFI_CHIP  0xD5
#define RELEASED  0x29
#define NO_ANSWER 0x01

enum command {
	DIAGNOSE = 0x00,
	FIRMWARE = 0x02,
	READ_REGISTER = 0x06,
	WRITE_REGISTER = 0x08,
	SET_PARAMETERS = 0x12,
	SAM_CONFIGURATION = 0x14,
	POWER_DOWN = 0x16,
	RF_CONFIGURATION = 0x32,
	IN_DATA_EXCHANGE = 0x40,
	IN_COMMUNICATE_THRU = 0x42,
	IN_DESELECT = 0x44,
	IN_LIST = 0x4A,
	IN_RELEASE = 0x52,
	IN_SELECT = 0x54,
	TG_GET_DATA = 0x86,
	TG_INIT = 0x8C,
	TG_SET_DATA = 0x8E
};

struct chip {
	const char *link;
	int master, slave;
	uint8_t in[FRAME_MAX * 4];
	size_t in_len;
	int pending; /* the command whose reply is still to come; -1: none */
	bool status80, overlong, garble, lostack, deaf;
};

struct octets {
	uint8_t ptr[DATA_MAX];
	size_t len;
};

static struct chip reader = {.pending = -1}, target = {.pending = -1};
/* The air. */
static struct {
	bool armed, selected, has_command;
	struct octets command, card; /* card: what TgInitAsTarget said */
	int64_t list_until;	     /* when a poll without a card gives up */
} air;
static unsigned slow_ms;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void write_all(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR && errno != EAGAIN)
			return; /* nobody is there */
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
}

static void open_chip(struct chip *c)
{
	struct termios t;
	char name[64];

	c->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (c->master < 0 || grantpt(c->master) || unlockpt(c->master) ||
	    ptsname_r(c->master, name, sizeof(name)))
		fail("pseudo-terminal");
	c->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (c->slave < 0 || tcgetattr(c->slave, &t))
		fail(name);
	cfmakeraw(&t);
	tcsetattr(c->slave, TCSANOW, &t);
	unlink(c->link);
	if (symlink(name, c->link))
		fail(c->link);
	c->in_len = 0;
	c->pending = -1;
}

/* A frame of the chip: command + 1, then data. spoil: a wrong checksum. */
static void send_frame(struct chip *c, uint8_t code, const uint8_t *data, size_t len, bool spoil)
{
	uint8_t f[FRAME_MAX] = {0x00, 0x00, 0xFF}, sum;
	size_t n = 3, body = len + 2;

	if (body <= 255) {
		f[n++] = (uint8_t)body;
		f[n++] = (uint8_t)(0x100 - body);
	} else {
		f[n++] = 0xFF;
		f[n++] = 0xFF;
		f[n++] = (uint8_t)(body >> 8);
		f[n++] = (uint8_t)body;
		f[n] = (uint8_t)(0x100 - (uint8_t)(f[n - 2] + f[n - 1]));
		n++;
	}
	f[n++] = TFI_CHIP;
	f[n++] = code;
	sum = (uint8_t)(TFI_CHIP + code);
	for (size_t i = 0; i < len; i++) {
		f[n++] = data[i];
		sum = (uint8_t)(sum + data[i]);
	}
	f[n++] = (uint8_t)(0x100 - sum + (spoil ? 1 : 0));
	f[n++] = 0x00;
	write_all(c->master, f, n);
}

static void reply(struct chip *c, int command, const uint8_t *data, size_t len)
{
	send_frame(c, (uint8_t)(command + 1), data, len, false);
	if (c->pending == command)
		c->pending = -1;
}

static void reply_status(struct chip *c, int command, uint8_t status, const uint8_t *data,
			 size_t len)
{
	uint8_t octets[DATA_MAX];

	octets[0] = status;
	if (len)
		memcpy(octets + 1, data, len);
	reply(c, command, octets, len + 1);
}

/* The card is not selected any more; its side hears it at once, or when it asks. */
static void release(void)
{
	bool had = air.selected;

	air.selected = false;
	air.has_command = false;
	if (had && (target.pending == TG_GET_DATA || target.pending == TG_SET_DATA))
		reply_status(&target, target.pending, RELEASED, NULL, 0);
	if (had && reader.pending == IN_DATA_EXCHANGE)
		reply_status(&reader, IN_DATA_EXCHANGE, NO_ANSWER, NULL, 0);
}

/* What comes through the air, as this chip gives it to its host. */
static void hand_over(struct chip *c, int command, const uint8_t *data, size_t len)
{
	uint8_t octets[DATA_MAX] = {0};

	if (c->overlong) {
		c->overlong = false;
		reply(c, command, octets, 300);
	} else if (c->garble) {
		c->garble = false;
		memcpy(octets + 1, data, len);
		send_frame(c, (uint8_t)(command + 1), octets, len + 1, true);
		c->pending = -1;
	} else {
		reply_status(c, command, c->status80 ? 0x80 : 0x00, data, len);
		c->status80 = false;
	}
}

static void deliver(void)
{
	if (target.pending != TG_GET_DATA || !air.has_command)
		return;
	air.has_command = false;
	hand_over(&target, TG_GET_DATA, air.command.ptr, air.command.len);
}

/* The reader's poll finds the card: both sides hear of it. */
static void select_card(void)
{
	static const uint8_t activated[] = {0x08, 0xE0, 0x80};
	const uint8_t *p = air.card.ptr;   /* mode, SENS_RES (2), UID (3), SEL_RES, ... */
	size_t at = 36, historical, n = 2; /* behind the general octets: Tk */
	uint8_t out[64] = {0x01, 0x01};

	at += air.card.len > 35 ? p[35] : 0;
	historical = air.card.len > at ? p[at] : 0;
	at++;
	if (at + historical > air.card.len || historical > 48)
		historical = 0;
	out[n++] = p[2];
	out[n++] = p[1];
	out[n++] = p[6];
	out[n++] = 4;
	out[n++] = 0x08;
	memcpy(out + n, p + 3, 3);
	n += 3;
	out[n++] = (uint8_t)(5 + historical);
	out[n++] = 0x75;
	out[n++] = 0x33;
	out[n++] = 0x92;
	out[n++] = 0x03;
	memcpy(out + n, air.card.ptr + at, historical);
	n += historical;
	air.armed = false;
	air.selected = true;
	air.has_command = false;
	reply(&target, TG_INIT, activated, sizeof(activated));
	reply(&reader, IN_LIST, out, n);
}

static void poll_cards(void)
{
	static const uint8_t none[] = {0x00};

	if (reader.pending != IN_LIST)
		return;
	if (air.armed && target.pending == TG_INIT)
		select_card();
	else if (now_ms() >= air.list_until)
		reply(&reader, IN_LIST, none, sizeof(none));
}

static void as_reader(uint8_t code, const uint8_t *d, size_t len)
{
	static const uint8_t none[] = {0x00};

	switch (code) {
	case IN_LIST:
		release();
		air.list_until = now_ms() + (len > 1 && d[1] == 0 ? 100 : 0);
		if (len > 1 && d[1] == 0)
			poll_cards();
		break;
	case IN_DATA_EXCHANGE:
		if (!air.selected || len < 1) {
			reply_status(&reader, code, NO_ANSWER, NULL, 0);
			break;
		}
		memcpy(air.command.ptr, d + 1, len - 1);
		air.command.len = len - 1;
		air.has_command = true;
		deliver();
		break;
	case IN_COMMUNICATE_THRU: /* the presence check of libnfc */
		if (air.selected)
			reply_status(&reader, code, 0x00, (const uint8_t[]){0xA3}, 1);
		else
			reply_status(&reader, code, NO_ANSWER, NULL, 0);
		break;
	case IN_DESELECT:
	case IN_RELEASE:
		release();
		reply(&reader, code, none, 1);
		break;
	default: reply(&reader, code, none, 1);
	}
}

static void as_target(uint8_t code, const uint8_t *d, size_t len)
{
	static const uint8_t none[] = {0x00};

	switch (code) {
	case TG_INIT:
		release();
		memcpy(air.card.ptr, d, len);
		air.card.len = len;
		air.armed = true;
		poll_cards();
		break;
	case TG_GET_DATA:
		if (!air.selected)
			reply_status(&target, code, RELEASED, NULL, 0);
		else
			deliver();
		break;
	case TG_SET_DATA:
		if (!air.selected || reader.pending != IN_DATA_EXCHANGE) {
			reply_status(&target, code, RELEASED, NULL, 0);
			break;
		}
		if (slow_ms)
			poll(NULL, 0, (int)slow_ms);
		hand_over(&reader, IN_DATA_EXCHANGE, d, len);
		reply_status(&target, code, 0x00, NULL, 0);
		break;
	default: /* InRelease: no card any more */
		release();
		air.armed = false;
		reply(&target, code, none, 1);
	}
}

static void run_command(struct chip *c, uint8_t code, const uint8_t *d, size_t len)
{
	static const uint8_t version[] = {0x32, 0x01, 0x06, 0x07}, zeros[64] = {0};

	c->pending = code;
	switch (code) {
	case DIAGNOSE: reply(c, code, d, len); break;
	case FIRMWARE: reply(c, code, version, sizeof(version)); break;
	case READ_REGISTER: reply(c, code, zeros, len / 2); break;
	case WRITE_REGISTER:
	case SET_PARAMETERS:
	case SAM_CONFIGURATION: reply(c, code, NULL, 0); break;
	case RF_CONFIGURATION:
		if (c == &reader && len > 1 && d[0] == 1 && !(d[1] & 1))
			release();
		reply(c, code, NULL, 0);
		break;
	case POWER_DOWN: reply_status(c, code, 0x00, NULL, 0); break;
	default:
		if (c == &target)
			as_target(code, d, len);
		else
			as_reader(code, d, len);
	}
}

/* The command that runs is given up; an activation that has not come does not come. */
static void abort_command(struct chip *c)
{
	if (c == &target && c->pending == TG_INIT)
		air.armed = false;
	c->pending = -1;
}

static void take_command(struct chip *c, const uint8_t *body, size_t len)
{
	static const uint8_t ack[] = {0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00};
	uint8_t code = len > 1 ? body[1] : 0xFF;

	if (c->deaf)
		return;
	if (c->lostack && (code == TG_GET_DATA || code == IN_DATA_EXCHANGE)) {
		c->lostack = false;
		return;
	}
	abort_command(c);
	write_all(c->master, ack, sizeof(ack));
	if (len > 1 && body[0] == TFI_HOST)
		run_command(c, code, body + 2, len - 2);
}

/* One frame off the front; false: the rest of it is still to come. */
static bool take_frame(struct chip *c)
{
	uint8_t *p = c->in;
	size_t at = 0, body, head;

	while (at + 2 < c->in_len && (p[at] || p[at + 1] || p[at + 2] != 0xFF))
		at++;
	if (at + 6 > c->in_len)
		return false;
	if (p[at + 3] == 0x00 && p[at + 4] == 0xFF) {
		abort_command(c);
		at += 6;
	} else {
		bool extended = p[at + 3] == 0xFF && p[at + 4] == 0xFF;

		head = extended ? 8 : 5;
		if (at + head > c->in_len)
			return false;
		body = extended ? (size_t)(p[at + 5] << 8 | p[at + 6]) : p[at + 3];
		if (at + head + body + 2 > c->in_len)
			return false;
		take_command(c, p + at + head, body);
		at += head + body + 2;
	}
	memmove(p, p + at, c->in_len - at);
	c->in_len -= at;
	return true;
}

static void read_chip(struct chip *c)
{
	ssize_t n = read(c->master, c->in + c->in_len, sizeof(c->in) - c->in_len);

	if (n <= 0)
		return;
	c->in_len += (size_t)n;
	while (take_frame(c))
		;
	if (c->in_len == sizeof(c->in))
		c->in_len = 0; /* it was no frame */
}

static void pull(struct chip *c)
{
	close(c->master);
	close(c->slave);
	c->master = c->slave = -1;
	unlink(c->link);
	c->pending = -1;
	if (c == &reader)
		release();
	else
		air.armed = air.selected = air.has_command = false;
}

static void obey(void *ctx, char *line)
{
	bool of_reader = strncmp(line, "reader ", 7) == 0;
	struct chip *c = of_reader ? &reader : &target;
	const char *word = of_reader ? line + 7 : line;
	const struct {
		const char *word;
		bool *flag, value;
	} flags[] = {{"status80", &c->status80, true}, {"overlong", &c->overlong, true},
		     {"garble", &c->garble, true},     {"lostack", &c->lostack, true},
		     {"deaf", &c->deaf, true},	       {"heal", &c->deaf, false}};

	(void)ctx;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(word, flags[i].word) == 0)
			*flags[i].flag = flags[i].value;
	}
	if (strcmp(word, "field off") == 0)
		release();
	if (strncmp(word, "slow ", 5) == 0)
		slow_ms = (unsigned)strtoul(word + 5, NULL, 10);
	if (strcmp(word, "pull") == 0)
		pull(c);
	if (strcmp(word, "plug") == 0)
		open_chip(c);
	printf("done: %s\n", line);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: nfc-pair READER-LINK TARGET-LINK\n");
		return 2;
	}
	reader.link = argv[1];
	target.link = argv[2];
	open_chip(&reader);
	open_chip(&target);
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		struct pollfd p[] = {{STDIN_FILENO, POLLIN, 0},
				     {reader.master, POLLIN, 0},
				     {target.master, POLLIN, 0}};

		poll(p, 3, reader.pending == IN_LIST ? 10 : -1);
		if (p[0].revents && !lines_hear(obey, NULL))
			break;
		if (reader.master >= 0 && p[1].revents)
			read_chip(&reader);
		if (target.master >= 0 && p[2].revents)
			read_chip(&target);
		poll_cards();
	}
	unlink(reader.link);
	unlink(target.link);
	return 0;
}
