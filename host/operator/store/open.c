/* open: the operator's folder is made and opened */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "host/operator/db/place.h"
#include "host/operator/pki/operator_folder.h"
#include "host/operator/store/schema/adopt.h"
#include "host/operator/store/own.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/errno.h"
#include "tool/sys/folder.h"
#include "tool/sys/wait.h"

#define LOCK_PAUSE_MS 20

void operator_store_hurry(struct operator_store *s)
{
	db_hurry(s->db);
}

void operator_store_gather(struct operator_store *s)
{
	db_gather(s->db);
}

enum err operator_store_settle(struct operator_store *s, enum err e)
{
	return db_settle(s->db, e);
}

enum err operator_store_revision(struct operator_store *s, int64_t *number)
{
	return db_revision(s->db, number);
}

enum err operator_store_head(struct operator_store *s, struct chain_stand *out)
{
	return chain_stand(&s->log, out);
}

enum err operator_store_begin(struct operator_store *s)
{
	return db_begin(s->db, DB_WRITE);
}

enum err operator_store_end(struct operator_store *s, enum err e)
{
	return db_end(s->db, e);
}

bool operator_store_end_or_again(struct operator_store *s, enum err *e)
{
	return db_end_or_again(s->db, e);
}

struct operator_tally operator_store_tally(const struct operator_store *s)
{
	struct db_tally t = db_tally(s->db);

	return (struct operator_tally){.selects = t.selects,
				       .transactions = t.transactions,
				       .unsealed = keyring_unsealed(s->keyring)};
}

/* Puts a copy of the database beside it, whole or not at all; of a server's the database does. */
static enum err keep_copy(struct operator_store *s, int folder, int version)
{
	char name[40], path[PATH_CAP], tmp[PATH_CAP + 4];
	enum err e = db_keep(s->db, version);

	if (e != ERR_UNSUPPORTED)
		return e;
	snprintf(name, sizeof(name), "operator.db.before-%d", version);
	e = path_join(s->dir, name, path, sizeof(path));
	if (e)
		return e;
	snprintf(tmp, sizeof(tmp), "%s.new", path);
	unlink(tmp); /* of a time that was cut */
	e = db_copy_to(s->db, tmp);
	if (!e && rename(tmp, path))
		e = errno_err(errno);
	if (e)
		unlink(tmp);
	return !e && fsync(folder) ? errno_err(errno) : e;
}

/* One process at a time brings a folder up: no other one copies a database that is half new. */
static enum err raise_version(struct operator_store *s, int folder, struct cancel *cancel)
{
	struct wait w =
		wait_begin(cancel, "another process, which brings the operator's folder up");
	int version = 0;
	enum err e = ERR_OK;

	while (!e && flock(folder, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return errno_err(errno);
		e = wait_now_ms() - w.since_ms < DB_PATIENCE_MS ? wait_pause(&w, LOCK_PAUSE_MS)
								: ERR_LOCKED;
	}
	if (!e)
		e = db_version(s->db, &version);
	if (!e && version >= store_schema.oldest && version < db_schema_version(&store_schema))
		e = keep_copy(s, folder, version);
	return e ? e : db_raise(s->db, &store_schema, s);
}

static enum err check_version(struct operator_store *s, struct cancel *cancel)
{
	int version = 0, folder = -1;
	enum err e = db_version(s->db, &version);

	if (!e && version < keyring_version(s->keyring))
		e = ERR_CORRUPT; /* it was brought up before: somebody has set it back */
	if (!e && version != db_schema_version(&store_schema)) {
		e = folder_open(s->dir, &folder);
		if (!e) {
			e = raise_version(s, folder, cancel);
			close(folder);
		}
	}
	if (!e)
		adopt_remove_files(s);
	return e;
}

/* init has made it before, where it is to be sealed. */
static enum err open_keyring(struct operator_store *s, const char *key, bool create,
			     struct cancel *cancel)
{
	return keyring_open(key, create && access(key, F_OK) != 0, cancel, &s->keyring);
}

/* A new one is made where there is none; any other is one that is there. */
static enum err check_on_server(struct operator_store *s, bool create)
{
	int version = 0;
	enum err e = db_version(s->db, &version);

	if (!e && create && version)
		e = ERR_EXISTS;
	return !e && !create && !version ? ERR_NOT_FOUND : e;
}

static enum err open_database(struct operator_store *s, const char *where, bool create,
			      struct cancel *cancel)
{
	const struct db_place place = {
		.path = where, .space = DB_OPERATOR, .create = create, .cancel = cancel};
	bool is_file = !db_place_is_server(where);
	enum err e = create && is_file ? folder_make_database(where) : ERR_OK;

	if (!e)
		e = db_open(&place, &s->db);
	return !e && !is_file ? check_on_server(s, create) : e;
}

/* On a server nothing is made, no key either, where another store is. */
static enum err open_both(struct operator_store *s, const char *where, bool create,
			  struct cancel *cancel)
{
	char key[PATH_CAP];
	enum err e = path_join(s->dir, "store.key", key, sizeof(key));

	if (!e && !db_place_is_server(where)) {
		e = open_keyring(s, key, create, cancel);
		return e ? e : open_database(s, where, create, cancel);
	}
	if (!e)
		e = open_database(s, where, create, cancel);
	if (!e)
		e = open_keyring(s, key, create, cancel);
	return !e && !create ? keyring_fits(s->keyring, s->db) : e;
}

/* Of a file: whether it is there. */
static enum err check_file(const char *where, bool create)
{
	if (db_place_is_server(where) || create == (access(where, F_OK) != 0))
		return ERR_OK;
	return create ? ERR_EXISTS : ERR_NOT_FOUND;
}

static enum err open_store(const char *dir, bool create, struct cancel *cancel,
			   struct operator_store **out)
{
	struct operator_store *s = calloc(1, sizeof(*s));
	char where[DB_PLACE_CAP];
	enum err e = s ? slice_text(slice_str(dir), s->dir, sizeof(s->dir)) : ERR_MEMORY;

	if (!e)
		e = db_place_find(dir, "operator.db", where);
	if (!e && create)
		e = check_file(where, true);
	if (!e && create)
		e = file_make_dir(dir);
	if (!e)
		e = operator_folder_check(dir);
	if (!e && !create)
		e = check_file(where, false);
	if (!e)
		e = open_both(s, where, create, cancel);
	if (!e) {
		log_begin(s);
		e = create ? db_make(s->db, &store_schema, s) : check_version(s, cancel);
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
