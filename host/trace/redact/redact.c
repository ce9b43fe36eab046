#include "host/trace/redact/redact.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/trace/redact/document.h"
#include "lib/trace/redact/collect.h"
#include "lib/trace/seal/seal.h"
#include "tool/sys/cancel.h"
#include "tool/sys/file.h"
#include "tool/sys/place.h"
#include "tool/sys/trouble.h"
#include "tool/trace/trace.h"

#define READER_MAX 24
#define FILE_MODE  0600

/* A trace on its way. */
struct work {
	const struct redact_job *job;
	struct redact_result *result;
	struct wbuf file;
	struct document document;
	struct originals *originals;
	struct replacer *replacer;
	struct place place;
	char written[PATH_CAP]; /* the file until it is proved; empty: none yet */
};

static enum err ask_cancel(void *cancel)
{
	return cancel_check(cancel);
}

static void collect_from(void *ctx, const struct decode_item *item, uint64_t from, uint64_t to)
{
	struct work *w = ctx;

	collect_item(w->originals, item, from, to, w->job->maker.keeps_network);
}

/* A block of this type, in either order of octets. */
static bool has_seal(struct slice file)
{
	uint8_t type[4];
	struct wbuf w = wbuf_init(type, sizeof(type));

	wbuf_u32(&w, SEAL_BLOCK);
	return file.len && memmem(file.ptr, file.len, type, sizeof(type)) != NULL;
}

static enum err read_all(struct work *w)
{
	const struct document_sink sink = {collect_from, w};
	struct redact_result *r = w->result;
	enum err e = file_read(w->job->from, w->job->cancel, &w->file);

	w->originals = originals_open(&w->job->maker);
	if (!e && !w->originals)
		e = ERR_MEMORY;
	if (!e && !w->file.len)
		e = ERR_TRUNCATED;
	if (!e)
		e = document_read(&w->document, wbuf_slice(&w->file), w->job->format, &sink,
				  w->job->cancel);
	if (!e)
		e = originals_done(w->originals);
	if (e)
		return e;
	r->format = w->document.format;
	r->as_text = r->format->line && !w->job->pcapng;
	r->was_sealed = !r->format->line && has_seal(wbuf_slice(&w->file));
	r->exchanges = w->document.exchanges;
	r->left_out = r->as_text ? 0 : w->document.faults;
	r->values = originals_count(w->originals);
	r->places = originals_places(w->originals);
	return ERR_OK;
}

static enum err replace_in_memory(struct work *w)
{
	struct replace_views views = {0};
	enum err e = replacer_open(w->originals, &w->replacer);

	if (!e)
		replacer_ask(w->replacer, ask_cancel, w->job->cancel);
	if (!e && w->result->as_text)
		e = document_text_views(&w->document, w->file.ptr, &views);
	else if (!e)
		e = document_views(&w->document, &views);
	if (!e)
		e = replace_all(w->replacer, &views, &w->result->replaced);
	if (!e && w->result->as_text)
		document_refresh(&w->document, &views);
	document_close_views(&views);
	return e;
}

/* A trace for each card, in one file. */
static enum err open_traces(const struct work *w, struct trace *traces[static TRACE_CARDS_MAX],
			    unsigned count)
{
	const struct trace_target target = {
		.path = w->written, .anew = true, .cancel = w->job->cancel};
	enum err e = ERR_OK;

	for (unsigned i = 0; !e && i < count; i++) {
		char name[READER_MAX];

		snprintf(name, sizeof(name), "reader %u", i);
		e = i ? trace_join(traces[0], name, &traces[i])
		      : trace_create(&target, name, &traces[0]);
	}
	return e;
}

static void write_event(const struct document *d, const struct document_event *e, struct trace *t)
{
	struct slice command = slice_make(d->octets.ptr + e->command, e->command_len);
	struct slice response = slice_make(d->octets.ptr + e->response, e->response_len);

	trace_at(t, e->has_time ? e->time_ns : 0);
	if (e->kind == TRACE_EXCHANGE && command.len)
		trace_exchange(t, command, response);
	else if (e->kind == TRACE_RESET)
		trace_reset(t, response);
	else if (e->kind == TRACE_PPS)
		trace_pps(t, command, response);
}

static enum err write_pcapng(struct work *w)
{
	struct trace *traces[TRACE_CARDS_MAX] = {NULL};
	const unsigned cards = w->document.cards ? w->document.cards : 1;
	enum err e = open_traces(w, traces, cards);

	for (size_t i = 0; !e && i < document_count(&w->document); i++) {
		const struct document_event *event = document_at(&w->document, i);

		write_event(&w->document, event, traces[event->card % cards]);
	}
	for (unsigned i = cards; i-- > 0;) {
		enum err end = trace_close(&traces[i]);

		e = e ? e : end;
	}
	return e;
}

/* Beside its place, where what is there stays until this is proved. */
static enum err write_out(struct work *w)
{
	enum err e = file_new_beside(w->place.path, w->written, sizeof(w->written));

	if (e)
		return e;
	return w->result->as_text
		       ? file_replace(w->written, wbuf_slice(&w->file), FILE_MODE, w->job->cancel)
		       : write_pcapng(w);
}

/* The line or frame of the last event that begins in front of this octet. */
static uint64_t line_or_frame_of(const struct document *d, size_t at)
{
	size_t i = document_count(d);

	while (i > 1 && document_at(d, i - 1)->command > at)
		i--;
	return i ? document_at(d, i - 1)->place.number : 0;
}

static enum err prove_views(struct work *w, const struct document *written,
			    const struct replace_views *views)
{
	struct redact_result *r = w->result;
	enum err e = ERR_OK;

	for (size_t i = 0; !e && !r->left && i < views->count; i++)
		e = replace_find(w->replacer, &views->list[i], false, &r->what, &r->left);
	if (r->left)
		r->number = line_or_frame_of(written, r->what.at);
	return e;
}

/* The file as such, the octets of its exchanges, and that they are those of the trace. */
static enum err prove_written(struct work *w)
{
	struct wbuf file = wbuf_grow(DOCUMENT_MAX);
	struct document written = {0};
	struct replace_views views = {0};
	enum err e = file_read(w->written, w->job->cancel, &file);

	if (!e)
		e = document_read(&written, wbuf_slice(&file),
				  w->result->as_text ? w->result->format : NULL, NULL,
				  w->job->cancel);
	if (!e)
		e = document_views(&written, &views);
	if (!e)
		e = prove_views(w, &written, &views);
	if (!e && !w->result->left) {
		const struct view all = view_whole(file.ptr, file.len);

		e = replace_find(w->replacer, &all, true, &w->result->what, &w->result->left);
	}
	w->result->unlike = !e && !document_is_like(&w->document, &written);
	document_close_views(&views);
	document_close(&written);
	wbuf_free(&file);
	return e								    ? e
	       : w->result->left || w->result->unlike || w->result->replaced.missed ? ERR_CORRUPT
										    : ERR_OK;
}

static enum err find_output(const struct redact_job *job, struct place *out)
{
	struct stat from, to;
	enum err e = place_find(job->to, out);

	if (e)
		return e;
	if (out->kind != PLACE_FREE && out->kind != PLACE_FILE)
		return trouble_set(ERR_NO_FILE, "it is no file, and what is written is read again: "
						"name a file, and copy that");
	if (out->kind == PLACE_FILE && stat(out->path, &to) == 0 &&
	    (strcmp(job->from, "-") == 0 ? fstat(STDIN_FILENO, &from) : stat(job->from, &from)) ==
		    0 &&
	    from.st_dev == to.st_dev && from.st_ino == to.st_ino)
		return trouble_set(ERR_NO_FILE,
				   "it is the trace itself, which would be lost: name another");
	return ERR_OK;
}

enum err redact_may_write(const struct redact_job *job)
{
	struct place place;

	return find_output(job, &place);
}

enum err redact(const struct redact_job *job, struct redact_result *out)
{
	struct work w = {.job = job, .result = out, .file = wbuf_grow(DOCUMENT_MAX)};
	enum err e;

	*out = (struct redact_result){0};
	e = find_output(job, &w.place);
	if (!e)
		e = read_all(&w);
	if (!e)
		e = replace_in_memory(&w);
	if (!e)
		e = write_out(&w);
	if (!e)
		e = prove_written(&w);
	if (!e)
		e = cancel_check(job->cancel);
	if (!e)
		e = file_place(w.written, w.place.path, job->anew);
	if (e && *w.written)
		(void)!unlink(w.written);
	replacer_close(&w.replacer);
	originals_close(&w.originals);
	document_close(&w.document);
	wbuf_free(&w.file);
	return e;
}
