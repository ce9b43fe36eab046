/* move: the operator's store in another database */
#include "host/operator/db/copy.h"
#include "host/operator/db/place.h"
#include "host/operator/store/own.h"
#include "tool/sys/folder.h"

static enum err open_new(const struct operator_store *s, const char *where, struct cancel *cancel,
			 struct operator_store *to)
{
	const struct db_place place = {
		.path = where, .space = "operator", .create = true, .cancel = cancel};
	enum err e = db_place_is_server(where) ? ERR_OK : folder_make_database(where);

	*to = (struct operator_store){.keyring = s->keyring};
	if (!e)
		e = db_open(&place, &to->db);
	if (e)
		return e;
	log_begin(to);
	return db_make(to->db, &store_schema, to);
}

enum err operator_store_copy(struct operator_store *s, const struct store_move *m)
{
	const struct db_copy_watch watch = {m->rows, m->ctx};
	struct operator_store to = {.db = NULL};
	enum err e = open_new(s, m->place, m->cancel, &to);

	if (!e)
		e = db_begin(to.db, DB_WRITE);
	if (!e)
		e = db_end(to.db,
			   db_copy_rows(s->db, to.db, &store_schema, m->rows ? &watch : NULL));
	db_close(&to.db);
	return e;
}

enum err operator_store_leave(struct operator_store *s)
{
	enum err e = db_alone(s->db);

	if (!e)
		e = db_begin(s->db, DB_WRITE);
	if (e)
		return e;
	e = db_hold(s->db, &store_schema);
	return e ? db_end(s->db, e) : ERR_OK;
}

enum err operator_store_left(struct operator_store *s, enum err e)
{
	return db_end(s->db, e ? e : db_retire(s->db));
}
