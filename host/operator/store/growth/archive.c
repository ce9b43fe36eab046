#include "host/operator/store/growth/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/policy/state.h"
#include "host/operator/store/growth/archive_file.h"
#include "host/operator/store/own.h"
#include "lib/base/secret.h"
#include "tool/sys/cancel.h"
#include "tool/sys/trouble.h"

#define EVENT	     "archive"
#define ACTOR	     "operator"
#define LINK_COLUMN  8 /* of what span_sql selects */
#define EVIDENCE_MAX 64

/* Rows name them: of each subscriber the last entry and the last grant, of settings and accounts
 * the last change. ?1: the last that goes. */
#define NEEDED                                                                                     \
	"(SELECT max(seq) FROM log WHERE seq <= ?1 GROUP BY subscriber"                            \
	" UNION SELECT max(seq) FROM log WHERE seq <= ?1 AND event IN (?2, ?3) GROUP BY"           \
	" subscriber UNION SELECT max(seq) FROM log WHERE seq <= ?1 AND subscriber = 0 GROUP BY"   \
	" event, actor UNION SELECT max(seq) FROM log WHERE seq <= ?1 AND subscriber = 0 AND"      \
	" event = ?4 GROUP BY evidence)"

static enum err prepare_needed(struct operator_store *s, const char *sql, int64_t to,
			       struct db_statement **st)
{
	enum err e = db_prepare(s->db, sql, st);

	if (e)
		return e;
	db_bind_int(*st, 1, to);
	db_bind_text(*st, 2, event_name(EVENT_GRANT));
	db_bind_text(*st, 3, event_name(EVENT_GRANT_AGAIN));
	db_bind_text(*st, 4, event_name(EVENT_POLICY));
	return ERR_OK;
}

/* The first entry that is not old: entries need not be in the order of time. */
static enum err first_of(struct operator_store *s, int64_t after, int64_t moment, int64_t *seq)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, "SELECT min(seq) FROM log WHERE seq > ?1 AND at >= ?2", &st);

	if (e)
		return e;
	db_bind_int(st, 1, after);
	db_bind_int(st, 2, moment);
	e = db_row(st);
	if (!e)
		*seq = db_type(st, 0) == DB_INTEGER ? db_int(st, 0) : INT64_MAX;
	db_done(st);
	return e;
}

/* Which is the last to go; the anchor's own: none is. */
static enum err find_end(struct operator_store *s, const struct archive_order *o,
			 const struct chain_head *anchor, int64_t *to)
{
	struct chain_head head;
	int64_t first = 0;
	enum err e = chain_head(&s->log, &head);

	if (!e && o->by_time)
		e = first_of(s, anchor->seq, o->before, &first);
	if (e)
		return e;
	*to = o->by_time ? first - 1 : head.seq - o->keep;
	if (*to > head.seq - 1) /* the chain's end stays */
		*to = head.seq - 1;
	if (*to < anchor->seq)
		*to = anchor->seq;
	return ERR_OK;
}

/* Each is checked on its way out: what was changed does not leave as if it were good. */
static enum err write_entries(struct operator_store *s, struct archive_writer *w,
			      struct cancel *cancel)
{
	struct db_statement *st = NULL;
	struct chain_entry entry;
	uint8_t before[SHA256_LEN], link[SHA256_LEN];
	int64_t next = w->span.from;
	enum err e = db_prepare(s->db,
				"SELECT seq, at, subscriber, event, from_state, to_state, actor,"
				" evidence, link FROM log WHERE seq >= ?1 AND seq <= ?2 ORDER BY"
				" seq",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, w->span.from);
	db_bind_int(st, 2, w->span.to);
	while (!e && next <= w->span.to && (e = db_row(st)) == ERR_OK) {
		memcpy(before, w->link, sizeof(before));
		e = chain_read(&s->log, st, &entry);
		if (!e)
			e = chain_link(&s->log, before, &entry, link);
		if (!e &&
		    (entry.seq != next || !secret_equal(db_bytes(st, LINK_COLUMN), SLICE_OF(link))))
			e = ERR_CORRUPT;
		if (!e)
			e = archive_put(w, &entry, link);
		if (!e)
			e = cancel_check(cancel);
		next++;
	}
	db_done(st);
	return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
}

/* Those that stay are told the link before theirs, so that each proves itself. */
static enum err mark_kept(struct operator_store *s, const struct chain_head *anchor, int64_t to)
{
	struct db_statement *st = NULL;
	enum err e = prepare_needed(s,
				    "UPDATE log SET prior = coalesce((SELECT p.link FROM log AS p"
				    " WHERE p.seq = log.seq - 1), ?6) WHERE seq > ?5 AND seq <= ?1"
				    " AND seq IN " NEEDED,
				    to, &st);

	if (e)
		return e;
	db_bind_int(st, 5, anchor->seq);
	db_bind_bytes(st, 6, SLICE_OF(anchor->link));
	return db_run(st);
}

static enum err take_out(struct operator_store *s, int64_t to)
{
	struct db_statement *st = NULL;
	enum err e = prepare_needed(s, "DELETE FROM log WHERE seq <= ?1 AND seq NOT IN " NEEDED, to,
				    &st);

	return e ? e : db_run(st);
}

static enum err count_kept(struct operator_store *s, const struct archive_done *done, int64_t *n)
{
	struct db_statement *st = NULL;
	enum err e =
		db_prepare(s->db, "SELECT count(*) FROM log WHERE seq >= ?1 AND seq <= ?2", &st);

	if (e)
		return e;
	db_bind_int(st, 1, done->from);
	db_bind_int(st, 2, done->to);
	e = db_row(st);
	if (!e)
		*n = db_int(st, 0);
	db_done(st);
	return e;
}

/* Of the entries that the file has none is lost: it was written of this chain, from this anchor. */
static enum err shorten(struct operator_store *s, const struct archive_writer *w, int64_t now,
			struct archive_done *done)
{
	char evidence[EVIDENCE_MAX];
	struct chain_entry entry = {.at = now, .text = {EVENT, "", "", ACTOR, evidence}};
	struct chain_head anchor, next = {.seq = w->span.to};
	enum err e = chain_anchor(&s->log, &anchor);

	memcpy(next.link, w->link, sizeof(next.link));
	if (!e && (anchor.seq != w->span.from - 1 ||
		   !secret_equal(SLICE_OF(anchor.link), SLICE_OF(w->span.before))))
		e = trouble_set(ERR_LOCKED, "another process has archived the log meanwhile: the "
					    "file has entries that are archived elsewhere, remove "
					    "it");
	if (!e)
		e = mark_kept(s, &anchor, next.seq);
	if (!e)
		e = take_out(s, next.seq);
	if (!e)
		e = chain_set_anchor(&s->log, &next);
	if (!e)
		e = count_kept(s, done, &done->kept);
	snprintf(evidence, sizeof(evidence), "entries %lld to %lld", (long long)done->from,
		 (long long)done->to);
	return e ? e : chain_append(&s->log, &entry);
}

static enum err write_file(struct operator_store *s, const struct archive_order *o,
			   struct archive_writer *w)
{
	struct chain_head anchor;
	struct archive_span span = {.from = 0};
	enum err e = chain_anchor(&s->log, &anchor);

	if (!e)
		e = find_end(s, o, &anchor, &span.to);
	*w = (struct archive_writer){.fd = -1};
	if (e || span.to == anchor.seq)
		return e;
	span.from = anchor.seq + 1;
	memcpy(span.before, anchor.link, sizeof(span.before));
	e = archive_begin(w, &s->log, o->path, &span);
	if (!e)
		e = write_entries(s, w, o->cancel);
	return archive_end(w, e);
}

enum err operator_store_archive(struct operator_store *s, const struct archive_order *o,
				struct archive_done *done)
{
	struct archive_writer w;
	enum err e;

	trouble_forget();
	*done = (struct archive_done){.to = 0};
	e = db_begin(s->db, DB_READ);
	if (!e)
		e = db_end(s->db, write_file(s, o, &w));
	if (e || !w.span.to)
		return e;
	done->from = w.span.from;
	done->to = w.span.to;
	DB_TRANSACTION (s->db, DB_WRITE, e) {
		e = shorten(s, &w, o->now, done);
	}
	return e;
}

/* What a file has. */
struct part {
	const char *path;
	struct archive_span span;
	uint8_t last[SHA256_LEN];
};

static int by_number(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return x->span.from < y->span.from ? -1 : x->span.from > y->span.from;
}

static enum err read_parts(struct operator_store *s, struct part *parts, size_t n)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < n && !e; i++) {
		e = archive_read(&s->log, parts[i].path, &parts[i].span, parts[i].last);
		if (e == ERR_CORRUPT)
			e = trouble_set(e,
					"'%s' is not what was written, or is of another operator's "
					"log",
					parts[i].path);
		else if (e)
			e = trouble_set(e, "'%s': %s", parts[i].path, err_text(e));
	}
	qsort(parts, n, sizeof(*parts), by_number);
	return e;
}

/* One behind the other, from the first entry to the anchor. */
static enum err join_parts(const struct part *parts, size_t n, const struct chain_head *anchor,
			   int64_t *good)
{
	uint8_t link[SHA256_LEN] = {0};

	for (size_t i = 0; i < n; i++) {
		const struct archive_span *span = &parts[i].span;

		if (span->from > *good + 1)
			break;
		if (span->from <= *good)
			return trouble_set(ERR_EXISTS, "entry %lld is in '%s' and in another file",
					   (long long)span->from, parts[i].path);
		if (!secret_equal(SLICE_OF(span->before), SLICE_OF(link)))
			return trouble_set(ERR_CORRUPT, "'%s' does not go on from the entry before",
					   parts[i].path);
		if (span->to > anchor->seq)
			return trouble_set(
				ERR_EXISTS,
				"entries of '%s' are still in the log: the archiving was "
				"ended half way; remove the file and archive again",
				parts[i].path);
		*good = span->to;
		memcpy(link, parts[i].last, sizeof(link));
	}
	if (*good < anchor->seq)
		return trouble_set(ERR_NOT_FOUND,
				   "entry %lld, which was archived, is in none of the files",
				   (long long)*good + 1);
	return secret_equal(SLICE_OF(link), SLICE_OF(anchor->link))
		       ? ERR_OK
		       : trouble_set(ERR_CORRUPT, "the files do not end where the log goes on");
}

enum err operator_store_prove(struct operator_store *s, const char *const *paths, size_t n,
			      int64_t *good)
{
	struct part *parts = calloc(n ? n : 1, sizeof(*parts));
	struct chain_head anchor;
	enum err e = parts ? ERR_OK : ERR_MEMORY;

	trouble_forget();
	*good = 0;
	for (size_t i = 0; i < n && parts; i++)
		parts[i].path = paths[i];
	if (!e)
		e = read_parts(s, parts, n);
	if (!e)
		e = db_begin(s->db, DB_READ);
	if (!e)
		e = db_end(s->db, chain_anchor(&s->log, &anchor));
	if (!e)
		e = join_parts(parts, n, &anchor, good);
	free(parts);
	return e;
}
