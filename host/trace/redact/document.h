/*
 * document: a trace as a whole, in memory: its events, and the octets that they have.
 */
#ifndef TWINKEY_HOST_TRACE_REDACT_DOCUMENT_H
#define TWINKEY_HOST_TRACE_REDACT_DOCUMENT_H

#include "lib/trace/decode/item.h"
#include "lib/trace/read/format.h"
#include "lib/trace/redact/replace.h"

#define DOCUMENT_MAX (1u << 29) /* octets of a file */

/* Borrows nothing: where its octets are in the document's. */
struct document_event {
	enum trace_kind kind;
	unsigned card;
	struct trace_place place;
	bool has_time;
	int64_t time_ns;
	size_t command, command_len, response, response_len;
};

struct document {
	struct slice file; /* the caller's */
	const struct trace_format *format;
	unsigned cards;
	struct wbuf events; /* of struct document_event */
	struct wbuf octets;
	struct wbuf columns; /* of hexes.h, once a text has views */
	size_t exchanges, faults;
	enum err err;
};

/* An item of it, and the numbers of its first event and of the one behind its last. */
struct document_sink {
	void (*take)(void *ctx, const struct decode_item *item, uint64_t from, uint64_t to);
	void *ctx;
};

/* format NULL: it is found. sink NULL: nothing is decoded. ERR_UNSUPPORTED, ERR_MEMORY, ERR_SPACE,
 * ERR_CANCELLED. document_close() in any case. */
struct cancel;
enum err document_read(struct document *d, struct slice file, const struct trace_format *format,
		       const struct document_sink *sink, struct cancel *cancel) MUST_CHECK;
void document_close(struct document *d);
size_t document_count(const struct document *d);
struct document_event *document_at(const struct document *d, size_t i);

/*
 * The octets of its exchanges as views: what goes to each channel of each card, and what comes from
 * it; without headers and status words. To be closed by document_close_views().
 */
enum err document_views(struct document *d, struct replace_views *out) MUST_CHECK;
/*
 * Views of a file of text: itself, its hex, and of the hex what looks like the data of commands, of
 * responses, and of neither.
 */
enum err document_text_views(struct document *d, uint8_t *text,
			     struct replace_views *out) MUST_CHECK;
/* What such a file says of its octets a second time follows them. */
void document_refresh(struct document *d, const struct replace_views *views);
void document_close_views(struct replace_views *views);

/* The same exchanges: as many, each with the same header, lengths and status word. */
bool document_is_like(const struct document *d, const struct document *other);

#endif
