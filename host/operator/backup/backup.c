#include "host/operator/backup/backup.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/operator/backup/bundle.h"
#include "host/operator/backup/tree.h"
#include "host/operator/db/place.h"
#include "host/operator/factor/factor.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/smdp/store/verify.h"
#include "host/operator/store/store.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/trouble.h"

#define STORE_KEY     "store.key"
#define STORE_KEY_LEN 33 /* octets of a key file in the clear, at most */
#define EVIDENCE_MAX  160
#define DATABASE_MODE 0600

/* Before the work, that it is not done in vain. */
static enum err check_free(const char *dir)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	if (!d && errno == ENOENT)
		return ERR_OK;
	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	if (d && n <= 2) /* "." and ".." */
		return ERR_OK;
	return trouble_set(ERR_EXISTS, "'%s' is there: name a folder that is not", dir);
}

static enum err copy_files(const char *from, const char *to, const struct manifest *m)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < m->count && !e; i++) {
		e = tree_copy(from, to, &m->files[i]);
		if (e)
			e = trouble_set(e, "'%s' cannot be copied: %s", m->files[i].path,
					err_text(e));
	}
	return e;
}

/* A database of the folder, as the manifest has it. */
static enum err add_database(struct manifest *m, const char *path)
{
	struct manifest_file *f = manifest_add(m);

	if (!f)
		return ERR_SPACE;
	snprintf(f->path, sizeof(f->path), "%s", path);
	f->mode = DATABASE_MODE;
	return ERR_OK;
}

static enum err copy_manager(const struct backup_order *o, const char *tmp)
{
	char folder[PATH_CAP], copy[PATH_CAP];
	struct smdp_store *s = NULL;
	enum err e = path_join(o->from, TREE_MANAGER, folder, sizeof(folder));

	if (!e)
		e = path_join(tmp, TREE_MANAGER_DB, copy, sizeof(copy));
	if (!e)
		e = smdp_store_open(folder, o->cancel, &s);
	if (!e)
		e = smdp_store_copy_to(s, copy);
	smdp_store_close(&s);
	return e;
}

static enum err copy_operator(const struct backup_order *o, const char *tmp)
{
	char copy[PATH_CAP];
	struct operator_store *s = NULL;
	enum err e = path_join(tmp, TREE_OPERATOR_DB, copy, sizeof(copy));

	if (!e)
		e = operator_store_open(o->from, o->cancel, &s);
	if (!e)
		e = operator_store_copy_to(s, copy);
	operator_store_close(&s);
	return e;
}

/* What is verified and changed is the copy, never the database that a server still has. */
static enum err check_is_file(const char *dir, const char *name)
{
	char where[DB_PLACE_CAP];
	enum err e = db_place_find(dir, name, where);

	return e || !db_place_is_server(where)
		       ? e
		       : trouble_set(ERR_REFUSED,
				     "a file '" DB_PLACE_FILE "' in '%s', or above it, names a "
				     "server: what is copied is in files; take it away, or name "
				     "another place",
				     dir);
}

static enum err verify_manager(const char *dir, struct cancel *cancel, struct chain_stand *out)
{
	char folder[PATH_CAP];
	struct smdp_store *s = NULL;
	struct smdp_check c;
	enum err e = path_join(dir, TREE_MANAGER, folder, sizeof(folder));

	if (!e)
		e = check_is_file(folder, "manager.db");
	if (!e)
		e = smdp_store_open(folder, cancel, &s);
	if (!e)
		e = smdp_store_verify(s, &c);
	if (e == ERR_CORRUPT && s)
		e = trouble_set(e, "the manager's log or rows are not what was written: see "
				   "'profile log --verify'");
	if (!e)
		e = smdp_store_head(s, out);
	smdp_store_close(&s);
	return e;
}

/* The store stays open for who wants it. */
static enum err verify_operator(const char *dir, struct cancel *cancel, struct chain_stand *out,
				struct operator_store **s)
{
	struct log_check c;
	enum err e = check_is_file(dir, "operator.db");

	if (!e)
		e = operator_store_open(dir, cancel, s);
	if (!e)
		e = log_verify(*s, &c);
	if (e == ERR_CORRUPT && *s)
		e = trouble_set(e, "the operator's log or rows are not what was written: see 'log "
				   "--verify'");
	if (!e)
		e = operator_store_head(*s, out);
	return e;
}

/* A key file that is longer than a key holds a wrapped one. */
static bool keys_are_sealed(const char *dir)
{
	struct manifest_file f = {.path = STORE_KEY};

	return tree_measure(dir, &f) == ERR_OK && f.size > STORE_KEY_LEN;
}

static enum err measure_all(const char *dir, struct manifest *m)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < m->count && !e; i++)
		e = tree_measure(dir, &m->files[i]);
	return e;
}

static enum err write_manifest(const char *tmp, const struct manifest *m)
{
	struct wbuf text = wbuf_grow(MANIFEST_MAX);
	char path[PATH_CAP];
	enum err e = manifest_encode(m, &text);

	if (!e)
		e = path_join(tmp, MANIFEST_NAME, path, sizeof(path));
	if (!e)
		e = file_replace(path, wbuf_slice(&text), 0600, NULL);
	wbuf_free(&text);
	return e;
}

static enum err fill(const struct backup_order *o, const char *tmp, struct manifest *m)
{
	struct operator_store *s = NULL;
	enum err e = tree_list(o->from, m);

	if (!e)
		e = copy_files(o->from, tmp, m);
	if (!e)
		e = copy_manager(o, tmp);
	if (!e)
		e = copy_operator(o, tmp);
	if (!e)
		e = verify_manager(tmp, o->cancel, &m->manager);
	if (!e)
		e = verify_operator(tmp, o->cancel, &m->operator_store, &s);
	operator_store_close(&s);
	if (!e)
		e = add_database(m, TREE_OPERATOR_DB);
	if (!e)
		e = add_database(m, TREE_MANAGER_DB);
	if (!e)
		e = measure_all(tmp, m);
	m->sealed = keys_are_sealed(tmp);
	return e ? e : write_manifest(tmp, m);
}

enum err backup_make(const struct backup_order *o, struct manifest *out)
{
	struct manifest m = {.at = o->now};
	char tmp[PATH_CAP] = "";
	enum err e;

	trouble_forget();
	snprintf(m.program, sizeof(m.program), "%s", o->program);
	e = check_free(o->to);
	if (!e)
		e = file_new_dir(o->to, tmp, sizeof(tmp));
	if (e)
		tmp[0] = 0;
	if (!e)
		e = fill(o, tmp, &m);
	if (!e)
		e = o->bundle ? bundle_write(tmp, &m, o->to) : file_place_dir(tmp, o->to);
	if ((e || o->bundle) && *tmp)
		file_remove_tree(tmp);
	if (e)
		manifest_free(&m);
	else
		*out = m;
	return e;
}

static enum err read_manifest(const char *from, struct manifest *m)
{
	struct wbuf text = wbuf_grow(MANIFEST_MAX);
	char path[PATH_CAP];
	enum err e = path_join(from, MANIFEST_NAME, path, sizeof(path));

	if (!e)
		e = file_read(path, NULL, &text);
	if (e == ERR_NOT_FOUND)
		e = trouble_set(e, "there is no backup in '%s': it has no " MANIFEST_NAME, from);
	if (!e) {
		e = manifest_parse(wbuf_slice(&text), m);
		if (e == ERR_VERSION)
			e = trouble_set(e, "the backup is of a later program: use that, or a later "
					   "one");
		else if (e)
			e = trouble_set(e, "'%s' is no manifest of a backup", path);
	}
	wbuf_free(&text);
	return e;
}

static enum err check_part(const char *from, const struct manifest_file *want)
{
	struct manifest_file is = *want;
	enum err e = tree_measure(from, &is);

	if (e)
		return trouble_set(e, "'%s' of the backup: %s", want->path, err_text(e));
	if (is.size != want->size || memcmp(is.digest, want->digest, sizeof(is.digest)) != 0)
		return trouble_set(ERR_MAC,
				   "'%s' of the backup is another file than the manifest says: "
				   "use another backup",
				   want->path);
	return ERR_OK;
}

static bool names_file(const struct manifest *m, const char *path)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->files[i].path, path) == 0)
			return true;
	return false;
}

static enum err check_files(const char *from, const struct manifest *m)
{
	static const char *const needed[] = {TREE_OPERATOR_DB, TREE_MANAGER_DB, STORE_KEY};
	enum err e = ERR_OK;

	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!names_file(m, needed[i]))
			return trouble_set(ERR_NOT_FOUND, "the backup has no '%s'", needed[i]);
	for (size_t i = 0; i < m->count && !e; i++)
		e = check_part(from, &m->files[i]);
	return e;
}

/* What is older was brought up to this program's schema, and its log goes on from the same entry.
 */
static enum err check_head(const struct chain_stand *is, const struct chain_stand *want,
			   const char *whose)
{
	if (is->entries == want->entries && memcmp(is->link, want->link, sizeof(is->link)) == 0)
		return ERR_OK;
	return trouble_set(ERR_MAC, "the log of %s does not end where the manifest says", whose);
}

static enum err version_trouble(enum err e)
{
	return e == ERR_VERSION ? trouble_set(e, "a database of the backup is of a later program: "
						 "use that, or a later one")
				: e;
}

/* The last step that a code of a generator could be of. */
static int64_t last_step(int64_t now)
{
	return now / FACTOR_STEP_S + FACTOR_WINDOW;
}

static enum err verify_and_raise(const struct backup_order *o, const char *tmp,
				 const struct manifest *m, struct restored *done)
{
	struct chain_stand manager = {.schema = 0}, own = {.schema = 0};
	struct operator_store *s = NULL;
	char evidence[EVIDENCE_MAX];
	enum err e = version_trouble(verify_manager(tmp, o->cancel, &manager));

	if (!e)
		e = check_head(&manager, &m->manager, "the manager");
	if (!e)
		e = version_trouble(verify_operator(tmp, o->cancel, &own, &s));
	if (!e)
		e = check_head(&own, &m->operator_store, "the operator");
	snprintf(evidence, sizeof(evidence), "of a backup after entry %lld",
		 (long long)m->operator_store.entries);
	*done = (struct restored){
		.now = o->now, .totp_step = last_step(o->now), .evidence = evidence};
	if (!e)
		e = operator_store_restored(s, done);
	done->evidence = NULL;
	operator_store_close(&s);
	return e;
}

static enum err restore_folder(const struct backup_order *o, struct manifest *out,
			       struct restored *done)
{
	struct manifest m = {.count = 0};
	char tmp[PATH_CAP] = "";
	enum err e;

	e = check_free(o->to);
	if (!e)
		e = read_manifest(o->from, &m);
	if (!e)
		e = check_files(o->from, &m);
	if (!e) {
		e = file_new_dir(o->to, tmp, sizeof(tmp));
		if (e)
			tmp[0] = 0;
	}
	if (!e)
		e = copy_files(o->from, tmp, &m);
	if (!e)
		e = verify_and_raise(o, tmp, &m, done);
	if (!e)
		e = file_place_dir(tmp, o->to);
	if (e && *tmp)
		file_remove_tree(tmp);
	if (e)
		manifest_free(&m);
	else
		*out = m;
	return e;
}

/* Beside the folder that is to be: there is room for one more of it. */
static enum err restore_bundle(const struct backup_order *o, struct manifest *out,
			       struct restored *done)
{
	struct backup_order unpacked = *o;
	char tmp[PATH_CAP];
	enum err e = check_free(o->to);

	if (!e)
		e = file_new_dir(o->to, tmp, sizeof(tmp));
	if (e)
		return e;
	e = bundle_read(o->from, tmp);
	if (e)
		e = trouble_set(e, "'%s' is no backup in a file: %s", o->from, err_text(e));
	unpacked.from = tmp;
	if (!e)
		e = restore_folder(&unpacked, out, done);
	file_remove_tree(tmp);
	return e;
}

enum err backup_restore(const struct backup_order *o, struct manifest *out, struct restored *done)
{
	struct stat st;

	trouble_forget();
	if (stat(o->from, &st) == 0 && S_ISREG(st.st_mode))
		return restore_bundle(o, out, done);
	return restore_folder(o, out, done);
}
