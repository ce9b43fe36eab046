/* move: the manager's store in another database (store.h) */
#include "host/operator/db/copy.h"
#include "host/operator/db/place.h"
#include "host/operator/smdp/store/log.h"
#include "host/operator/smdp/store/own.h"
#include "host/operator/smdp/store/schema.h"
#include "host/operator/smdp/store/store.h"
#include "tool/sys/folder.h"

static enum err open_new(const struct smdp_store *s, const struct smdp_move *m,
			 struct smdp_store *to)
{
	const struct db_place place = {
		.path = m->place, .space = "manager", .create = true, .cancel = m->cancel};
	enum err e = db_place_is_server(m->place) ? ERR_OK : folder_make_database(m->place);

	*to = (struct smdp_store){.keyring = s->keyring};
	if (!e)
		e = db_open(&place, &to->db);
	if (e)
		return e;
	smdp_log_begin(to);
	return db_make(to->db, &smdp_schema, to);
}

enum err smdp_store_copy(struct smdp_store *s, const struct smdp_move *m)
{
	struct smdp_store to = {.db = NULL};
	enum err e = open_new(s, m, &to);

	if (!e)
		e = db_begin(to.db, DB_WRITE);
	if (!e)
		e = db_end(to.db, db_copy_rows(s->db, to.db, &smdp_schema, NULL));
	db_close(&to.db);
	return e;
}

enum err smdp_store_leave(struct smdp_store *s)
{
	enum err e = db_alone(s->db);

	if (!e)
		e = db_begin(s->db, DB_WRITE);
	if (e)
		return e;
	e = db_hold(s->db, &smdp_schema);
	return e ? db_end(s->db, e) : ERR_OK;
}

enum err smdp_store_left(struct smdp_store *s, enum err e)
{
	return db_end(s->db, e ? e : db_retire(s->db));
}
