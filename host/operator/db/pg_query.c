#include "host/operator/db/pg_query.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"

#define BINARY 1
/* A whole table takes its time: of this transaction alone, which copies. */
#define NO_LIMITS                                                                                  \
	"SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"

static const char *const controls[] = {"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"};
static const char *const changes[] = {"INSERT", "UPDATE", "DELETE"};
static const char *const selects[] = {"SELECT", "WITH"};

static bool begins_with_one_of(const char *sql, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(sql, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

static enum err find_kind(struct pg_query *q, const char *sql)
{
	if (begins_with_one_of(sql, controls, ARRAY_LEN(controls)))
		q->kind = PG_CONTROL;
	else if (begins_with_one_of(sql, changes, ARRAY_LEN(changes)))
		q->kind = PG_CHANGE;
	else if (begins_with_one_of(sql, selects, ARRAY_LEN(selects)))
		q->kind = PG_SELECT;
	else
		return ERR_VALUE;
	return ERR_OK;
}

/* The parameter that '?' at *p stands for; *p moves behind it. */
static unsigned parameter_of(struct pg_query *q, const char **p, unsigned *last)
{
	unsigned n = 0;

	for (++*p; isdigit((unsigned char)**p); ++*p)
		n = n * 10 + (unsigned)(**p - '0');
	if (!n)
		n = ++*last;
	if (n > q->parameters)
		q->parameters = n;
	return n;
}

/* ? and ?1 of the seam are $1 of PostgreSQL; what is quoted stays. */
static void translate(struct pg_query *q, const char *sql, struct wbuf *out)
{
	unsigned last = 0;
	bool quoted = false;

	while (*sql) {
		char number[12];

		quoted ^= *sql == '\'';
		if (*sql != '?' || quoted) {
			wbuf_u8(out, (uint8_t)*sql++);
			continue;
		}
		snprintf(number, sizeof(number), "$%u", parameter_of(q, &sql, &last));
		wbuf_put(out, slice_str(number));
	}
	wbuf_u8(out, 0);
}

enum err pg_query_make(struct pg_link *l, const char *sql, struct pg_query **out)
{
	struct pg_query *q = calloc(1, sizeof(*q));
	struct wbuf text = wbuf_grow(SIZE_MAX);
	enum err e = q ? find_kind(q, sql) : ERR_MEMORY;

	if (!e) {
		translate(q, sql, &text);
		e = wbuf_done(&text);
	}
	if (!e && q->parameters > PG_PARAMETERS_MAX)
		e = ERR_VALUE;
	if (!e)
		q->text = strdup((const char *)text.ptr);
	if (!e && !q->text)
		e = ERR_MEMORY;
	wbuf_free(&text);
	if (e) {
		free(q);
		return e;
	}
	q->link = l;
	q->row = -1;
	snprintf(q->name, sizeof(q->name), "s%u", ++l->names);
	*out = q;
	return ERR_OK;
}

void pg_query_free(struct pg_query *q)
{
	if (!q)
		return;
	pg_query_reset(q);
	free(q->text);
	free(q);
}

enum err pg_query_bind(struct pg_query *q, int at, Oid type, struct slice value)
{
	struct pg_parameter *p;

	if (at < 1 || (unsigned)at > q->parameters)
		return ERR_VALUE;
	p = &q->bound[at - 1];
	secret_wipe(p->mem, p->len);
	free(p->mem);
	p->mem = malloc(value.len + 1);
	if (!p->mem)
		return ERR_MEMORY;
	if (value.len)
		memcpy(p->mem, value.ptr, value.len);
	p->len = value.len;
	p->type = type;
	return ERR_OK;
}

/* NULL has any type. */
static bool is_prepared(const struct pg_query *q)
{
	if (q->generation != q->link->generation)
		return false;
	for (unsigned i = 0; i < q->parameters; i++)
		if (q->bound[i].type && q->bound[i].type != q->prepared[i])
			return false;
	return true;
}

static enum err forget_prepared(struct pg_query *q)
{
	char sql[40];

	snprintf(sql, sizeof(sql), "DEALLOCATE %s", q->name);
	return pg_link_take(q->link, PQsendQuery(q->link->pg, sql), NULL);
}

static enum err prepare(struct pg_query *q)
{
	struct pg_link *l = q->link;
	enum err e = ERR_OK;

	if (is_prepared(q))
		return ERR_OK;
	if (q->generation == l->generation)
		e = forget_prepared(q); /* it was for other types */
	else
		memset(q->prepared, 0, sizeof(q->prepared));
	if (e) /* in a transaction that has failed: it stays as it was */
		return e;
	for (unsigned i = 0; i < q->parameters; i++)
		if (q->bound[i].type)
			q->prepared[i] = q->bound[i].type;
	e = pg_link_take(l, PQsendPrepare(l->pg, q->name, q->text, (int)q->parameters, q->prepared),
			 NULL);
	q->generation = e ? 0 : l->generation;
	return e;
}

static bool send_off(const struct pg_query *q)
{
	const char *values[PG_PARAMETERS_MAX];
	int lengths[PG_PARAMETERS_MAX], formats[PG_PARAMETERS_MAX];

	for (unsigned i = 0; i < q->parameters; i++) {
		values[i] = q->bound[i].type ? (const char *)q->bound[i].mem : NULL;
		lengths[i] = (int)q->bound[i].len;
		formats[i] = BINARY;
	}
	return PQsendQueryPrepared(q->link->pg, q->name, (int)q->parameters, values, lengths,
				   formats, BINARY) == 1;
}

static enum err send(struct pg_query *q)
{
	return pg_link_take(q->link, send_off(q), &q->rows);
}

/* The end of a transaction that had failed says that it was taken back. */
static enum err control(struct pg_query *q)
{
	struct pg_link *l = q->link;
	enum err e = pg_link_take(l, PQsendQuery(l->pg, q->text), &q->rows);

	if (!e && *q->text == 'C' && strcmp(PQcmdStatus(q->rows), "COMMIT") != 0)
		e = ERR_IO;
	return e;
}

static enum err run_once(struct pg_query *q)
{
	enum err e = pg_link_need(q->link);

	if (!e && q->kind == PG_CONTROL)
		return control(q);
	if (!e)
		e = prepare(q);
	return e ? e : send(q);
}

/* What was lost with a connection is told. A new one is made where nothing was lost: for the
 * beginning of a transaction, and for who reads outside of one. */
static enum err run_or_again(struct pg_query *q)
{
	bool inside = pg_link_is_inside(q->link), begins = q->kind == PG_CONTROL && *q->text == 'B';
	enum err e;

	if (q->kind == PG_CONTROL && !begins && !inside)
		return ERR_DB_AWAY;
	e = run_once(q);
	return e == ERR_DB_AWAY && !inside && (begins || q->kind == PG_SELECT) ? run_once(q) : e;
}

/* The next row of those that come one by one. The last result has none. */
static enum err stream(struct pg_query *q)
{
	struct pg_link *l = q->link;
	enum err e = ERR_OK;

	if (q->row < 0) {
		e = pg_link_need(l);
		if (!e && pg_link_is_inside(l))
			e = pg_link_take(l, PQsendQuery(l->pg, NO_LIMITS), NULL);
		if (!e)
			e = prepare(q);
		if (!e)
			e = send_off(q) && PQsetSingleRowMode(l->pg) ? ERR_OK : ERR_DB_AWAY;
		if (e)
			return e;
	}
	q->row = 0;
	PQclear(q->rows);
	q->rows = NULL;
	e = pg_link_next(l, &q->rows);
	if (e || PQntuples(q->rows))
		return e;
	e = pg_link_take(l, 1, NULL); /* there is no more */
	return e ? e : ERR_NOT_FOUND;
}

enum err pg_query_step(struct pg_query *q)
{
	enum err e = ERR_OK;

	if (q->streams)
		return stream(q);
	if (q->row < 0)
		e = run_or_again(q);

	if (e)
		return e;
	return ++q->row < PQntuples(q->rows) ? ERR_OK : ERR_NOT_FOUND;
}

void pg_query_reset(struct pg_query *q)
{
	if (q->streams && q->row >= 0 && q->rows && PQntuples(q->rows))
		pg_link_skip(q->link); /* rows that nobody wants any more */
	PQclear(q->rows);
	q->rows = NULL;
	q->row = -1;
	for (unsigned i = 0; i < PG_PARAMETERS_MAX; i++) {
		secret_wipe(q->bound[i].mem, q->bound[i].len);
		free(q->bound[i].mem);
		q->bound[i] = (struct pg_parameter){.type = 0};
	}
}
