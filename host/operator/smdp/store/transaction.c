/* transaction: what happens in the manager's store wholly or not at all (store.h) */
#include "host/operator/smdp/store/own.h"
#include "host/operator/smdp/store/store.h"

enum err smdp_store_begin(struct smdp_store *s)
{
	return db_begin(s->db, DB_WRITE);
}

enum err smdp_store_end(struct smdp_store *s, enum err e)
{
	return db_end(s->db, e);
}

bool smdp_store_end_or_again(struct smdp_store *s, enum err *e)
{
	return db_end_or_again(s->db, e);
}

void smdp_store_gather(struct smdp_store *s)
{
	db_gather(s->db);
}

enum err smdp_store_settle(struct smdp_store *s, enum err e)
{
	return db_settle(s->db, e);
}
