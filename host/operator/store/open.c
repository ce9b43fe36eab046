/* open: the operator's folder is made and opened */
#include <stdlib.h>
#include <unistd.h>

#include "host/operator/pki/private.h"
#include "host/operator/store/own.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/folder.h"

void operator_store_hurry(struct operator_store *s)
{
	db_hurry(s->db);
}

static enum err check_version(struct operator_store *s)
{
	int version = 0;
	enum err e = db_version(s->db, &version);

	if (!e && version < keyring_version(s->keyring))
		e = ERR_CORRUPT; /* it was brought up before: somebody has set it back */
	return e ? e : db_raise(s->db, &store_schema, s);
}

static enum err open_store(const char *dir, bool create, struct cancel *cancel,
			   struct operator_store **out)
{
	struct operator_store *s = calloc(1, sizeof(*s));
	char db[PATH_CAP], key[PATH_CAP];
	enum err e = s ? path_join(dir, "operator.db", db, sizeof(db)) : ERR_MEMORY;

	if (!e)
		e = path_join(dir, "store.key", key, sizeof(key));
	if (!e && create && access(db, F_OK) == 0)
		e = ERR_EXISTS;
	if (!e && create)
		e = file_make_dir(dir);
	if (!e)
		e = operator_folder_check(dir);
	if (!e && !create && access(db, F_OK) != 0)
		e = ERR_NOT_FOUND;
	if (!e)
		e = keyring_open(key, create, &s->keyring);
	if (!e && create)
		e = folder_make_database(db);
	if (!e)
		e = db_open(&(struct db_place){.path = db, .create = create, .cancel = cancel},
			    &s->db);
	if (!e) {
		log_begin(s);
		e = create ? db_make(s->db, &store_schema, s) : check_version(s);
	}
	if (!e)
		e = keyring_tell(s->keyring, db_schema_version(&store_schema));
	if (e)
		operator_store_close(&s);
	else
		*out = s;
	return e;
}

enum err operator_store_create(const char *dir, struct cancel *cancel, struct operator_store **out)
{
	return open_store(dir, true, cancel, out);
}

enum err operator_store_open(const char *dir, struct cancel *cancel, struct operator_store **out)
{
	return open_store(dir, false, cancel, out);
}

void operator_store_close(struct operator_store **s)
{
	if (!*s)
		return;
	db_close(&(*s)->db);
	keyring_close(&(*s)->keyring);
	free(*s);
	*s = NULL;
}
