/* what our own recorder writes is read back as it was: each octet, and each border */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/read/reader.h"
#include "lib/trace/remark.h"
#include "lib/uicc/apdu.h"
#include "lib/uicc/command.h"
#include "tests/support/must.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/trace/mask.h"
#include "tool/trace/trace.h"

#define EXCHANGES_MAX 20000
#define OCTETS_MAX    (64u << 20)
#define PAYLOAD_MAX   65491 /* what fits in a datagram */

struct record {
	struct trace *traces[2];
	struct mask masks[2];
	struct wbuf octets; /* as they are to be read, one exchange behind another */
	struct {
		size_t command, response;
		unsigned card;
		bool is_reset;
	} wanted[EXCHANGES_MAX];
	unsigned count;
	uint32_t random;
	/* while it is read */
	unsigned at;
	size_t offset;
	int64_t last_ns;
	unsigned cut, remarked;
};

static uint32_t next_random(struct record *r)
{
	r->random = r->random * 1664525 + 1013904223;
	return r->random >> 8;
}

static void put_reset(struct record *r, unsigned card, struct slice atr)
{
	r->masks[card] = (struct mask){0};
	trace_reset(r->traces[card], atr);
	wbuf_put(&r->octets, atr);
	r->wanted[r->count].is_reset = true;
	r->wanted[r->count].card = card;
	r->wanted[r->count++].response = atr.len;
}

static void put_exchange(struct record *r, unsigned card, struct slice command,
			 struct slice response)
{
	size_t before = r->octets.len, masked;

	MUST(r->count < EXCHANGES_MAX);
	(void)mask_exchange(&r->masks[card], command, response, &r->octets, &masked);
	trace_exchange(r->traces[card], command, response);
	r->wanted[r->count].command = r->octets.len - before - response.len;
	r->wanted[r->count].card = card;
	r->wanted[r->count++].response = response.len;
}

/* A command of the table or any other, with lengths at the edges. */
static void put_some(struct record *r)
{
	static const size_t lengths[] = {0, 1, 2, 14, 126, 127, 128, 129, 255, 256, 257, 65000};
	static const uint16_t sws[] = {0x9000, 0x910B, 0x6110, 0x9F0C, 0x6282, 0x6A82, 0x6C10};
	static uint8_t data[65536];
	const struct command *c = &command_table[next_random(r) % COMMAND_COUNT];
	unsigned small = next_random(r) % 8 ? 11 : 12; /* few are huge */
	struct apdu a = {.cla = c->cla, .ins = c->ins};
	struct wbuf command = wbuf_grow(1 << 20), response = wbuf_grow(1 << 20);
	uint16_t sw = sws[next_random(r) % ARRAY_LEN(sws)];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)next_random(r);
	a.p1 = (uint8_t)(next_random(r) % 3 ? 0 : next_random(r));
	a.p2 = (uint8_t)(next_random(r) % 3 ? 4 : next_random(r));
	a.data = slice_make(data, lengths[next_random(r) % small]);
	a.le = next_random(r) % 2 ? (uint32_t)lengths[next_random(r) % small] : 0;
	a.has_le = a.le;
	a.extended = next_random(r) % 8 == 0;
	apdu_put_whole(&command, &a);
	if (next_random(r) % 16 == 0) /* what is no APDU at all */
		wbuf_cut(&command, next_random(r) % (command.len + 1));
	if (next_random(r) % 2)
		wbuf_put(&response, slice_make(data + 300, lengths[next_random(r) % small]));
	wbuf_u16(&response, sw);
	if (next_random(r) % 32 == 0)
		wbuf_reset(&response);
	put_exchange(r, next_random(r) % 2, wbuf_slice(&command), wbuf_slice(&response));
	wbuf_free(&command);
	wbuf_free(&response);
}

/* More than a datagram takes. */
static void put_too_much(struct record *r)
{
	static uint8_t command[APDU_EXTENDED_COMMAND_MAX], response[APDU_EXTENDED_RESPONSE_MAX];

	put_exchange(r, 0, SLICE_OF(command), slice_sub(SLICE_OF(response), 0, 30000));
	put_exchange(r, 1, slice_sub(SLICE_OF(command), 0, 5), SLICE_OF(response));
}

static void check_event(void *ctx, const struct trace_event *e)
{
	struct record *r = ctx;
	size_t command = r->wanted[r->at].command, response = r->wanted[r->at].response;
	struct slice octets = wbuf_slice(&r->octets);
	struct slice all = slice_sub(octets, r->offset, command + response);

	CU_ASSERT_FATAL(r->at < r->count);
	CU_ASSERT_EQUAL(e->card, r->wanted[r->at].card);
	CU_ASSERT_EQUAL(e->place.number, r->at + 1);
	CU_ASSERT(e->has_time && e->time_ns >= r->last_ns);
	r->last_ns = e->time_ns;
	r->remarked += e->text && strstr(e->text, "octets of the command: ");
	if (all.len > PAYLOAD_MAX) {
		CU_ASSERT_EQUAL(e->kind, TRACE_FAULT);
		CU_ASSERT_PTR_NOT_NULL(strstr(e->text, "octets more"));
		ASSERT_OCTETS(e->command, slice_sub(all, 0, PAYLOAD_MAX), "what was kept");
		r->cut++;
	} else {
		CU_ASSERT_EQUAL(e->kind, r->wanted[r->at].is_reset ? TRACE_RESET : TRACE_EXCHANGE);
		ASSERT_OCTETS(e->command, slice_sub(all, 0, command), "command");
		ASSERT_OCTETS(e->response, slice_sub(all, command, response), "response");
	}
	r->offset += all.len;
	r->at++;
}

static void read_back(struct record *r, const char *path)
{
	const struct trace_sink sink = {.take = check_event, .ctx = r};
	struct trace_reader *reader;
	struct wbuf w = wbuf_grow(OCTETS_MAX);
	struct slice rest;

	ASSERT_ERR(file_read(path, NULL, &w), ERR_OK);
	ASSERT_ERR(trace_reader_open(NULL, &sink, &reader), ERR_OK);
	for (rest = wbuf_slice(&w); rest.len; rest = slice_sub(rest, 7919, rest.len))
		ASSERT_ERR(trace_reader_feed(reader, slice_sub(rest, 0, 7919)), ERR_OK);
	ASSERT_ERR(trace_reader_end(reader), ERR_OK);
	CU_ASSERT_EQUAL(r->at, r->count);
	CU_ASSERT_EQUAL(trace_reader_cards(reader), 2);
	CU_ASSERT_STRING_EQUAL(trace_reader_card(reader, 0), "reader one");
	CU_ASSERT_STRING_EQUAL(trace_reader_card(reader, 1), "reader two");
	trace_reader_close(&reader);
	wbuf_free(&w);
}

static void test_both_ways(void)
{
	struct record *r = calloc(1, sizeof(*r));
	char path[256];

	MUST(r != NULL);
	r->random = 12;
	r->octets = wbuf_grow(OCTETS_MAX);
	ASSERT_ERR(path_join(test_dir(), "own.pcapng", path, sizeof(path)), ERR_OK);
	ASSERT_ERR(trace_create(&(struct trace_target){.path = path}, "reader one", &r->traces[0]),
		   ERR_OK);
	ASSERT_ERR(trace_join(r->traces[0], "reader two", &r->traces[1]), ERR_OK);
	put_reset(r, 0, test_unhex("3b9f96801fc78031a073be21136743200718000001a5"));
	put_reset(r, 1, SLICE_EMPTY);
	for (unsigned i = 0; i < 4000; i++)
		put_some(r);
	put_too_much(r);
	ASSERT_ERR(trace_close(&r->traces[0]), ERR_OK);
	ASSERT_ERR(trace_close(&r->traces[1]), ERR_OK);
	ASSERT_ERR(wbuf_done(&r->octets), ERR_OK);
	read_back(r, path);
	printf("(%u exchanges, %u with their border told, %u cut) ", r->count, r->remarked, r->cut);
	CU_ASSERT(r->cut >= 2 && r->remarked && r->remarked < r->count);
	wbuf_free(&r->octets);
	free(r);
}

TEST_SUITE(recorded, {"4000 exchanges of two readers", test_both_ways})
