/* transaction: what happens in the manager's store wholly or not at all (store.h) */
#include "host/operator/smdp/store/own.h"
#include "host/operator/smdp/store/store.h"

/* A full disk or an error of it makes the database take back the whole transaction. */
static bool is_lost(const struct smdp_store *s)
{
	return s->gathered && !db_is_open(s->db);
}

/* What one request does is a part of what is gathered, and can be taken back alone. */
static enum err begin_part(struct smdp_store *s)
{
	enum err e = ERR_OK;

	if (is_lost(s))
		return ERR_IO;
	if (!s->gathered)
		e = db_begin(s->db, DB_WRITE);
	if (e)
		return e;
	s->gathered = true;
	return db_part_begin(s->db);
}

enum err smdp_store_begin(struct smdp_store *s)
{
	enum err e = ERR_OK;

	if (s->depth == 0) {
		e = s->gathers ? begin_part(s) : db_begin(s->db, DB_WRITE);
		s->failed = false;
	}
	if (!e)
		s->depth++;
	return e;
}

enum err smdp_store_end(struct smdp_store *s, enum err e)
{
	if (e)
		s->failed = true;
	if (--s->depth)
		return e;
	if (s->failed && !e) /* something inside was not kept */
		e = ERR_IO;
	return s->gathers ? db_part_end(s->db, e) : db_end(s->db, e);
}

void smdp_store_gather(struct smdp_store *s)
{
	s->gathers = true;
	db_set_patience(s->db, false);
}

enum err smdp_store_settle(struct smdp_store *s)
{
	enum err e;

	if (!s->gathered)
		return ERR_OK;
	e = db_end(s->db, is_lost(s) ? ERR_IO : ERR_OK);
	s->gathered = false;
	return e;
}
