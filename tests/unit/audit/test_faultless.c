/*
 * What the audit does not decode again has no fault: over all traces of the tests, each twice, so
 * that all there is comes again.
 */
#include "tests/unit/test.h"

#include <dirent.h>
#include <stdio.h>

#include "lib/trace/audit/faultless.h"
#include "lib/trace/decode/decode.h"
#include "lib/trace/read/reader.h"

#define TRACE_MAX (1u << 18)

struct watch {
	struct decode *decode;
	struct faultless *known;
	bool has_fault; /* the exchange at hand */
	unsigned exchanges, again, faulty;
};

static void watch_node(void *ctx, const struct tree_node *node)
{
	struct watch *w = ctx;

	w->has_fault |= node->fault != NULL;
}

static void watch_close(void *ctx)
{
	(void)ctx;
}

/* What differs in one thing that the decoder may look at is another exchange. */
static void change_each(const struct decode_item *item)
{
	struct faultless *known = faultless_open();
	struct exchange x = *item->exchange;
	struct decode_item other = *item;

	CU_ASSERT_PTR_NOT_NULL_FATAL(known);
	CU_ASSERT(!faultless_has(known, item));
	faultless_add(known);
	other.exchange = &x;
	x.apdu.p2 ^= 1;
	CU_ASSERT(!faultless_has(known, &other));
	x = *item->exchange;
	x.sw ^= 1;
	CU_ASSERT(!faultless_has(known, &other));
	x = *item->exchange;
	x.odd ^= EXCHANGE_NO_COMMAND;
	CU_ASSERT(!faultless_has(known, &other));
	x = *item->exchange;
	other.view.path = "MF/other";
	CU_ASSERT(!faultless_has(known, &other));
	faultless_close(&known);
}

static void watch_item(void *ctx, const struct decode_item *item)
{
	struct watch *w = ctx;
	const struct tree t = {
		.open = watch_node, .close = watch_close, .ctx = w, .wordless = true};
	bool is_known;

	if (!item->exchange)
		return;
	w->exchanges++;
	w->has_fault = false;
	decode_tell(item, &t);
	w->faulty += w->has_fault;
	is_known = faultless_has(w->known, item);
	CU_ASSERT(!is_known || !w->has_fault);
	w->again += is_known;
	if (!is_known && !w->has_fault) {
		faultless_add(w->known);
		change_each(item);
	}
}

static void watch_event(void *ctx, const struct trace_event *e)
{
	decode_event(((struct watch *)ctx)->decode, e);
}

static void watch_trace(struct watch *w, struct slice trace)
{
	const struct trace_sink events = {.take = watch_event, .ctx = w};
	const struct decode_sink items = {.take = watch_item, .ctx = w, .wordless = true};
	struct trace_reader *r;

	for (int pass = 0; pass < 2; pass++) {
		w->decode = decode_open(&items);
		ASSERT_ERR(trace_reader_open(NULL, &events, &r), ERR_OK);
		if (!trace_reader_feed(r, trace)) /* what is no trace has no exchanges */
			(void)!trace_reader_end(r);
		decode_end(w->decode);
		decode_close(&w->decode);
		trace_reader_close(&r);
	}
}

static void watch_folder(struct watch *w, const char *folder)
{
	static uint8_t octets[TRACE_MAX];
	DIR *d = opendir(folder);
	struct dirent *e;

	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	while ((e = readdir(d))) {
		char path[512];
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		f = e->d_type == DT_REG ? fopen(path, "rb") : NULL;
		if (!f)
			continue;
		watch_trace(w, slice_make(octets, fread(octets, 1, sizeof(octets), f)));
		fclose(f);
	}
	closedir(d);
}

static void test_traces(void)
{
	struct watch w = {.known = faultless_open()};

	CU_ASSERT_PTR_NOT_NULL_FATAL(w.known);
	watch_folder(&w, "tests/traces");
	watch_folder(&w, "tests/traces/audit");
	CU_ASSERT(w.exchanges > 5000);
	CU_ASSERT(w.faulty > 100);
	CU_ASSERT(w.again > w.exchanges / 4);
	faultless_close(&w.known);
}

TEST_SUITE(audit_faultless, {"what is known has no fault", test_traces})
