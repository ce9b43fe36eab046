#include "host/operator/smdp/store/log.h"

#include "host/operator/smdp/store/own.h"

#define COLUMNS "seq, at, iccid, event, from_state, to_state, actor, evidence"

static const struct chain_kind profile_log = {
	.label = "manager log",
	.select = "SELECT " COLUMNS ", link FROM log WHERE seq > ?1 ORDER BY seq LIMIT ?2",
	.insert = "INSERT INTO log (" COLUMNS ", link) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	.texts = 6,
};

void smdp_log_begin(struct smdp_store *s)
{
	s->log = (struct chain){.kind = &profile_log, .db = s->db, .keyring = s->keyring};
}

enum err smdp_log_append(struct smdp_store *s, struct smdp_log_entry *entry)
{
	struct chain_entry r = {.at = entry->at,
				.text = {entry->iccid, entry->event, entry->from, entry->to,
					 entry->actor, entry->evidence}};
	enum err e = chain_append(&s->log, &r);

	entry->seq = r.seq;
	return e;
}

static void read_entry(const struct db_statement *st, struct smdp_log_entry *r)
{
	*r = (struct smdp_log_entry){.seq = db_int(st, 0), .at = db_int(st, 1)};
	db_text(st, 2, r->iccid, sizeof(r->iccid));
	db_text(st, 3, r->event, sizeof(r->event));
	db_text(st, 4, r->from, sizeof(r->from));
	db_text(st, 5, r->to, sizeof(r->to));
	db_text(st, 6, r->actor, sizeof(r->actor));
	db_text(st, 7, r->evidence, sizeof(r->evidence));
}

enum err smdp_log_each(struct smdp_store *s,
		       bool (*each)(void *ctx, const struct smdp_log_entry *e), void *ctx)
{
	struct db_walk w = {.db = s->db,
			    .after = INT64_MIN,
			    .sql = "SELECT " COLUMNS
				   " FROM log WHERE seq > ?1 ORDER BY seq LIMIT ?2"};
	struct smdp_log_entry r;
	enum err e;

	while ((e = db_walk_row(&w)) == ERR_OK) {
		read_entry(w.row, &r);
		if (!each(ctx, &r))
			break;
	}
	db_walk_end(&w);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}
