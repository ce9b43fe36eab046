/* reseal: the message that brings the next sealed part to the card, made once for a keyId */
#include "host/operator/store/own.h"

enum err subscriber_reseal_get(struct operator_store *s, int64_t id, uint32_t key_id,
			       struct wbuf *out)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db,
				"SELECT reseal FROM subscriber WHERE id = ? AND spare_key_id = ?"
				" AND reseal IS NOT NULL",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	db_bind_int(st, 2, key_id);
	e = db_row(st);
	if (!e) {
		wbuf_put(out, db_bytes(st, 0));
		e = wbuf_done(out);
	}
	db_done(st);
	return e;
}

static enum err write_message(struct operator_store *s, int64_t id, uint32_t key_id,
			      struct slice message)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db,
				"UPDATE subscriber SET reseal = ?3 WHERE id = ?1"
				" AND spare_key_id = ?2 AND reseal IS NULL",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	db_bind_int(st, 2, key_id);
	db_bind_bytes(st, 3, message);
	return db_run(st);
}

enum err subscriber_reseal_keep(struct operator_store *s, int64_t id, uint32_t key_id,
				struct slice message)
{
	struct subscriber row;
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		e = subscriber_by_id(s, id, &row);
		if (!e)
			e = write_message(s, id, key_id, message);
		if (!e)
			e = subscriber_prove(s, id);
	}
	return e;
}
