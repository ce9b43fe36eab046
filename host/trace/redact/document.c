#include "host/trace/redact/document.h"

#include <stdlib.h>
#include <string.h>

#include "host/trace/redact/hexes.h"
#include "lib/trace/decode/decode.h"
#include "lib/trace/read/reader.h"
#include "lib/uicc/apdu.h"
#include "tool/sys/cancel.h"
#include "tool/trace/mask.h"

#define EVENTS_MAX    (1u << 26)
#define PIECE	      (1u << 16) /* after so much the wish to stop is asked for */
#define WAYS	      2		 /* to the card, from it */
#define CHANNELS      20
#define LANES	      (TRACE_CARDS_MAX * CHANNELS * WAYS)
#define HEADER_LEN    4
#define SHORT_DATA    5 /* where a command's data begin */
#define EXTENDED_DATA 7
#define SW_LEN	      2
#define AFTER	      4 /* events behind one, within which its lines end */

struct reading {
	struct document *document;
	struct decode *decode;
	const struct document_sink *sink;
};

size_t document_count(const struct document *d)
{
	return d->events.len / sizeof(struct document_event);
}

struct document_event *document_at(const struct document *d, size_t i)
{
	return (struct document_event *)(void *)d->events.ptr + i;
}

static size_t keep_octets(struct document *d, struct slice octets)
{
	wbuf_put(&d->octets, octets);
	return d->octets.len - (d->octets.err ? 0 : octets.len);
}

static void keep_event(void *ctx, const struct trace_event *e)
{
	struct reading *r = ctx;
	struct document *d = r->document;
	struct document_event kept = {.kind = e->kind,
				      .card = e->card,
				      .place = e->place,
				      .has_time = e->has_time,
				      .time_ns = e->time_ns,
				      .command_len = e->command.len,
				      .response_len = e->response.len};

	kept.command = keep_octets(d, e->command);
	kept.response = keep_octets(d, e->response);
	wbuf_put(&d->events, slice_make(&kept, sizeof(kept)));
	d->exchanges += e->kind == TRACE_EXCHANGE;
	d->faults += e->kind == TRACE_FAULT;
	if (r->decode && !d->events.err)
		decode_event(r->decode, e);
}

/* The event that was read at this place: one of the last. */
static size_t event_of(const struct document *d, const struct trace_place *place)
{
	size_t i = document_count(d);

	while (i > 1 && document_at(d, i - 1)->place.number != place->number)
		i--;
	return i ? i - 1 : 0;
}

static void pass_item(void *ctx, const struct decode_item *item)
{
	const struct reading *r = ctx;
	size_t first, last;

	if (!item->exchange)
		return;
	first = event_of(r->document, &item->exchange->first);
	last = event_of(r->document, &item->exchange->last);
	r->sink->take(r->sink->ctx, item, first, last + 1);
}

static enum err feed_pieces(struct trace_reader *reader, struct slice file, struct cancel *cancel)
{
	enum err e = ERR_OK;

	for (size_t at = 0; !e && at < file.len; at += PIECE) {
		e = cancel_check(cancel);
		if (!e)
			e = trace_reader_feed(reader, slice_sub(file, at, PIECE));
	}
	return e;
}

enum err document_read(struct document *d, struct slice file, const struct trace_format *format,
		       const struct document_sink *sink, struct cancel *cancel)
{
	struct reading r = {.document = d, .sink = sink};
	const struct trace_sink events = {.take = keep_event, .ctx = &r};
	const struct decode_sink items = {.take = pass_item, .ctx = &r};
	struct trace_reader *reader = NULL;
	enum err e = trace_reader_open(format, &events, &reader);

	*d = (struct document){.file = file,
			       .events = wbuf_grow(EVENTS_MAX * sizeof(struct document_event)),
			       .octets = wbuf_grow(DOCUMENT_MAX),
			       .columns = wbuf_grow(DOCUMENT_MAX)};
	r.decode = !e && sink ? decode_open(&items) : NULL;
	if (!e && sink && !r.decode)
		e = ERR_MEMORY;
	if (!e)
		e = feed_pieces(reader, file, cancel);
	if (!e)
		e = trace_reader_end(reader);
	if (!e && r.decode)
		decode_end(r.decode);
	if (!e) {
		d->format = trace_reader_format(reader);
		d->cards = trace_reader_cards(reader);
	}
	decode_close(&r.decode);
	trace_reader_close(&reader);
	return e ? e : d->events.err ? d->events.err : d->octets.err;
}

void document_close(struct document *d)
{
	wbuf_free(&d->events);
	wbuf_free(&d->octets);
	wbuf_free(&d->columns);
}

static void bounds_in_octets(void *ctx, uint64_t first, uint64_t end, struct replace_bounds *out)
{
	const struct document *d = ctx;

	out->from = document_at(d, first)->command;
	out->to = end < document_count(d) ? document_at(d, end)->command : d->octets.len;
}

static void bounds_in_file(void *ctx, uint64_t first, uint64_t end, struct replace_bounds *out)
{
	const struct document *d = ctx;

	/* a line of it may stand behind the first one of the next */
	end += AFTER;
	out->from = document_at(d, first)->place.offset;
	out->to = end < document_count(d) ? document_at(d, end)->place.offset : d->file.len;
}

static void add_range(struct view *v, size_t at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		view_add(v, at + i);
}

static void add_event(struct document *d, struct view *lanes, const struct document_event *e)
{
	struct slice command = slice_make(d->octets.ptr + e->command, e->command_len);
	bool extended = e->command_len > EXTENDED_DATA && !slice_at(command, HEADER_LEN);
	size_t head = extended ? EXTENDED_DATA : SHORT_DATA;
	int channel = command.len ? apdu_channel(slice_at(command, 0)) : 0;
	struct view *to =
		&lanes[(e->card * CHANNELS + (channel < 0 ? 0u : (unsigned)channel)) * WAYS];

	if (e->command_len > head)
		add_range(to, e->command + head, e->command_len - head);
	if (e->response_len > SW_LEN)
		add_range(to + 1, e->response, e->response_len - SW_LEN);
}

enum err document_views(struct document *d, struct replace_views *out)
{
	struct view *lanes = calloc(LANES, sizeof(*lanes));
	enum err e = lanes ? ERR_OK : ERR_MEMORY;

	*out = (struct replace_views){.bounds = bounds_in_octets, .ctx = d};
	for (size_t i = 0; lanes && i < LANES; i++)
		lanes[i] = view_parts(d->octets.ptr, false);
	for (size_t i = 0; lanes && i < document_count(d); i++) {
		if (document_at(d, i)->kind == TRACE_EXCHANGE)
			add_event(d, lanes, document_at(d, i));
	}
	for (size_t i = 0; lanes && i < LANES; i++) {
		e = e ? e : view_done(&lanes[i]);
		if (lanes[i].len)
			lanes[out->count++] = lanes[i];
	}
	out->list = lanes;
	return e;
}

enum err document_text_views(struct document *d, uint8_t *text, struct replace_views *out)
{
	enum err e = ERR_OK;

	*out = (struct replace_views){.bounds = bounds_in_file, .ctx = d};
	out->list = calloc(HEXES_VIEWS + 1, sizeof(*out->list));
	if (!out->list)
		return ERR_MEMORY;
	out->count = HEXES_VIEWS + 1;
	hexes_views(text, d->file.len, out->list, &d->columns);
	/* the last: what stands in hex has more forms as octets */
	out->list[HEXES_VIEWS] = view_whole(text, d->file.len);
	for (size_t i = 0; i < out->count; i++)
		e = e ? e : view_done(&out->list[i]);
	return e;
}

void document_refresh(struct document *d, const struct replace_views *views)
{
	hexes_refresh(&views->list[HEXES_ALL], wbuf_slice(&d->columns));
}

void document_close_views(struct replace_views *views)
{
	for (size_t i = 0; views->list && i < views->count; i++)
		view_free(&views->list[i]);
	free(views->list);
	*views = (struct replace_views){0};
}

static size_t next_exchange(const struct document *d, size_t i)
{
	while (i < document_count(d) && document_at(d, i)->kind != TRACE_EXCHANGE)
		i++;
	return i;
}

/* In the form in which it is written. */
static size_t length_written(const struct document *d, const struct document_event *e)
{
	return mask_without_le(slice_make(d->octets.ptr + e->command, e->command_len)).len;
}

static bool is_like(const struct document *d, const struct document_event *e,
		    const struct document *other, const struct document_event *f)
{
	size_t header = e->command_len < HEADER_LEN ? e->command_len : HEADER_LEN;
	size_t sw = e->response_len < SW_LEN ? e->response_len : SW_LEN;

	return length_written(d, e) == length_written(other, f) &&
	       e->response_len == f->response_len &&
	       (!header ||
		memcmp(d->octets.ptr + e->command, other->octets.ptr + f->command, header) == 0) &&
	       (!sw || memcmp(d->octets.ptr + e->response + e->response_len - sw,
			      other->octets.ptr + f->response + f->response_len - sw, sw) == 0);
}

bool document_is_like(const struct document *d, const struct document *other)
{
	size_t i = next_exchange(d, 0), k = next_exchange(other, 0);

	if (d->exchanges != other->exchanges)
		return false;
	while (i < document_count(d)) {
		if (!is_like(d, document_at(d, i), other, document_at(other, k)))
			return false;
		i = next_exchange(d, i + 1);
		k = next_exchange(other, k + 1);
	}
	return true;
}
