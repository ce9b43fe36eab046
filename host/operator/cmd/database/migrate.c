/* migrate: the operator's folder in another database */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/operator/audit/chain.h"
#include "host/operator/db/copy.h"
#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/db/place.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/store/store.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/wait.h"

#define SQLITE	 "sqlite:"
#define POSTGRES "postgres:"
#define KEPT	 ".moved"  /* what a file is called that nobody opens any more */
#define COMES	 ".moving" /* what it is called until it is the operator's */
#define GONE_MS	 5000	   /* how long a connection that was cut off is waited for */
#define PAUSE_MS 50

/* Both stores, and where they go. */
struct move {
	struct operator_store *store;
	struct smdp_store *manager;
	char files[2][PATH_CAP];  /* of SQLite */
	char coming[2][PATH_CAP]; /* the same, until they are the operator's */
	char from[DB_PLACE_CAP];
	const char *to; /* "postgres:..."; NULL: files */
	int64_t when;	/* what the namespaces are called after */
	bool departs;	/* the folder says so: what comes of it only the server knows */
};

/* What was given as FROM is where the folder is. */
static int check_from(const struct move *m, const char *from)
{
	bool is_server = db_place_is_server(m->from);

	if (is_server != db_place_is_server(from))
		return tool_fail_said(ERR_WRONG_STATE, "the operator in '%s' is in %s, not in %s",
				      cmd_dir, is_server ? "PostgreSQL" : "SQLite",
				      is_server ? "SQLite" : "PostgreSQL");
	if (is_server && strcmp(from, POSTGRES) != 0 && strcmp(from, m->from) != 0)
		return tool_fail_said(ERR_WRONG_STATE,
				      "the operator in '%s' is in another database: see "
				      "'%s/" DB_PLACE_FILE "', or say " POSTGRES " alone",
				      cmd_dir, cmd_dir);
	return TOOL_OK;
}

static enum err find_files(struct move *m)
{
	static const char *const names[] = {"operator.db", "manager/manager.db"};
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < ARRAY_LEN(names); i++) {
		e = path_join(cmd_dir, names[i], m->files[i], PATH_CAP);
		if (!e && snprintf(m->coming[i], PATH_CAP, "%s" COMES, m->files[i]) >= PATH_CAP)
			e = ERR_LONG_NAME;
	}
	return e;
}

static int open_stores(struct move *m)
{
	int code = cmd_store_open(&m->store);

	return code ? code : cmd_manager_open(&m->manager);
}

static void say_rows(void *ctx, const char *table, int64_t rows)
{
	(void)ctx;
	if (!tool_json())
		fprintf(stderr, "\r%s: %" PRId64 " rows ", table, rows);
}

static enum err copy_both(const struct move *m)
{
	const struct db_move mine = {.place = m->to ? m->to : m->coming[0],
				     .cancel = tool_cancel(),
				     .rows = isatty(STDERR_FILENO) ? say_rows : NULL};
	const struct db_move theirs = {.place = m->to ? m->to : m->coming[1],
				       .cancel = tool_cancel()};
	enum err e = operator_store_copy(m->store, &mine);

	if (mine.rows)
		fprintf(stderr, "\r\033[K");
	return e ? e : smdp_store_copy(m->manager, &theirs);
}

/* The file of SQLite stays, by another name; those beside it were closed with it. */
static void set_aside(const struct move *m)
{
	for (size_t i = 0; i < ARRAY_LEN(m->files); i++) {
		char kept[PATH_CAP + sizeof(KEPT)];

		snprintf(kept, sizeof(kept), "%s" KEPT, m->files[i]);
		if (rename(m->files[i], kept))
			tool_warn("'%s' could not be renamed: it is of no use any more, remove it",
				  m->files[i]);
	}
}

/* What this try made, or one that was killed. */
static void clear_coming(const struct move *m)
{
	static const char *const beside[] = {"", "-journal", "-wal", "-shm"};

	for (size_t i = 0; i < ARRAY_LEN(m->coming); i++)
		for (size_t j = 0; j < ARRAY_LEN(beside); j++) {
			char path[PATH_CAP + 16];

			snprintf(path, sizeof(path), "%s%s", m->coming[i], beside[j]);
			unlink(path);
		}
}

/* The namespaces are gone: the files are the operator. It may be done again. */
static enum err arrive(const struct move *m)
{
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < ARRAY_LEN(m->files); i++) {
		if (rename(m->coming[i], m->files[i]))
			e = errno_err(errno);
		if (e == ERR_NOT_FOUND && access(m->files[i], F_OK) == 0)
			e = ERR_OK; /* it was done before */
		if (!e)
			e = file_sync_folder_of(m->files[i]);
	}
	return e ? e : db_place_tell(cmd_dir, NULL);
}

/* Everything is copied before anything is told; from the line in the folder on it is there. */
static enum err move_to_server(const struct move *m)
{
	enum err e = copy_both(m);

	return e ? e : db_place_tell(cmd_dir, m->to);
}

/* Two places cannot change at once: the folder says first that it leaves, and under which name, and
 * where it is then is what the server says. */
static enum err move_to_files(struct move *m)
{
	struct chain_stand held;
	enum err e;

	clear_coming(m);
	e = copy_both(m);
	if (e)
		clear_coming(m);
	if (e)
		return e;
	m->departs = true;
	e = db_place_leave(cmd_dir, m->from, m->when);
	if (!e)
		e = operator_store_retire(m->store, m->when);
	return e ? e : smdp_store_head(m->manager, &held); /* its tables are still ours alone */
}

static enum err move_stores(struct move *m)
{
	enum err e = operator_store_leave(m->store);

	if (e)
		return e;
	e = smdp_store_leave(m->manager);
	if (e)
		return operator_store_end(m->store, e);
	e = m->to ? move_to_server(m) : move_to_files(m);
	e = operator_store_end(m->store, e);
	(void)!smdp_store_end(m->manager, e); /* nothing was written to it */
	return !e && !m->to ? arrive(m) : e;
}

/*
 * Where the operator is whose move was cut off. ERR_OK: in the files; ERR_EXISTS: where it was, and
 * nobody is there any more who might still move it; ERR_NOT_FOUND: the namespaces are gone;
 * ERR_LOCKED: somebody is there.
 */
static enum err find_out(const struct move *m)
{
	const struct db_place place = {
		.path = m->from, .space = DB_OPERATOR, .cancel = tool_cancel()};
	struct wait w = wait_begin(tool_cancel(), "the connection that was cut off");
	struct db *db = NULL;
	bool settled = false;
	enum err e = db_open(&place, &db);

	if (!e)
		e = db_find_retired(db, m->when);
	while (e == ERR_EXISTS && !settled) {
		e = db_alone(db);
		settled = !e;
		if (e == ERR_LOCKED && wait_now_ms() - w.since_ms < GONE_MS)
			e = wait_pause(&w, PAUSE_MS);
		if (!e)
			e = db_find_retired(db, m->when);
	}
	db_close(&db);
	return e;
}

/* Of an error in the last step: whether that has happened all the same, or not. */
static enum err settle_move(struct move *m, enum err e)
{
	enum err where = find_out(m);

	if (where == ERR_EXISTS && !db_place_tell(cmd_dir, m->from)) {
		m->departs = false;
		clear_coming(m);
	}
	return where ? e : arrive(m);
}

static int say_why(const struct move *m, enum err e)
{
	if (m->departs)
		return tool_fail_said(e,
				      "the last step of the move was cut off (%s): end it by the "
				      "same command, nothing else works on '%s' before",
				      err_text(e), cmd_dir);
	if (e == ERR_EXISTS && m->to)
		return tool_fail_said(
			e, "the database has an operator's tables already: name another "
			   "one, or put #NAME behind the address, which gives the tables "
			   "namespaces of their own (what a try has left that was killed may be "
			   "dropped: DROP SCHEMA NAME_operator, NAME_manager CASCADE)");
	if (e == ERR_LOCKED)
		return tool_fail_said(
			e, "another process has the operator's database open: end it first (serve, "
			   "auc serve, gateway)");
	return tool_fail(e, "cannot move the operator in '%s'", cmd_dir);
}

/* No file of the operator is written over. */
static int check_files(const struct move *m)
{
	for (size_t i = 0; i < ARRAY_LEN(m->files); i++)
		if (access(m->files[i], F_OK) == 0)
			return tool_fail_said(ERR_EXISTS,
					      "'%s' is there already: put it away first",
					      m->files[i]);
	return TOOL_OK;
}

/* Of a move that was cut off when the namespaces had their new names. */
static int end_move(struct move *m)
{
	enum err e;

	for (size_t i = 0; i < ARRAY_LEN(m->files); i++)
		if (access(m->coming[i], F_OK) != 0 && access(m->files[i], F_OK) != 0)
			return tool_fail_said(ERR_CORRUPT,
					      "'%s' is gone since the move was cut off: the "
					      "operator is in the namespaces that end in "
					      "_moved_%" PRId64 " alone",
					      m->coming[i], m->when);
	e = arrive(m);
	if (e)
		return tool_fail(e, "cannot end the move that was cut off in '%s'", cmd_dir);
	tool_say("the move was cut off in its last step: it is ended now");
	return TOOL_OK;
}

/* Of a move that was cut off: *more: nothing of it has happened, so it begins anew. */
static int take_up(struct move *m, bool *more)
{
	enum err e = find_out(m);

	*more = e == ERR_EXISTS;
	if (!e)
		return end_move(m);
	if (e == ERR_NOT_FOUND)
		return tool_fail_said(ERR_CORRUPT,
				      "a move was cut off, and the database has the namespaces "
				      "neither as they were nor with _moved_%" PRId64
				      " behind them: give them back one of these names",
				      m->when);
	if (e == ERR_LOCKED)
		return say_why(m, e);
	if (e == ERR_EXISTS)
		e = db_place_tell(cmd_dir, m->from);
	return e ? tool_fail(e, "cannot end the move that was cut off in '%s'", cmd_dir) : TOOL_OK;
}

/* Where it is; *more: there is something to move. */
static int begin_move(struct move *m, const char *from, bool *more)
{
	enum err e = find_files(m);
	int code;

	*more = true;
	if (!e)
		e = db_place_find(cmd_dir, "operator.db", m->from);
	if (e && e != ERR_DB_LEAVING)
		return tool_fail(e, "cannot read '%s/" DB_PLACE_FILE "'", cmd_dir);
	code = check_from(m, from);
	if (!code && e) {
		e = db_place_left(cmd_dir, m->from, &m->when);
		code = e ? tool_fail(e, "cannot read '%s/" DB_PLACE_FILE "'", cmd_dir)
			 : take_up(m, more);
	}
	m->when = time(NULL);
	if (!code && *more && !m->to)
		code = check_files(m);
	return code;
}

static int carry_out(struct move *m)
{
	int code = open_stores(m);
	enum err e = code ? ERR_OK : move_stores(m);

	smdp_store_close(&m->manager);
	operator_store_close(&m->store);
	if (e && m->departs)
		e = settle_move(m, e);
	if (e)
		code = say_why(m, e);
	if (!code && m->to)
		set_aside(m);
	return code;
}

static int run_migrate(int argc, char **argv)
{
	const char *from = argv[0], *to = argv[1];
	bool off_server = db_place_is_server(from), to_server = db_place_is_server(to), more;
	struct move m = {.to = to_server ? to : NULL};
	int code;

	(void)argc;
	if ((!off_server && strncmp(from, SQLITE, sizeof(SQLITE) - 1) != 0) ||
	    (!to_server && strncmp(to, SQLITE, sizeof(SQLITE) - 1) != 0))
		return tool_usage("a database is sqlite: (the files in --dir) or postgres:... "
				  "(what libpq takes as a connection)");
	if (to_server && strlen(to) > DB_PLACE_MAX)
		return tool_usage("the connection is too long: at most %d octets", DB_PLACE_MAX);
	if (off_server == to_server)
		return tool_usage("from SQLite to PostgreSQL, or back");
	code = begin_move(&m, from, &more);
	if (!code && more)
		code = carry_out(&m);
	if (!code && tool_json())
		tool_print_json(json_pack("{s:s, s:s}", "from", m.to ? "sqlite" : "postgres", "to",
					  m.to ? "postgres" : "sqlite"));
	else if (!code)
		tool_say(
			m.to ? "The operator in '%s' is in PostgreSQL now; its files of SQLite end "
			       "in " KEPT "."
			     : "The operator in '%s' is in SQLite now; its namespaces in "
			       "PostgreSQL "
			       "end in _moved and the time.",
			cmd_dir);
	return code;
}

static const struct tool_option options[] = {OPT_END};

const struct tool_command cmd_migrate[] = {
	{"migrate", "FROM TO", 2, 2, "Move the operator to another database, and back",
	 "FROM and TO are sqlite: (the files in --dir) and postgres:... (a URI or keywords of "
	 "libpq;\n"
	 "#NAME behind it gives the tables namespaces of their own). Nobody else may have the\n"
	 "operator open meanwhile. All of it moves, or nothing; what was left stays, under "
	 "another\n"
	 "name. A password belongs into ~/.pgpass, not here: arguments can be read by others.",
	 options, run_migrate},
};
const size_t cmd_migrate_count = ARRAY_LEN(cmd_migrate);
