#include "host/operator/store/growth/archive_file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/audit/keyring.h"
#include "lib/base/secret.h"
#include "tool/cli/json.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"

#define WHAT	     "twinkey operator log"
#define LINE_MAX_LEN 16384
#define FORMAT	     1
#define LINES_MAX    (1u << 20)
#define LINES_FLUSH  (1u << 16)
#define TEXTS	     5
#define TEXT_MAX     1024 /* octets of one that is no UTF-8 */

/* The texts of an entry, in their order. */
static const char *const names[TEXTS] = {"event", "state", "next", "actor", "evidence"};

static enum err make_seal(const struct chain *chain, const struct archive_span *span,
			  const uint8_t last[static SHA256_LEN], uint8_t seal[static SHA256_LEN])
{
	uint8_t numbers[16];
	struct wbuf w = wbuf_init(numbers, sizeof(numbers));
	struct slice parts[] = {slice_str("archive"), slice_str(chain->kind->label), SLICE_EMPTY,
				SLICE_OF(span->before), slice_make(last, SHA256_LEN)};

	wbuf_uint(&w, (uint64_t)span->from, 8);
	wbuf_uint(&w, (uint64_t)span->to, 8);
	parts[2] = wbuf_slice(&w);
	return hmac_sha256(keyring_row_key(chain->keyring), parts, ARRAY_LEN(parts), seal);
}

static json_t *json_octets(const uint8_t octets[static SHA256_LEN])
{
	char text[2 * SHA256_LEN + 1];

	hex_encode(slice_make(octets, SHA256_LEN), text, sizeof(text));
	return json_string(text);
}

static enum err flush_lines(struct archive_writer *w)
{
	enum err e = wbuf_done(&w->lines);

	if (!e)
		e = file_write_all(w->fd, wbuf_slice(&w->lines), NULL);
	wbuf_reset(&w->lines);
	return e;
}

/* Takes line over. */
static enum err put_json_line(struct archive_writer *w, json_t *line)
{
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;

	json_decref(line);
	if (!text)
		return ERR_MEMORY;
	wbuf_put(&w->lines, slice_str(text));
	wbuf_u8(&w->lines, '\n');
	free(text);
	return w->lines.len >= LINES_FLUSH || w->lines.err ? flush_lines(w) : ERR_OK;
}

enum err archive_begin(struct archive_writer *w, const struct chain *chain, const char *path,
		       const struct archive_span *span)
{
	int n;

	*w = (struct archive_writer){
		.chain = chain, .fd = -1, .lines = wbuf_grow(LINES_MAX), .span = *span};
	memcpy(w->link, span->before, sizeof(w->link));
	if (slice_text(slice_str(path), w->path, sizeof(w->path)))
		return ERR_LONG_NAME;
	n = snprintf(w->tmp, sizeof(w->tmp), "%s.XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof(w->tmp))
		return ERR_LONG_NAME;
	if (access(path, F_OK) == 0)
		return ERR_EXISTS;
	w->fd = mkostemp(w->tmp, O_CLOEXEC);
	if (w->fd < 0)
		return errno_err(errno);
	return put_json_line(w,
			     json_pack("{s:s, s:i, s:I, s:I, s:o}", "what", WHAT, "format", FORMAT,
				       "from", (json_int_t)span->from, "to", (json_int_t)span->to,
				       "before", json_octets(span->before)));
}

/* A text that is no UTF-8 has no place in JSON: its octets, then. */
static json_t *json_of_text(const char *text)
{
	json_t *o = json_string(text);
	char *hex;

	if (o)
		return o;
	hex = malloc(2 * strlen(text) + 1);
	if (hex && hex_encode(slice_str(text), hex, 2 * strlen(text) + 1) == ERR_OK)
		o = json_pack("{s:s}", "hex", hex);
	free(hex);
	return o;
}

enum err archive_put(struct archive_writer *w, const struct chain_entry *e,
		     const uint8_t link[static SHA256_LEN])
{
	json_t *o = json_pack("{s:I, s:I, s:I}", "seq", (json_int_t)e->seq, "at", (json_int_t)e->at,
			      "subscriber", (json_int_t)e->number);

	for (unsigned i = 0; i < TEXTS; i++)
		json_object_set_new(o, names[i], json_of_text(e->text[i]));
	json_object_set_new(o, "link", json_octets(link));
	memcpy(w->link, link, sizeof(w->link));
	w->entries++;
	return put_json_line(w, o);
}

static enum err put_seal(struct archive_writer *w)
{
	uint8_t seal[SHA256_LEN];
	enum err e = make_seal(w->chain, &w->span, w->link, seal);

	return e ? e
		 : put_json_line(w, json_pack("{s:I, s:o}", "entries", (json_int_t)w->entries,
					      "seal", json_octets(seal)));
}

enum err archive_end(struct archive_writer *w, enum err e)
{
	if (!e)
		e = put_seal(w);
	if (!e)
		e = flush_lines(w);
	if (!e)
		e = file_name_new(w->fd, w->tmp, w->path);
	wbuf_free(&w->lines);
	if (w->fd >= 0) {
		close(w->fd);
		unlink(w->tmp);
	}
	return e;
}

/* A file that is read. */
struct reader {
	const struct chain *chain;
	FILE *file;
	char *line;
	size_t cap;
	struct archive_span span;
	uint8_t link[SHA256_LEN];
	int64_t seq; /* of the last entry */
};

/* The next line; NULL: there is none, or it is no object. */
static json_t *read_object(struct reader *r)
{
	ssize_t n = getline(&r->line, &r->cap, r->file);
	json_error_t why;
	json_t *o;

	if (n < 1 || n > LINE_MAX_LEN || r->line[n - 1] != '\n')
		return NULL;
	o = json_loadb(r->line, (size_t)n, JSON_REJECT_DUPLICATES, &why);
	if (json_is_object(o))
		return o;
	json_decref(o);
	return NULL;
}

static bool digest_in(const json_t *o, const char *name, uint8_t out[static SHA256_LEN])
{
	const char *text = json_string_value(json_object_get(o, name));

	return text && hex_decode_exact(text, out, SHA256_LEN) == ERR_OK;
}

static enum err read_first_line(struct reader *r)
{
	json_t *o = read_object(r);
	const char *what = json_string_value(json_object_get(o, "what"));
	enum err e = ERR_CORRUPT;

	r->span.from = json_integer_value(json_object_get(o, "from"));
	r->span.to = json_integer_value(json_object_get(o, "to"));
	if (what && strcmp(what, WHAT) == 0 &&
	    json_integer_value(json_object_get(o, "format")) == FORMAT && r->span.from > 0 &&
	    r->span.to >= r->span.from && digest_in(o, "before", r->span.before))
		e = ERR_OK;
	memcpy(r->link, r->span.before, sizeof(r->link));
	r->seq = r->span.from - 1;
	json_decref(o);
	return e;
}

/* NULL: it is none. room: for one that is no UTF-8. */
static const char *entry_text(const json_t *o, char room[static TEXT_MAX])
{
	const char *hex = json_string_value(json_object_get(o, "hex"));
	struct wbuf w = wbuf_init((uint8_t *)room, TEXT_MAX - 1);

	if (!hex)
		return json_string_value(o);
	if (hex_decode(hex, &w))
		return NULL;
	room[w.len] = 0;
	return strlen(room) == w.len ? room : NULL;
}

static enum err read_entry_line(struct reader *r)
{
	json_t *o = read_object(r);
	uint8_t told[SHA256_LEN], want[SHA256_LEN];
	char rooms[TEXTS][TEXT_MAX];
	struct chain_entry entry = {.seq = json_integer_value(json_object_get(o, "seq")),
				    .at = json_integer_value(json_object_get(o, "at")),
				    .number = json_integer_value(json_object_get(o, "subscriber"))};
	bool whole = digest_in(o, "link", told) && entry.seq == r->seq + 1;
	enum err e;

	for (unsigned i = 0; i < TEXTS; i++) {
		entry.text[i] = entry_text(json_object_get(o, names[i]), rooms[i]);
		whole = whole && entry.text[i];
	}
	e = whole ? chain_link(r->chain, r->link, &entry, want) : ERR_CORRUPT;
	if (!e && !secret_equal(SLICE_OF(told), SLICE_OF(want)))
		e = ERR_CORRUPT;
	if (!e) {
		memcpy(r->link, want, sizeof(r->link));
		r->seq++;
	}
	json_decref(o);
	return e;
}

static enum err read_seal(struct reader *r)
{
	json_t *o = read_object(r);
	uint8_t told[SHA256_LEN], want[SHA256_LEN];
	enum err e = make_seal(r->chain, &r->span, r->link, want);

	if (!e && (!digest_in(o, "seal", told) || !secret_equal(SLICE_OF(told), SLICE_OF(want))))
		e = ERR_CORRUPT;
	if (!e && getc(r->file) != EOF)
		e = ERR_CORRUPT; /* something stands behind the end */
	json_decref(o);
	return e;
}

enum err archive_read(const struct chain *chain, const char *path, struct archive_span *span,
		      uint8_t link[static SHA256_LEN])
{
	struct reader r = {.chain = chain, .file = fopen(path, "re")};
	enum err e = r.file ? read_first_line(&r) : errno_err(errno);

	while (!e && r.seq < r.span.to)
		e = read_entry_line(&r);
	if (!e)
		e = read_seal(&r);
	if (r.file)
		fclose(r.file);
	free(r.line);
	*span = r.span;
	memcpy(link, r.link, SHA256_LEN);
	return e;
}
