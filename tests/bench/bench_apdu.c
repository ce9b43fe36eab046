/*
 * bench_apdu: AUTHENTICATE and GET RESPONSE through PC/SC against the floor: the same commands to a
 * card that only answers 9000, in the other virtual reader, in turns.
 *
 * Usage: bench_apdu CARD-READER ECHO-READER K OPC (published test keys, in hex)
 */
#include <stdio.h>
#include <string.h>

#include "lib/auth/sqn.h"
#include "host/transport/open.h"
#include "lib/auth/aka.h"
#include "lib/uicc/apdu.h"
#include "lib/crypto/symmetric.h"
#include "tests/bench/bench.h"

#define ROUNDS 3000
#define WARM   100

static struct aka_key *key;
static uint64_t sqn;

static double send(struct transport *t, struct slice command, struct wbuf *answer, uint16_t want)
{
	double start = bench_now(), end;
	struct cursor c;
	enum err e;

	wbuf_reset(answer);
	e = transport_transmit(t, command, answer);
	end = bench_now();
	c = cursor_of(slice_sub(wbuf_slice(answer), answer->len - 2, 2));
	if (e || cursor_u16(&c) >> 8 != want) {
		fprintf(stderr, "bench_apdu: %s: unexpected answer (%s)\n", t->name, err_text(e));
		exit(1);
	}
	return end - start;
}

static void make_authenticate(struct wbuf *w)
{
	static const uint8_t amf[2] = {0x80, 0};
	struct aka_vector v;
	uint8_t rand[16];

	if (sqn_next(sqn, SQN_IND_BITS, &sqn) || random_bytes(rand, sizeof(rand)) ||
	    aka_auc_vector(key, rand, sqn, amf, &v))
		exit(1);
	wbuf_reset(w);
	wbuf_uint(w, 0x0088008122, 5);
	wbuf_u8(w, 16);
	wbuf_put(w, SLICE_OF(v.rand));
	wbuf_u8(w, 16);
	wbuf_put(w, SLICE_OF(v.autn));
}

static void select_usim(struct transport *t, struct wbuf *answer)
{
	static const uint8_t select[] = {0, 0xA4, 4, 0x0C, 7, 0xA0, 0, 0, 0, 0x87, 0x10, 2};

	send(t, SLICE_OF(select), answer, 0x90);
}

static void report(double card, double echo)
{
	printf("AUTHENTICATE + GET RESPONSE through PC/SC and vpcd, per APDU (median of %d)\n",
	       ROUNDS);
	printf("  twinkey-card (SQN committed)  %7.1f us\n", card * 1e6);
	printf("  a card that answers 9000      %7.1f us   ratio %.3f  (bar 1.15 without --sync)\n",
	       echo * 1e6, card / echo);
}

int main(int argc, char **argv)
{
	static double card[ROUNDS], echo[ROUNDS];
	uint8_t k[16], opc[16], command[64], answer_mem[APDU_RESPONSE_MAX];
	struct wbuf w = wbuf_init(command, sizeof(command));
	struct wbuf answer = wbuf_init(answer_mem, sizeof(answer_mem));
	struct transport *t[2] = {NULL, NULL};
	static const uint8_t get[] = {0, 0xC0, 0, 0, 0};

	if (argc != 5 || hex_decode_exact(argv[3], k, 16) || hex_decode_exact(argv[4], opc, 16) ||
	    aka_key_new(AKA_MILENAGE, SLICE_OF(k), SLICE_OF(opc), &key))
		return 2;
	for (int i = 0; i < 2; i++) {
		struct slice atr;
		enum err e = transport_open(argv[1 + i], 8000, NULL, &t[i]);

		if (!e)
			e = transport_reset(t[i], &atr);
		if (e) {
			fprintf(stderr, "bench_apdu: %s: %s\n", argv[1 + i], err_text(e));
			return 1;
		}
	}
	select_usim(t[0], &answer);
	for (int i = -WARM; i < ROUNDS; i++) {
		uint8_t fetch[5];
		double a, b;

		make_authenticate(&w);
		a = send(t[0], wbuf_slice(&w), &answer, 0x61);
		memcpy(fetch, get, sizeof(fetch));
		fetch[4] = answer_mem[1];
		a += send(t[0], SLICE_OF(fetch), &answer, 0x90);
		b = send(t[1], wbuf_slice(&w), &answer, 0x90);
		b += send(t[1], SLICE_OF(fetch), &answer, 0x90);
		if (i < 0)
			continue;
		card[i] = a / 2;
		echo[i] = b / 2;
	}
	report(bench_median(card, ROUNDS), bench_median(echo, ROUNDS));
	for (int i = 0; i < 2; i++)
		transport_close(&t[i]);
	aka_key_free(&key);
	return 0;
}
