/* open: the manager's folder is made and opened (store.h) */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "host/operator/db/place.h"
#include "host/operator/smdp/store/own.h"
#include "host/operator/smdp/store/log.h"
#include "host/operator/smdp/store/schema.h"
#include "host/operator/smdp/store/store.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/folder.h"
#include "tool/sys/path.h"
#include "tool/sys/wait.h"

#define LOCK_PAUSE_MS 2

/* Who makes the folder's files, or brings them up to date, does it alone. */
static enum err lock_folder(const char *dir, struct cancel *cancel, int *fd)
{
	struct wait w = wait_begin(cancel, "another process, which has the manager's folder");
	static const struct folder_part parts[] = {
		{"manager.db", FOLDER_SECRET},	   {"manager.db-wal", FOLDER_SECRET},
		{"manager.db-shm", FOLDER_SECRET}, {"manager.db-journal", FOLDER_SECRET},
		{"manager.key", FOLDER_SECRET},	   {"database", FOLDER_SECRET},
	};
	enum err e = folder_check(dir, parts, ARRAY_LEN(parts), fd);

	if (e)
		return e;
	for (int waited = 0; flock(*fd, LOCK_EX | LOCK_NB); waited += LOCK_PAUSE_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return errno_err(errno);
		if (waited >= DB_PATIENCE_MS)
			return ERR_LOCKED;
		e = wait_pause(&w, LOCK_PAUSE_MS);
		if (e)
			return e;
	}
	return ERR_OK;
}

/* A key without database is of a folder whose making was cut short; a database without key is lost.
 */
static enum err open_key(struct smdp_store *s, const char *key, bool is_new, struct cancel *cancel)
{
	enum err e = keyring_open(key, is_new && access(key, F_OK) != 0, cancel, &s->keyring);

	return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
}

static enum err open_file(struct smdp_store *s, const struct db_place *place, const char *key)
{
	enum err e = open_key(s, key, access(place->path, F_OK) != 0, place->cancel);

	if (!e)
		e = folder_make_database(place->path);
	return e ? e : db_open(place, &s->db);
}

static enum err open_on_server(struct smdp_store *s, const struct db_place *place, const char *key)
{
	int version = 0;
	enum err e = db_open(place, &s->db);

	if (!e)
		e = db_version(s->db, &version);
	if (!e)
		e = open_key(s, key, version == 0, place->cancel);
	return !e && version ? keyring_fits(s->keyring, s->db) : e;
}

/* In a folder that is locked. */
static enum err open_files(struct smdp_store *s, const char *dir, struct cancel *cancel)
{
	char where[DB_PLACE_CAP], key[PATH_CAP];
	const struct db_place place = {
		.path = where, .space = DB_MANAGER, .create = true, .cancel = cancel};
	enum err e = db_place_find(dir, "manager.db", where);

	if (!e)
		e = path_join(dir, "manager.key", key, sizeof(key));
	if (!e)
		e = db_place_is_server(where) ? open_on_server(s, &place, key)
					      : open_file(s, &place, key);
	if (e)
		return e;
	smdp_log_begin(s);
	e = smdp_schema_apply(s);
	return e ? e : keyring_tell(s->keyring, smdp_schema_version());
}

enum err smdp_store_open(const char *dir, struct cancel *cancel, struct smdp_store **out)
{
	struct smdp_store *s = calloc(1, sizeof(*s));
	int lock = -1;
	enum err e = s ? file_make_dir(dir) : ERR_MEMORY;

	if (!e)
		e = lock_folder(dir, cancel, &lock);
	if (!e)
		e = open_files(s, dir, cancel);
	if (lock >= 0)
		close(lock);
	if (e)
		smdp_store_close(&s);
	else
		*out = s;
	return e;
}

enum err smdp_store_head(struct smdp_store *s, struct chain_stand *out)
{
	return chain_stand(&s->log, out);
}

void smdp_store_close(struct smdp_store **s)
{
	if (!*s)
		return;
	db_close(&(*s)->db);
	keyring_close(&(*s)->keyring);
	free(*s);
	*s = NULL;
}
