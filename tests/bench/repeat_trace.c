/*
 * repeat_trace: a recorded trace (pcapng of our own recorder) over and over: the same traffic for
 * as many packets as are asked for, on standard output. Each round is later than the one before,
 * and each AUTHENTICATE has a RAND and an AUTN of its own.
 *
 * Usage: repeat_trace FILE PACKETS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/bytes.h"
#include "lib/trace/pcapng.h"
#include "lib/uicc/command.h"

#define FILE_MAX    (4u << 20)
#define PACKETS_MAX 4096
#define TIME_AT	    12 /* in a packet's block: two halves of nanoseconds */
#define APDU_AT	    72 /* 28 of the block, 28 of IPv4 and UDP, 16 of GSMTAP */
#define INS_AT	    (APDU_AT + 1)
#define RAND_AT	    (APDU_AT + 6)
#define AUTN_AT	    (RAND_AT + 17)
#define ROUND_NS    60000000000u /* from one round to the next */

static uint8_t file[FILE_MAX];
static struct {
	uint8_t *block;
	size_t len;
} packets[PACKETS_MAX];
static size_t packet_count;

static uint64_t get(const uint8_t *at, size_t n)
{
	return slice_uint(slice_make(at, n), n);
}

static void put(uint8_t *at, uint64_t number, size_t n)
{
	for (; n; number >>= 8)
		at[--n] = (uint8_t)number;
}

static void find_packets(size_t len)
{
	for (size_t at = 0, n; at + 12 <= len; at += n) {
		n = (size_t)get(file + at + 4, 4);
		if (n < 12 || n > len - at || packet_count == PACKETS_MAX) {
			fputs("repeat_trace: no trace of ours\n", stderr);
			exit(1);
		}
		if (get(file + at, 4) == BLOCK_PACKET) {
			packets[packet_count].block = file + at;
			packets[packet_count++].len = n;
		} else if (!packet_count) {
			fwrite(file + at, 1, n, stdout);
		}
	}
}

static void next_round(uint64_t round)
{
	for (size_t i = 0; i < packet_count; i++) {
		uint8_t *b = packets[i].block;

		put(b + TIME_AT, get(b + TIME_AT, 8) + ROUND_NS, 8);
		if (packets[i].len > AUTN_AT + 16 && b[INS_AT] == INS_AUTHENTICATE) {
			put(b + RAND_AT, round, 8);
			put(b + AUTN_AT, round, 6);
		}
	}
}

int main(int argc, char **argv)
{
	FILE *f = argc == 3 ? fopen(argv[1], "rb") : NULL;
	unsigned long long left = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;

	if (!f)
		return 2;
	find_packets(fread(file, 1, sizeof(file), f));
	fclose(f);
	if (!packet_count)
		return 1;
	for (uint64_t round = 1; left; next_round(round++)) {
		for (size_t i = 0; i < packet_count && left; i++, left--) {
			if (fwrite(packets[i].block, 1, packets[i].len, stdout) != packets[i].len)
				return 1;
		}
	}
	return fflush(stdout) ? 1 : 0;
}
