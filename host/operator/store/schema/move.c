/* move: the operator's store in another database */
#include "host/operator/db/copy.h"
#include "host/operator/store/own.h"

static enum err make_tables(void *ctx, struct db *db)
{
	const struct operator_store *s = ctx;
	struct operator_store to = {.keyring = s->keyring, .db = db};

	log_begin(&to);
	return db_make(db, &store_schema, &to);
}

static struct db_store as_copied(struct operator_store *s)
{
	return (struct db_store){
		.space = DB_OPERATOR, .schema = &store_schema, .make = make_tables, .ctx = s};
}

enum err operator_store_copy(struct operator_store *s, const struct db_move *m)
{
	const struct db_store what = as_copied(s);

	return db_copy_store(s->db, &what, m);
}

enum err operator_store_copy_to(struct operator_store *s, const char *path)
{
	const struct db_store what = as_copied(s);

	return db_copy_into_file(s->db, &what, path);
}

enum err operator_store_leave(struct operator_store *s)
{
	return db_leave(s->db, &store_schema);
}

enum err operator_store_retire(struct operator_store *s, int64_t when)
{
	return db_retire(s->db, when);
}
