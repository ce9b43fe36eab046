#include "lib/trace/decode/decode.h"

#include <stdlib.h>

#include "lib/trace/decode/join.h"
#include "lib/trace/decode/open.h"
#include "lib/trace/decode/show/show.h"
#include "lib/trace/decode/sms/packet.h"
#include "lib/trace/open/opener.h"

struct decode {
	struct decode_sink sink;
	struct join *join;
	struct session *session;
	struct wbuf data, answer; /* without secrets */
	struct opener *opener;	  /* or NULL */
	struct opened opened;
	struct decode_words words;
};

static void reset_card(struct decode *d, unsigned card)
{
	session_reset(d->session, card);
	if (d->opener)
		opener_reset(d->opener, card);
}

static void pass_event(void *ctx, const struct trace_event *e)
{
	struct decode *d = ctx;
	const struct decode_item item = {
		.event = e, .name = show_event_name(e), .what = "", .status = ""};

	if (e->kind == TRACE_RESET || e->kind == TRACE_REMOVED)
		reset_card(d, e->card);
	d->sink.take(d->sink.ctx, &item);
}

/* Finds the secured packets of an item, by the nodes that they are. */
struct packets_found {
	struct decode *d;
	const struct exchange *x;
};

static void find_packet(void *ctx, const struct tree_node *n)
{
	struct packets_found *f = ctx;

	if (packet_is(n))
		opener_take_packet(f->d->opener, f->x, packet_is_response(n), n->raw,
				   &f->d->opened);
}

static void pass_close(void *ctx)
{
	(void)ctx;
}

static void open_item(struct decode *d, struct decode_item *item)
{
	struct packets_found found = {d, item->exchange};
	const struct tree t = {
		.open = find_packet, .close = pass_close, .ctx = &found, .wordless = true};

	opener_take(d->opener, item->exchange, &d->opened);
	if (show_may_have_packets(item))
		show_tell(item, &t);
	item->opened = &d->opened;
}

/* Without its octets. */
static const char *short_name(const struct decode_item *item)
{
	if (item->command)
		return item->command->name;
	return item->exchange->odd & EXCHANGE_NO_COMMAND ? "a masked command"
							 : "an unknown command";
}

static void take_exchange(void *ctx, const struct exchange *x)
{
	struct decode *d = ctx;
	struct decode_item item = {.exchange = x,
				   .name = d->words.name,
				   .what = d->words.what,
				   .status = d->words.status,
				   .level = status_level(x)};

	item.command = x->malformed ? command_find(x->apdu.cla, x->apdu.ins) : command_of(&x->apdu);
	session_take(d->session, x, item.command, &item.view);
	open_data(x, &d->data, &item.data);
	open_answer(x, &d->answer, &item.answer);
	open_file(x, item.view.ef, &d->data, &item.data);
	open_file(x, item.view.ef, &d->answer, &item.answer);
	if (d->opener)
		open_item(d, &item);
	if (d->sink.wordless)
		item.name = short_name(&item);
	else
		decode_words(&item, &d->words);
	d->sink.take(d->sink.ctx, &item);
}

struct decode *decode_open(const struct decode_sink *sink)
{
	struct decode *d = calloc(1, sizeof(*d));
	const struct join_sink joined = {take_exchange, pass_event, d};

	if (!d)
		return NULL;
	d->sink = *sink;
	d->data = wbuf_grow(2 * JOIN_MESSAGE_MAX);
	d->answer = wbuf_grow(2 * JOIN_MESSAGE_MAX);
	d->join = join_open(&joined);
	d->session = session_open();
	if (!d->join || !d->session)
		decode_close(&d);
	return d;
}

void decode_use_keys(struct decode *d, struct opener *o)
{
	d->opener = o;
}

void decode_event(struct decode *d, const struct trace_event *e)
{
	join_event(d->join, e);
}

void decode_end(struct decode *d)
{
	join_end(d->join);
}

void decode_close(struct decode **d)
{
	struct decode *mine = *d;

	*d = NULL;
	if (!mine)
		return;
	join_close(&mine->join);
	session_close(&mine->session);
	wbuf_free(&mine->data);
	wbuf_free(&mine->answer);
	free(mine);
}

void decode_words(const struct decode_item *item, struct decode_words *out)
{
	show_name(item, out->name);
	show_what(item, out->what);
	status_text(item->exchange, out->status);
}

void decode_tell(const struct decode_item *item, const struct tree *t)
{
	if (item->exchange)
		show_tell(item, t);
}
