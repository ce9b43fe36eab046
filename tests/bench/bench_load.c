/*
 * bench_load: the load of a profile, segment by segment, through PC/SC against the floor: each
 * command of the load also goes, in turns, to a card that only answers 9000 in the other reader.
 *
 * Usage: bench_load CARD-READER ECHO-READER OPERATOR CODE... (one profile a code)
 *
 * A segment is one piece of the bound profile package (SGP.22 5.7.6): a chain of STORE DATA and
 * its GET RESPONSE. The last one of a profile carries its installation, and is reported by itself.
 */
#include <stdio.h>
#include <string.h>

#include "host/terminal/lpa/download.h"
#include "host/terminal/lpa/es9p.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/uicc.h"
#include "host/transport/open.h"
#include "lib/rsp/activation.h"
#include "lib/uicc/apdu.h"
#include "tests/bench/bench.h"

#define SEGMENTS_MAX 4096

struct paired {
	struct transport base;
	struct transport *card, *echo;
	double card_s, echo_s; /* since they were last taken */
	unsigned apdus;
};

static double segments_card[SEGMENTS_MAX], segments_echo[SEGMENTS_MAX];
static double last_card[SEGMENTS_MAX], last_echo[SEGMENTS_MAX];
static size_t segment_count, last_count;

static enum err paired_reset(struct transport *t, struct slice *atr)
{
	return transport_reset(((struct paired *)t)->card, atr);
}

static enum err paired_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	struct paired *p = (struct paired *)t;
	uint8_t mem[APDU_RESPONSE_MAX];
	struct wbuf ignored = wbuf_init(mem, sizeof(mem));
	double start = bench_now(), between;
	enum err e = transport_transmit(p->card, command, response);

	between = bench_now();
	p->card_s += between - start;
	if (!e)
		e = transport_transmit(p->echo, command, &ignored);
	p->echo_s += bench_now() - between;
	p->apdus++;
	return e;
}

static void paired_close(struct transport *t)
{
	transport_close(&((struct paired *)t)->card);
	transport_close(&((struct paired *)t)->echo);
}

static const struct transport_ops paired_ops = {.kind = "paired",
						.reset = paired_reset,
						.transmit = paired_transmit,
						.close = paired_close};

static void take(struct paired *p, double *card, double *echo)
{
	*card = p->card_s;
	*echo = p->echo_s;
	p->card_s = p->echo_s = 0;
}

/* Before the load: what came earlier is no segment. */
static void on_step(void *ctx, unsigned step, unsigned steps, const char *what)
{
	double card, echo;

	(void)what;
	if (step == steps)
		take(ctx, &card, &echo);
}

static void on_segment(void *ctx, unsigned n, size_t bytes, size_t total)
{
	double card, echo;

	(void)n;
	take(ctx, &card, &echo);
	if (segment_count == SEGMENTS_MAX || last_count == SEGMENTS_MAX)
		return;
	if (bytes < total) {
		segments_card[segment_count] = card;
		segments_echo[segment_count++] = echo;
	} else {
		last_card[last_count] = card;
		last_echo[last_count++] = echo;
	}
}

static void fail(const char *what, enum err e, const struct lpa *l)
{
	fprintf(stderr, "bench_load: %s: %s%s%s\n", what, err_text(e),
		l && *lpa_message(l) ? ": " : "", l ? lpa_message(l) : "");
	exit(1);
}

static void open_both(struct paired *p, char **readers)
{
	struct transport **t[] = {&p->card, &p->echo};
	struct slice atr;

	for (int i = 0; i < 2; i++) {
		enum err e = transport_open(readers[i], 8000, NULL, t[i]);

		if (!e)
			e = transport_reset(*t[i], &atr);
		if (e)
			fail(readers[i], e, NULL);
	}
	p->base = *p->card;
	p->base.ops = &paired_ops;
}

static void report(const char *what, double *card, double *echo, size_t n)
{
	double c = bench_median(card, n), e = bench_median(echo, n);

	printf("  %-28s %8.1f us   floor %7.1f us   ratio %.3f   (median of %zu)\n", what, c * 1e6,
	       e * 1e6, c / e, n);
}

int main(int argc, char **argv)
{
	static struct paired p;
	struct es9p_network network = {0};
	struct uicc *u = NULL;
	struct lpa *l = NULL;
	enum err e;

	if (argc < 5)
		return 2;
	network.link = argv[3];
	open_both(&p, argv + 1);
	e = uicc_open(&p.base, &u);
	if (!e)
		e = lpa_open(u, SLICE_EMPTY, &l);
	if (e)
		fail("the card", e, l);
	for (int i = 4; i < argc; i++) {
		struct activation a;
		struct lpa_loaded loaded;
		struct lpa_download d = {.activation = &a,
					 .network = &network,
					 .step = on_step,
					 .segment = on_segment,
					 .ctx = &p};

		e = activation_parse(argv[i], &a, NULL);
		if (!e)
			e = lpa_download(l, &d, &loaded);
		if (e)
			fail(argv[i], e, l);
	}
	printf("profile load through PC/SC and vpcd, per segment of the package\n");
	report("a segment", segments_card, segments_echo, segment_count);
	report("the last: the installation", last_card, last_echo, last_count);
	lpa_close(&l);
	uicc_close(&u);
	return 0;
}
