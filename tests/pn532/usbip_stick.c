/*
 * usbip_stick: a simulated PN533 in a USB stick (an SCL3711), for the kernel's vhci_hcd.
 *
 *   usbip-stick [OPTION...]
 *
 * The options, and what standard input may ask for: tests/pn532/behind.h. It plugs itself in once
 * the card is there; it is pulled out when its standard input ends, or when it is ended.
 *
 * The kernel is the client of USB/IP (its Documentation/usb/usbip_protocol.rst), over a pair of
 * sockets whose one end vhci_hcd gets. Each frame of the chip is a transfer of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/pn532/behind.h"

#define ATTACH	     "/sys/devices/platform/vhci_hcd.0/attach"
#define PORTS	     8 /* of its USB 2.0 hub */
#define DEVICE_ID    65537
#define SPEED_FULL   2

#define HEADER	     48
#define TRANSFER_MAX 65536
#define ENDPOINT_OUT 4
#define ENDPOINT_IN  4
#define WAITING_MAX  16
#define ACK_LEN	     6
#define FRAMES_MAX   8
#define FRAME_MAX    1100

enum usbip { CMD_SUBMIT = 1, CMD_UNLINK = 2, RET_SUBMIT = 3, RET_UNLINK = 4 };

/* USB 2.0 table 9-4, 9-5 */
enum request { GET_STATUS = 0, CLEAR_FEATURE = 1, GET_DESCRIPTOR = 6, SET_CONFIGURATION = 9 };
enum { SET_INTERFACE = 11 };
enum descriptor { DEVICE = 1, CONFIGURATION = 2, STRING = 3 };

/* SCM Microsystems SCL3711: no serial number, one interface of the vendor's own class */
static const uint8_t device[] = {18,   DEVICE, 0x00, 0x02, 0x00, 0x00, 0x00, 64, 0xE6,
				 0x04, 0x91,   0x55, 0x07, 0x02, 1,    2,    0,	 1};
static const uint8_t configuration[] = {9,    CONFIGURATION,
					32,   0,
					1,    1,
					0,    0x80,
					50, /* 100 mA */
					9,    4,
					0,    0,
					2,    0xFF,
					0xFF, 0xFF,
					0, /* vendor specific */
					7,    5,
					0x04, 2,
					64,   0,
					0, /* bulk, out */
					7,    5,
					0x84, 2,
					64,   0,
					0}; /* bulk, in */
static const char *const strings[] = {NULL, "SCM Micro", "SCL3711-NFC&RW"};

struct frame {
	uint8_t octets[FRAME_MAX];
	size_t len, taken;
};

static struct {
	struct behind behind; /* its place is send_frame's ctx */
	int kernel;
	bool gone;
	struct frame frames[FRAMES_MAX]; /* what the chip said, and nobody has read */
	size_t first, count;
	struct {
		uint32_t seqnum, len;
	} waiting[WAITING_MAX]; /* reads of the host, in their order */
	size_t waits;
	bool replied; /* the last frame was read, was no ACK, and no command has come since */
} stick;

static uint32_t word(const uint8_t *header, size_t n)
{
	const uint8_t *p = header + 4 * n;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void set_word(uint8_t *header, size_t n, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		header[4 * n + i] = (uint8_t)(value >> (24 - 8 * i));
}

static void reply(enum usbip kind, uint32_t seqnum, int status, uint32_t actual)
{
	uint8_t h[HEADER] = {0};

	set_word(h, 0, kind);
	set_word(h, 1, seqnum);
	set_word(h, 5, (uint32_t)status);
	set_word(h, 6, actual);
	stick.gone = stick.gone || !behind_write(stick.kernel, h, sizeof(h));
}

static void reply_with(uint32_t seqnum, const uint8_t *p, size_t n)
{
	reply(RET_SUBMIT, seqnum, 0, (uint32_t)n);
	stick.gone = stick.gone || !behind_write(stick.kernel, p, n);
}

/* Gives what the chip said to who waits for it. */
static void give_frames(void)
{
	while (stick.waits && stick.count) {
		struct frame *f = &stick.frames[stick.first];
		size_t n = f->len - f->taken;

		if (n > stick.waiting[0].len)
			n = stick.waiting[0].len;
		reply_with(stick.waiting[0].seqnum, f->octets + f->taken, n);
		f->taken += n;
		if (f->taken == f->len) {
			stick.replied = f->len > ACK_LEN;
			stick.first = (stick.first + 1) % FRAMES_MAX;
			stick.count--;
		}
		stick.waits--;
		memmove(stick.waiting, stick.waiting + 1, stick.waits * sizeof(stick.waiting[0]));
	}
}

static void send_frame(void *ctx, const uint8_t *octets, size_t len)
{
	struct frame *f;

	(void)ctx;
	if (stick.count == FRAMES_MAX || len > FRAME_MAX)
		return; /* a chip has no memory for what nobody reads, either */
	f = &stick.frames[(stick.first + stick.count++) % FRAMES_MAX];
	memcpy(f->octets, octets, len);
	f->len = len;
	f->taken = 0;
}

/* The string as its descriptor (USB 2.0 9.6.7); its length, 0: there is none. */
static size_t describe_string(unsigned index, uint8_t out[static 64])
{
	static const uint8_t languages[] = {4, STRING, 0x09, 0x04};
	size_t n;

	if (index == 0) {
		memcpy(out, languages, sizeof(languages));
		return sizeof(languages);
	}
	if (index >= sizeof(strings) / sizeof(strings[0]))
		return 0;
	n = strlen(strings[index]);
	out[0] = (uint8_t)(2 + 2 * n);
	out[1] = STRING;
	for (size_t i = 0; i < n; i++) {
		out[2 + 2 * i] = (uint8_t)strings[index][i];
		out[3 + 2 * i] = 0;
	}
	return out[0];
}

static void get_descriptor(uint32_t seqnum, const uint8_t *setup)
{
	uint8_t text[64];
	const uint8_t *p = text;
	size_t n = 0, most = (size_t)(setup[6] | setup[7] << 8);

	switch (setup[3]) {
	case DEVICE: p = device, n = sizeof(device); break;
	case CONFIGURATION: p = configuration, n = sizeof(configuration); break;
	case STRING: n = describe_string(setup[2], text); break;
	default: break; /* a full-speed device has no qualifier */
	}
	if (n)
		reply_with(seqnum, p, n < most ? n : most);
	else
		reply(RET_SUBMIT, seqnum, -EPIPE, 0);
}

/* The control endpoint. vhci_hcd itself gives the address. */
static void control(uint32_t seqnum, const uint8_t *setup)
{
	static const uint8_t nothing_special[] = {0, 0};

	switch (setup[1]) {
	case GET_DESCRIPTOR: get_descriptor(seqnum, setup); break;
	case GET_STATUS: reply_with(seqnum, nothing_special, sizeof(nothing_special)); break;
	case CLEAR_FEATURE:
	case SET_CONFIGURATION:
	case SET_INTERFACE: reply(RET_SUBMIT, seqnum, 0, 0); break;
	default: reply(RET_SUBMIT, seqnum, -EPIPE, 0);
	}
}

/* An ACK of the host gives the command up: what it would have answered is not said. */
static void take_transfer(const uint8_t *p, size_t n)
{
	static const uint8_t ack[ACK_LEN] = {0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00};

	stick.replied = false;
	if (n == sizeof(ack) && memcmp(p, ack, n) == 0)
		stick.count = 0;
	chip_take(&stick.behind.chip, p, n);
}

/*
 * libnfc waits in steps of 200 ms, and libusb 0.1 throws away what comes in the moment in which one
 * of them ends. That is rare where time does not jump as in an emulated machine: who reads again
 * without a command in between gets the reply again.
 */
static void give_again(void)
{
	if (!stick.replied || stick.count)
		return;
	stick.first = (stick.first + FRAMES_MAX - 1) % FRAMES_MAX;
	stick.frames[stick.first].taken = 0;
	stick.count = 1;
	printf("given again\n");
	fflush(stdout);
}

static void submit(const uint8_t *h)
{
	static uint8_t data[TRANSFER_MAX];
	uint32_t seqnum = word(h, 1), endpoint = word(h, 4), len = word(h, 6);
	bool in = word(h, 3);

	if (!in && (len > sizeof(data) || !behind_read(stick.kernel, data, len))) {
		stick.gone = true;
	} else if (endpoint == 0) {
		control(seqnum, h + 40);
	} else if (in && endpoint == ENDPOINT_IN && stick.waits < WAITING_MAX) {
		stick.waiting[stick.waits].seqnum = seqnum;
		stick.waiting[stick.waits++].len = len;
		give_again();
	} else if (!in && endpoint == ENDPOINT_OUT) {
		reply(RET_SUBMIT, seqnum, 0, len);
		take_transfer(data, len);
	} else {
		reply(RET_SUBMIT, seqnum, -EPIPE, 0);
	}
	give_frames();
}

/* A read that nobody waits for any more. */
static void forget(const uint8_t *h)
{
	uint32_t seqnum = word(h, 5);
	size_t i = 0;

	while (i < stick.waits && stick.waiting[i].seqnum != seqnum)
		i++;
	if (i == stick.waits) { /* it has its answer */
		reply(RET_UNLINK, word(h, 1), 0, 0);
		return;
	}
	stick.waits--;
	memmove(stick.waiting + i, stick.waiting + i + 1,
		(stick.waits - i) * sizeof(stick.waiting[0]));
	reply(RET_UNLINK, word(h, 1), -ECONNRESET, 0);
}

static void take_request(void)
{
	uint8_t h[HEADER];

	if (!behind_read(stick.kernel, h, sizeof(h)))
		stick.gone = true;
	else if (word(h, 0) == CMD_SUBMIT)
		submit(h);
	else if (word(h, 0) == CMD_UNLINK)
		forget(h);
	else
		stick.gone = true;
}

/* Into the first port that is free. */
static void plug_in(void)
{
	int ends[2], attach = open(ATTACH, O_WRONLY | O_CLOEXEC), port = 0;

	if (attach < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		behind_fail(ATTACH);
	for (; port < PORTS; port++) {
		char line[64];
		int n = snprintf(line, sizeof(line), "%d %d %d %d", port, ends[1], DEVICE_ID,
				 SPEED_FULL);

		if (pwrite(attach, line, (size_t)n, 0) == n)
			break;
	}
	if (port == PORTS)
		behind_fail(ATTACH);
	close(ends[1]);
	close(attach);
	stick.kernel = ends[0];
}

int main(int argc, char **argv)
{
	(void)argc;
	signal(SIGPIPE, SIG_IGN);
	behind_init(&stick.behind, argv + 1, send_frame);
	behind_ready(&stick.behind);
	plug_in();
	while (!stick.gone) {
		struct pollfd p[] = {{STDIN_FILENO, POLLIN, 0}, {stick.kernel, POLLIN, 0}};

		poll(p, 2, -1);
		if (p[0].revents && !behind_obey(&stick.behind))
			return 0;
		if (p[1].revents)
			take_request();
	}
	return 0;
}
