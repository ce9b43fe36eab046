/* move: the manager's store in another database (store.h) */
#include "host/operator/db/copy.h"
#include "host/operator/smdp/store/log.h"
#include "host/operator/smdp/store/own.h"
#include "host/operator/smdp/store/schema.h"
#include "host/operator/smdp/store/store.h"

static enum err make_tables(void *ctx, struct db *db)
{
	const struct smdp_store *s = ctx;
	struct smdp_store to = {.keyring = s->keyring, .db = db};

	smdp_log_begin(&to);
	return db_make(db, &smdp_schema, &to);
}

static struct db_store as_copied(struct smdp_store *s)
{
	return (struct db_store){
		.space = DB_MANAGER, .schema = &smdp_schema, .make = make_tables, .ctx = s};
}

enum err smdp_store_copy(struct smdp_store *s, const struct db_move *m)
{
	const struct db_store what = as_copied(s);

	return db_copy_store(s->db, &what, m);
}

enum err smdp_store_copy_to(struct smdp_store *s, const char *path)
{
	const struct db_store what = as_copied(s);

	return db_copy_into_file(s->db, &what, path);
}

enum err smdp_store_leave(struct smdp_store *s)
{
	return db_leave(s->db, &smdp_schema);
}
