/* Values and a stream out of any octets: what the automaton finds is what looking at each place
 * finds. */
#include <stdlib.h>
#include <string.h>

#include "lib/trace/search/needles.h"
#include "lib/trace/search/search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define VALUES_MAX 6

/* All matches as one number each, added up, so that their order does not matter. */
static uint64_t sum;
static struct slice stream;
static unsigned needle;

static void add(unsigned which, unsigned number, uint64_t begin, uint64_t end)
{
	uint64_t x = which;

	x = (x * 1000003 + number) * 1000003;
	x = (x + begin) * 1000003;
	x = (x + end) * 0x9E3779B97F4A7C15u;
	sum += x ^ x >> 29;
}

static void take_match(void *ctx, const struct search_match *m)
{
	(void)ctx;
	if (m->from.place.offset + m->from.at != m->begin / 2 ||
	    m->to.place.offset + m->to.at != (m->end - 1) / 2)
		abort();
	add(m->needle, m->number, m->begin, m->end);
}

static uint8_t half_of(size_t at)
{
	uint8_t octet = slice_at(stream, at / 2);

	return at % 2 ? octet & 0xF : octet >> 4;
}

/* At each place, half by half. */
static void look_for(void *ctx, const struct search_pattern *p)
{
	(void)ctx;
	if (p->weak || 2 * stream.len < p->halves.len)
		return;
	for (size_t at = 0; at <= 2 * stream.len - p->halves.len; at += p->aligned ? 2 : 1) {
		size_t n = 0;

		while (n < p->halves.len && slice_at(p->halves, n) == half_of(at + n))
			n++;
		if (n == p->halves.len)
			add(needle, p->number, at, at + n);
	}
}

static uint8_t take_octet(struct slice *s)
{
	uint8_t octet = slice_at(*s, 0);

	*s = slice_sub(*s, 1, s->len);
	return octet;
}

/* Up to 15 octets of the input as a value, or up to 63 one time in four: what is searched for grows
 * with the square. Digits are made of them where the kind wants them. */
static enum err add_value(struct search *s, struct slice *input, unsigned number)
{
	static uint8_t values[VALUES_MAX][64];
	enum search_kind kind = take_octet(input) % 4;
	uint8_t len = take_octet(input);
	struct slice value = slice_sub(*input, 1, len % 4 ? len / 4 % 16 : len / 4);
	struct search_value v = {number, kind, {values[number], value.len}};
	const struct search_pattern_sink naive = {look_for, NULL};
	enum err e;

	*input = slice_sub(*input, value.len, input->len);
	for (size_t i = 0; i < value.len; i++)
		values[number][i] = kind == SEARCH_DIGITS || kind == SEARCH_CODE
					    ? '0' + slice_at(value, i) % 10
					    : slice_at(value, i);
	e = search_add(s, &v);
	needle = number;
	if (!e && search_forms(kind, v.value, &naive))
		abort();
	return e;
}

static void read_needles(struct slice text)
{
	struct needles_fault fault;
	struct needles *n = NULL;
	struct search *s = NULL;

	if (search_open(&s))
		return;
	if (!needles_read(text, s, &n, &fault))
		needles_close(&n);
	search_close(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct search_sink sink = {take_match, NULL};
	struct slice input = slice_make(data, size);
	struct search_stream *t = NULL;
	struct search *s = NULL;
	uint64_t naive;
	size_t piece = 1 + take_octet(&input) % 40;
	unsigned values = 1 + take_octet(&input) % VALUES_MAX;

	read_needles(input);
	if (search_open(&s))
		return 0;
	sum = 0;
	stream = slice_sub(slice_make(data, size), size / 3, 4096);
	for (unsigned i = 0; i < values; i++)
		(void)!add_value(s, &input, i);
	naive = sum;
	sum = 0;
	if (!search_stream_open(s, &sink, &t)) {
		for (size_t at = 0; at < stream.len; at += piece) {
			const struct trace_place place = {at / piece, at};

			search_feed(t, slice_sub(stream, at, piece), &place);
		}
		if (sum != naive)
			abort();
	}
	search_stream_close(&t);
	search_close(&s);
	return 0;
}
