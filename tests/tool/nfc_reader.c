/*
 * nfc_reader: a contactless reader by libnfc, as plain as can be: what a stranger's program does.
 *
 *   nfc-reader CONNSTRING apdu HEX...   selects a card, says its UID and ATS, sends each command
 *   nfc-reader CONNSTRING soak N        N commands to it; each answer is compared with the first of
 * its kind
 *
 * The exit code is 0 when each command had an answer (soak: the same one each time).
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <nfc/nfc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX 264
#define WAIT_MS	   5000
#define TRIES	   40 /* libnfc gives up a poll after 300 ms, whatever it was told */

static void print_hex(const char *label, const uint8_t *p, size_t n)
{
	printf("%s", label);
	for (size_t i = 0; i < n; i++)
		printf("%02x", p[i]);
	printf("\n");
	fflush(stdout);
}

static size_t from_hex(const char *text, uint8_t *out, size_t cap)
{
	size_t n = 0;

	for (; text[0] && text[1] && n < cap; text += 2) {
		char pair[3] = {text[0], text[1], 0};

		out[n++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

static int select_card(nfc_device *d, nfc_target *t)
{
	const nfc_modulation m = {.nmt = NMT_ISO14443A, .nbr = NBR_106};

	for (int i = 0; i < TRIES; i++) {
		if (nfc_initiator_select_passive_target(d, m, NULL, 0, t) > 0)
			return 0;
	}
	fprintf(stderr, "no card\n");
	return 1;
}

static int send_each(nfc_device *d, int count, char **hex)
{
	for (int i = 0; i < count; i++) {
		uint8_t command[ANSWER_MAX - 2], answer[ANSWER_MAX];
		size_t len = from_hex(hex[i], command, sizeof(command));
		int n = nfc_initiator_transceive_bytes(d, command, len, answer, sizeof(answer),
						       WAIT_MS);

		if (n < 0) {
			fprintf(stderr, "command %d: %s\n", i + 1, nfc_strerror(d));
			return 1;
		}
		print_hex("< ", answer, (size_t)n);
	}
	return 0;
}

/* Lengths of all kinds: nothing back, little back, all of a frame there. */
static const char *const kinds[] = {"00a40004023f00", "80f2000000", "00c0000000", "00a4000c022fe2",
				    "00b000000a",     "00840000ff", "0084000001"};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int soak(nfc_device *d, unsigned long count)
{
	static uint8_t first[KINDS][ANSWER_MAX];
	static int first_len[KINDS];
	double start = seconds(), most = 0;
	unsigned long octets = 0;

	for (unsigned long i = 0; i < count; i++) {
		uint8_t command[ANSWER_MAX - 2], answer[ANSWER_MAX];
		size_t kind = i % (KINDS + 1), len;
		double before = seconds(), took;
		int n;

		if (kind < KINDS) {
			len = from_hex(kinds[kind], command, sizeof(command));
		} else { /* the longest command: a card refuses it, and hears all of it */
			memset(command, 0x5A, sizeof(command));
			memcpy(command, (const uint8_t[]){0x00, 0xD6, 0x00, 0x00, 0xFF}, 5);
			len = 261;
		}
		n = nfc_initiator_transceive_bytes(d, command, len, answer, sizeof(answer),
						   WAIT_MS);
		took = seconds() - before;
		if (n < 2) {
			fprintf(stderr, "command %lu: %s\n", i + 1, nfc_strerror(d));
			return 1;
		}
		if (took > most)
			most = took;
		octets += len + (size_t)n;
		if (kind < KINDS && command[1] != 0x84) { /* a challenge is another one each time */
			if (i < KINDS + 1) {
				memcpy(first[kind], answer, (size_t)n);
				first_len[kind] = n;
			} else if (n != first_len[kind] ||
				   memcmp(answer, first[kind], (size_t)n) != 0) {
				print_hex("another answer: ", answer, (size_t)n);
				return 1;
			}
		}
	}
	printf("%lu APDUs, %lu octets, %.1f s, %.3f ms each, %.1f ms at most\n", count, octets,
	       seconds() - start, (seconds() - start) * 1000 / (double)count, most * 1000);
	return 0;
}

static int read_all(int fd, uint8_t *p, size_t n)
{
	while (n) {
		ssize_t got = read(fd, p, n);

		if (got <= 0)
			return 1;
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

static int send_message(int fd, const uint8_t *p, size_t n)
{
	uint8_t frame[2 + ANSWER_MAX] = {(uint8_t)(n >> 8), (uint8_t)n};

	memcpy(frame + 2, p, n);
	return write(fd, frame, n + 2) != (ssize_t)(n + 2);
}

static int send_atr(int fd, const nfc_target *t)
{
	uint8_t atr[64] = {0x3B, 0x80, 0x80, 0x01}, check = 0;
	size_t n = 4, head = 4; /* T0, TA, TB, TC of a PN532 */

	for (size_t i = head; i < t->nti.nai.szAtsLen && n < 19; i++)
		atr[n++] = t->nti.nai.abtAts[i];
	atr[1] = (uint8_t)(0x80 | (n - 4));
	for (size_t i = 1; i < n; i++)
		check ^= atr[i];
	atr[n++] = check;
	return send_message(fd, atr, n);
}

static int connect_to(const char *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static const int on = 1;

	for (int i = 0; i < 200; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0) {
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
			return fd;
		}
		close(fd);
		usleep(50000);
	}
	fprintf(stderr, "nobody at port %s\n", port);
	return -1;
}

/* One frame of vpcd; 1: the end, 2: the card is gone. */
static int serve_frame(nfc_device *d, nfc_target *t, int fd)
{
	uint8_t head[2], frame[ANSWER_MAX], answer[ANSWER_MAX];
	size_t len;
	int n;

	if (read_all(fd, head, 2))
		return 1;
	len = (size_t)(head[0] << 8 | head[1]);
	if (len > 262 || read_all(fd, frame, len))
		return 1;
	if (len == 1) {
		if (frame[0] == 4)
			return send_atr(fd, t);
		nfc_initiator_deselect_target(d);
		return frame[0] && select_card(d, t) ? 2 : 0;
	}
	n = nfc_initiator_transceive_bytes(d, frame, len, answer, sizeof(answer), WAIT_MS);
	if (n < 0) {
		fprintf(stderr, "%s\n", nfc_strerror(d));
		return 2;
	}
	return send_message(fd, answer, (size_t)n);
}

static int serve_vpcd(nfc_device *d, nfc_target *t, const char *port)
{
	int fd = connect_to(port), end = fd < 0 ? 2 : 0;

	while (!end)
		end = serve_frame(d, t, fd);
	if (fd >= 0)
		close(fd);
	return end == 2;
}

int main(int argc, char **argv)
{
	nfc_context *context = NULL;
	nfc_device *device;
	nfc_target t;
	int code = 1;

	if (argc < 4)
		return 2;
	nfc_init(&context);
	device = context ? nfc_open(context, argv[1]) : NULL;
	if (!device || nfc_initiator_init(device) < 0) {
		fprintf(stderr, "no reader at %s\n", argv[1]);
		return 3;
	}
	if (select_card(device, &t) == 0) {
		print_hex("UID ", t.nti.nai.abtUid, t.nti.nai.szUidLen);
		print_hex("ATS ", t.nti.nai.abtAts, t.nti.nai.szAtsLen);
		if (strcmp(argv[2], "vpcd") == 0)
			code = serve_vpcd(device, &t, argv[3]);
		else
			code = strcmp(argv[2], "soak") == 0
				       ? soak(device, strtoul(argv[3], NULL, 10))
				       : send_each(device, argc - 3, argv + 3);
		nfc_initiator_deselect_target(device);
	}
	nfc_close(device);
	nfc_exit(context);
	return code;
}
