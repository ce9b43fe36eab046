/*
 * nfc_reader: a contactless reader by libnfc, as plain as can be: what a stranger's program does.
 *
 *   nfc-reader CONNSTRING apdu HEX...   selects a card, says its UID and ATS, sends each command
 *   nfc-reader CONNSTRING soak N        sends N commands; answers of a kind must be the same
 *
 * Between commands, "pause" is four seconds without one. The exit code is 0 when each had an
 * answer.
 */
#include <nfc/nfc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX 264
#define WAIT_MS	   5000
#define PAUSE_S	   4
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
		int n;

		if (strcmp(hex[i], "pause") == 0) {
			sleep(PAUSE_S);
			continue;
		}
		n = nfc_initiator_transceive_bytes(d, command, len, answer, sizeof(answer),
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
		code = strcmp(argv[2], "soak") == 0 ? soak(device, strtoul(argv[3], NULL, 10))
						    : send_each(device, argc - 3, argv + 3);
		nfc_initiator_deselect_target(device);
	}
	nfc_close(device);
	nfc_exit(context);
	return code;
}
