/* pass: which second factors a release wants, and what comes of one that was passed. What is wanted
 * is sealed for the log's entry about its last change. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/policy/decide.h"
#include "host/operator/store/own.h"
#include "lib/base/utf8.h"

#define LABEL_MAX  40
#define SEALED_MAX 128
#define NAME	   "factors"
#define FOUR_EYES  " four-eyes"
#define PART_MAX   400
#define SAID_MAX   256 /* of it what was passed */

/* The last entry about it; 0: nobody has set it. */
static enum err last_change(struct operator_store *s, int64_t *seq)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db,
				"SELECT coalesce(max(seq), 0) FROM log WHERE subscriber = 0 AND"
				" event = ?1 AND evidence = ?2",
				&st);

	if (e)
		return e;
	db_bind_text(st, 1, event_name(EVENT_POLICY));
	db_bind_text(st, 2, NAME);
	e = db_row(st);
	if (!e)
		*seq = db_int(st, 0);
	db_done(st);
	return e;
}

static void label_for(int64_t seq, char label[static LABEL_MAX])
{
	snprintf(label, LABEL_MAX, "wants/%" PRId64, seq);
}

static enum err parse_wants(struct slice plain, struct factor_wants *out)
{
	char text[FACTOR_WANTS_CAP + sizeof(FOUR_EYES)];
	enum err e = slice_text(plain, text, sizeof(text));
	char *eyes = e ? NULL : strstr(text, FOUR_EYES);

	if (e)
		return ERR_CORRUPT;
	*out = (struct factor_wants){.four_eyes = eyes != NULL};
	if (eyes)
		*eyes = 0;
	return factor_wants_parse(text, out) ? ERR_CORRUPT : ERR_OK;
}

static void write_out(const struct factor_wants *w, char text[static FACTOR_WANTS_CAP + 16])
{
	char kinds[FACTOR_WANTS_CAP];

	factor_wants_text(w, kinds);
	snprintf(text, FACTOR_WANTS_CAP + 16, "%s%s", kinds, w->four_eyes ? FOUR_EYES : "");
}

static enum err read_operators(struct operator_store *s, struct factor_wants *out)
{
	struct wbuf plain = wbuf_grow(SEALED_MAX);
	struct db_statement *st = NULL;
	char label[LABEL_MAX];
	int64_t seq = 0;
	enum err e = last_change(s, &seq);

	*out = FACTOR_WANTS_ONE;
	if (e || !seq)
		return e;
	label_for(seq, label);
	e = db_prepare(s->db, "SELECT value FROM wants WHERE id = 1", &st);
	if (!e)
		e = db_row(st);
	if (!e)
		e = keyring_unseal(s->keyring, slice_str(label), db_bytes(st, 0), &plain);
	db_done(st);
	if (!e)
		e = parse_wants(wbuf_slice(&plain), out);
	wbuf_free(&plain);
	return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
}

enum err wants_read(struct operator_store *s, const struct book *b, struct factor_wants *out)
{
	*out = b->wants;
	return b->has_wants ? ERR_OK : read_operators(s, out);
}

enum err factor_wants_get(struct operator_store *s, struct factor_wants *out)
{
	enum err e;

	DB_TRANSACTION (s->db, DB_READ, e)
		e = read_operators(s, out);
	return e;
}

enum err factor_wants_of(struct operator_store *s, int64_t id, struct factor_wants *out)
{
	enum err e;
	struct book b;

	DB_TRANSACTION (s->db, DB_READ, e) {
		e = factor_book(s, id, &b);
		e = e ? e : wants_read(s, &b, out);
	}
	return e;
}

static enum err keep_wants(struct operator_store *s, const char *text, int64_t seq)
{
	struct wbuf sealed = wbuf_grow(SEALED_MAX + KEYRING_SEALED_MORE);
	struct db_statement *st = NULL;
	char label[LABEL_MAX];
	enum err e;

	label_for(seq, label);
	e = keyring_seal(s->keyring, slice_str(label), slice_str(text), &sealed);
	if (!e)
		e = db_prepare(s->db,
			       "INSERT INTO wants (id, value) VALUES (1, ?1) ON CONFLICT (id) DO"
			       " UPDATE SET value = excluded.value",
			       &st);
	if (!e) {
		db_bind_bytes(st, 1, wbuf_slice(&sealed));
		e = db_run(st);
	}
	wbuf_free(&sealed);
	return e;
}

enum err factor_wants_set(struct operator_store *s, const struct factor_wants *w, const char *actor,
			  int64_t now)
{
	char before[FACTOR_WANTS_CAP + 16] = "", after[FACTOR_WANTS_CAP + 16] = "";
	struct factor_wants was;
	struct chain_entry entry = {.at = now,
				    .text = {event_name(EVENT_POLICY), before, after, actor, NAME}};
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		e = read_operators(s, &was);
		if (!e) {
			write_out(&was, before);
			write_out(w, after);
		}
		if (!e && strcmp(before, after) != 0) {
			e = chain_append(&s->log, &entry);
			if (!e)
				e = keep_wants(s, after, entry.seq);
		}
	}
	return e;
}

/* What the log says of a part: what it was, and what is missing. */
static void part_evidence(const struct factor_pass *pass, unsigned missing,
			  char text[static PART_MAX])
{
	const char *said = pass->event->evidence ? pass->event->evidence : "";
	int n = snprintf(text, PART_MAX, "%.*s; still wanted:", utf8_fit(said, SAID_MAX), said);

	for (unsigned k = 0; k < FACTOR_KINDS; k++)
		if (missing & FACTOR_BIT(k))
			n += snprintf(text + n, PART_MAX - (size_t)n, " %s",
				      factor_kind_name((enum factor_kind)k));
}

enum err factor_take_pass(struct operator_store *s, struct subscriber *row, struct book *b,
			  const struct factor_pass *pass)
{
	struct subscriber_event ev = *pass->event;
	struct factor_wants wants;
	char evidence[PART_MAX];
	int64_t until = 0;
	enum err e = b->locked ? ERR_REFUSED : wants_read(s, b, &wants);

	if (!e && !(wants.kinds & FACTOR_BIT(pass->kind)))
		e = ERR_UNSUPPORTED;
	if (!e) /* what the state cannot take is no part of anything */
		e = subscriber_takes_factor(row);
	if (e)
		return e;
	b->passed[pass->kind] = (struct factor_passed){ev.now, ev.now + ev.valid_s};
	if (factor_wants_met(&wants, b->passed, ev.now, &until)) {
		ev.valid_s = until - ev.now;
	} else {
		part_evidence(pass, factor_wants_missing(&wants, b->passed, ev.now), evidence);
		ev.kind = EVENT_PART;
		ev.evidence = evidence;
	}
	e = book_write(s, row, b);
	return e ? e : event_take(s, row, &ev);
}

static enum err allow_attempt(struct operator_store *s, const struct subscriber *row,
			      const struct factor_step *step)
{
	struct factor_wants wants = {0};
	struct book b;
	enum err e = subscriber_takes_factor(row);

	if (!e)
		e = book_read(s, row, &b);
	if (!e)
		e = wants_read(s, &b, &wants);
	return !e && !(wants.kinds & FACTOR_BIT(step->kind)) ? ERR_UNSUPPORTED : e;
}

/* *verdict: what take() made of it; the result: whether that can be kept. */
static enum err take_step(struct operator_store *s, struct subscriber *row,
			  const struct factor_step *step, enum err *verdict)
{
	struct subscriber_event ev = {.now = step->now};
	const struct factor_pass pass = {step->kind, &ev};
	struct book b;
	enum err e = book_read(s, row, &b);

	if (e)
		return e;
	*verdict = step->take(step->ctx, row, &b, &ev);
	if (!ev.kind)
		return *verdict; /* nothing happened: nothing is kept */
	if (ev.kind == EVENT_FACTOR)
		return factor_take_pass(s, row, &b, &pass);
	e = book_write(s, row, &b);
	return e ? e : event_take(s, row, &ev);
}

enum err factor_step(struct operator_store *s, int64_t id, const struct factor_step *step,
		     struct subscriber *after)
{
	enum err verdict = ERR_OK, e;
	struct subscriber row;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		verdict = ERR_OK;
		e = subscriber_by_id(s, id, &row);
		if (!e && step->attempt)
			e = allow_attempt(s, &row, step);
		if (!e)
			e = take_step(s, &row, step, &verdict);
	}
	if (!e && after)
		*after = row;
	return e ? e : verdict;
}

static enum err copy_event(void *ctx, const struct subscriber *row, struct book *b,
			   struct subscriber_event *ev)
{
	(void)row, (void)b;
	*ev = *(const struct subscriber_event *)ctx;
	return ERR_OK;
}

enum err factor_pass(struct operator_store *s, int64_t id, enum factor_kind kind,
		     const struct subscriber_event *ev, struct subscriber *after)
{
	struct subscriber_event given = *ev;
	const struct factor_step step = {
		.kind = kind, .now = ev->now, .take = copy_event, .ctx = &given};

	return factor_step(s, id, &step, after);
}
