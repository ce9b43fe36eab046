#include "host/operator/store/growth/restored.h"

#include "host/operator/store/own.h"
#include "lib/auth/sqn.h"

#define EVENT	    "restore"
#define ACTOR	    "operator"
#define EPOCHS	    256 /* of challenges (challenge.c) */
#define EPOCHS_JUMP 97	/* odd: restored again and again it comes round after 256 times */

static uint64_t jump(uint64_t sqn)
{
	uint64_t low = sqn & (SQN_RESTORE_JUMP - 1), last = SQN_MAX - (SQN_RESTORE_JUMP - 1) + low;

	return sqn > SQN_MAX - SQN_RESTORE_JUMP ? (sqn > last ? sqn : last)
						: sqn + SQN_RESTORE_JUMP;
}

/* An AUTS for a challenge that was made before could set a counter back: they are of another epoch,
 * and of none that may have begun since the copy. */
static uint64_t deaf(uint64_t heard)
{
	return ((heard >> SQN_BITS) + EPOCHS_JUMP) % EPOCHS << SQN_BITS;
}

/* The last number of each subscription, then what was heard of it. */
static enum err read_numbers(struct operator_store *s, int64_t id, uint64_t n[static 4])
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(
		s->db, "SELECT sqn1, sqn2, heard1, heard2 FROM subscriber WHERE id = ?1", &st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	e = db_row(st);
	for (int i = 0; !e && i < 4; i++)
		n[i] = (uint64_t)db_int(st, i);
	db_done(st);
	return e;
}

/* An AUTS for a challenge of before the restore would set a counter back: none is heard. */
static enum err raise_numbers(struct operator_store *s, int64_t id)
{
	struct db_statement *st = NULL;
	uint64_t n[4];
	enum err e = read_numbers(s, id, n);

	if (!e)
		e = db_prepare(
			s->db,
			"UPDATE subscriber SET sqn1 = ?2, sqn2 = ?3, heard1 = ?4, heard2 = ?5"
			" WHERE id = ?1",
			&st);
	if (e)
		return e;
	db_bind_int(st, 1, id);
	for (int i = 0; i < 4; i++)
		db_bind_int(st, 2 + i, (int64_t)(i < 2 ? jump(n[i]) : deaf(n[i])));
	return db_run(st);
}

/* What was passed and what waits serves no more. */
static enum err forget_factors(struct operator_store *s, struct subscriber *row, int64_t step)
{
	struct book b;
	enum err e = row->totp_revision ? totp_use_up(s, row, step) : ERR_OK;

	row->first_factor_at = 0;
	row->second_factor_from = row->second_factor_until = 0;
	if (e || !row->book_revision)
		return e;
	e = book_read(s, row, &b);
	if (e)
		return e;
	book_forget(&b);
	return book_write(s, row, &b);
}

/* subscriber_write() authenticates the row with its new numbers: it was good when it was read. */
static enum err restore_one(struct operator_store *s, int64_t id, const struct restored *r)
{
	struct subscriber row;
	enum err e = subscriber_by_id(s, id, &row);

	if (!e)
		e = raise_numbers(s, id);
	if (!e)
		e = forget_factors(s, &row, r->totp_step);
	return e ? e : subscriber_write(s, &row);
}

static enum err next_id(struct operator_store *s, int64_t after, int64_t *id)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db,
				"SELECT id FROM subscriber WHERE id > ?1 ORDER BY id LIMIT 1", &st);

	if (e)
		return e;
	db_bind_int(st, 1, after);
	e = db_row(st);
	if (!e)
		*id = db_int(st, 0);
	db_done(st);
	return e;
}

static enum err drop_all(struct operator_store *s, const char *sql, int64_t *dropped)
{
	struct db_statement *st = NULL;
	int64_t n = 0;
	enum err e = db_prepare(s->db, sql, &st);

	if (!e)
		e = db_run_counted(st, &n);
	*dropped += n;
	return e;
}

static enum err restore_all(struct operator_store *s, struct restored *r)
{
	struct chain_entry entry = {.at = r->now, .text = {EVENT, "", "", ACTOR, r->evidence}};
	int64_t id = 0;
	enum err e = drop_all(s, "DELETE FROM pending", &r->dropped);

	if (!e)
		e = drop_all(s, "DELETE FROM awaited", &r->dropped);
	while (!e && (e = next_id(s, id, &id)) == ERR_OK) {
		e = restore_one(s, id, r);
		r->subscribers += !e;
		if (e == ERR_NOT_FOUND)
			e = ERR_CORRUPT;
	}
	if (e != ERR_NOT_FOUND)
		return e;
	return chain_append(&s->log, &entry);
}

enum err operator_store_restored(struct operator_store *s, struct restored *r)
{
	const struct restored asked = *r;
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		*r = asked;
		e = restore_all(s, r);
	}
	return e;
}
