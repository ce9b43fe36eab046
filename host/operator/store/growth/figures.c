#include "host/operator/store/growth/figures.h"

#include "host/operator/store/own.h"

static enum err count_rows_of(struct operator_store *s, const char *sql, int64_t *n)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, sql, &st);

	if (!e)
		e = db_row(st);
	if (!e)
		*n = db_int(st, 0);
	db_done(st);
	return e;
}

/* Subscribers are not counted: the head of the log knows how many there are. */
static enum err read_figures(struct operator_store *s, struct operator_figures *f)
{
	struct chain_head h;
	enum err e = chain_head(&s->log, &h);

	if (!e) {
		f->log_seq = h.seq;
		f->subscribers = members_told(&h);
		e = count_rows_of(s, "SELECT count(*) FROM pending", &f->pending);
	}
	if (!e)
		e = count_rows_of(s, "SELECT count(*) FROM awaited", &f->awaited);
	if (!e)
		e = count_rows_of(s, "SELECT count(*) FROM batch", &f->batches);
	return e;
}

enum err operator_store_figures(struct operator_store *s, struct operator_figures *out)
{
	struct operator_figures f = {.subscribers = 0};
	enum err e;

	DB_TRANSACTION (s->db, DB_READ, e)
		e = read_figures(s, &f);
	if (!e)
		*out = f;
	return e;
}
