/*
 * nfc_soak: many APDUs over one way to a card, each answer compared with the first of its kind.
 *
 *   nfc-soak READER N    READER as for twinkey --reader
 *
 * Says "N APDUs, E errors" and the time for one. The exit code is 0 when there was no error.
 */
#include <stdio.h>
#include <stdlib.h>

#include "host/transport/open.h"
#include "lib/uicc/apdu.h"
#include "tool/sys/wait.h"

#define KINDS 5

static const char *const commands[KINDS] = {
	"00a40004023f00", "80f2000000", "00a40804022fe2", "00b0000000", "00840000ff",
};

struct first {
	uint8_t octets[APDU_RESPONSE_MAX];
	size_t len;
};

/* A challenge is another one each time. */
static bool is_same(const struct first *f, struct slice got, size_t kind)
{
	return kind == KINDS - 1 ? got.len == f->len
				 : slice_equal(got, slice_make(f->octets, f->len));
}

static bool ask_once(struct transport *t, size_t kind, struct first *first)
{
	uint8_t command[APDU_COMMAND_MAX], octets[APDU_RESPONSE_MAX];
	struct wbuf c = wbuf_init(command, sizeof(command)), w = wbuf_init(octets, sizeof(octets));
	enum err e = hex_decode(commands[kind], &c);

	if (!e)
		e = transport_transmit(t, wbuf_slice(&c), &w);
	if (e) {
		fprintf(stderr, "%s: %s\n", commands[kind], err_text(e));
		return false;
	}
	if (!first->len) {
		struct slice answer = wbuf_slice(&w);

		first->len = answer.len;
		return !slice_copy(answer, first->octets, answer.len);
	}
	return is_same(first, wbuf_slice(&w), kind);
}

int main(int argc, char **argv)
{
	static struct first first[KINDS];
	unsigned long n = argc == 3 ? strtoul(argv[2], NULL, 10) : 0, errors = 0;
	struct transport *t;
	struct slice atr;
	int64_t start;
	enum err e;

	if (!n) {
		fprintf(stderr, "usage: nfc-soak READER N\n");
		return 2;
	}
	e = transport_open(argv[1], 5000, NULL, &t);
	if (!e)
		e = transport_reset(t, &atr);
	if (e) {
		fprintf(stderr, "%s: %s\n", argv[1], err_text(e));
		return 1;
	}
	start = wait_now_ms();
	for (unsigned long i = 0; i < n && errors < 10; i++)
		errors += !ask_once(t, i % KINDS, &first[i % KINDS]);
	printf("%lu APDUs, %lu errors, %.3f ms each\n", n, errors,
	       (double)(wait_now_ms() - start) / (double)n);
	transport_close(&t);
	return errors ? 1 : 0;
}
