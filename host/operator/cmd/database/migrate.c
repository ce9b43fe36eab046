/* migrate: the operator's folder in another database */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/db/copy.h"
#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/db/place.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/store/store.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"
#include "tool/sys/path.h"

#define SQLITE	 "sqlite:"
#define POSTGRES "postgres:"
#define KEPT	 ".moved" /* what a file is called that nobody opens any more */

/* Both stores, and where they go. */
struct move {
	struct operator_store *store;
	struct smdp_store *manager;
	char files[2][PATH_CAP]; /* of SQLite */
	const char *to;		 /* "postgres:..."; NULL: files */
};

static bool is_postgres(const char *text)
{
	return db_place_is_server(text);
}

/* What was given as FROM is where the folder is. */
static int check_from(const struct move *m, const char *from)
{
	char place[DB_PLACE_CAP];
	enum err e = db_place_find(cmd_dir, "operator.db", place);
	bool is_server = !e && db_place_is_server(place);

	(void)m;
	if (e)
		return tool_fail(e, "cannot read '%s/" DB_PLACE_FILE "'", cmd_dir);
	if (is_server != is_postgres(from))
		return tool_fail_said(ERR_WRONG_STATE, "the operator in '%s' is in %s, not in %s",
				      cmd_dir, is_server ? "PostgreSQL" : "SQLite",
				      is_server ? "SQLite" : "PostgreSQL");
	if (is_server && strcmp(from, POSTGRES) != 0 && strcmp(from, place) != 0)
		return tool_fail_said(ERR_WRONG_STATE,
				      "the operator in '%s' is in another database: see "
				      "'%s/" DB_PLACE_FILE "', or say " POSTGRES " alone",
				      cmd_dir, cmd_dir);
	return TOOL_OK;
}

static enum err find_files(struct move *m)
{
	enum err e = path_join(cmd_dir, "operator.db", m->files[0], PATH_CAP);

	return e ? e : path_join(cmd_dir, "manager/manager.db", m->files[1], PATH_CAP);
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
	const struct db_move mine = {.place = m->to ? m->to : m->files[0],
				     .cancel = tool_cancel(),
				     .rows = isatty(STDERR_FILENO) ? say_rows : NULL};
	const struct db_move theirs = {.place = m->to ? m->to : m->files[1],
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

/* Everything is copied before anything is told; from the line in the folder on it is there. */
static enum err move_store(struct move *m)
{
	enum err e = operator_store_leave(m->store), f;

	if (e)
		return e;
	e = smdp_store_leave(m->manager);
	if (e)
		return operator_store_left(m->store, e);
	e = copy_both(m);
	if (!e && m->to)
		e = db_place_tell(cmd_dir, m->to);
	f = smdp_store_left(m->manager, e);
	e = operator_store_left(m->store, e ? e : f);
	if (!e && !m->to)
		e = db_place_tell(cmd_dir, NULL);
	if (e && e != ERR_EXISTS && !m->to)
		for (size_t i = 0; i < ARRAY_LEN(m->files); i++)
			unlink(m->files[i]); /* what was made of it */
	return e;
}

static int say_why(const struct move *m, enum err e)
{
	if (e == ERR_EXISTS && m->to)
		return tool_fail_said(
			e, "the database has an operator's tables already: name another "
			   "one, or put #NAME behind the address, which gives the tables "
			   "namespaces of their own (what a try has left that was killed may be "
			   "dropped: DROP SCHEMA NAME_operator, NAME_manager CASCADE)");
	if (e == ERR_EXISTS)
		return tool_fail_said(e, "'%s' is there already: put it away first", m->files[0]);
	if (e == ERR_LOCKED)
		return tool_fail_said(
			e, "another process has the operator's database open: end it first (serve, "
			   "auc serve, gateway)");
	return tool_fail(e, "cannot move the operator in '%s'", cmd_dir);
}

static int run_migrate(int argc, char **argv)
{
	struct move m = {.to = is_postgres(argv[1]) ? argv[1] : NULL};
	int code;
	enum err e;

	(void)argc;
	if ((!m.to && strncmp(argv[1], SQLITE, sizeof(SQLITE) - 1) != 0) ||
	    (!is_postgres(argv[0]) && strncmp(argv[0], SQLITE, sizeof(SQLITE) - 1) != 0))
		return tool_usage("a database is sqlite: (the files in --dir) or postgres:... "
				  "(what libpq takes as a connection)");
	if (is_postgres(argv[0]) == is_postgres(argv[1]))
		return tool_usage("from SQLite to PostgreSQL, or back");
	code = check_from(&m, argv[0]);
	e = find_files(&m);
	if (!code && e)
		code = tool_fail(e, "%s", cmd_dir);
	for (size_t i = 0; !code && !m.to && i < ARRAY_LEN(m.files); i++)
		if (access(m.files[i], F_OK) == 0)
			code = say_why(&m, ERR_EXISTS);
	if (!code)
		code = open_stores(&m);
	if (!code) {
		e = move_store(&m);
		code = e ? say_why(&m, e) : TOOL_OK;
	}
	smdp_store_close(&m.manager);
	operator_store_close(&m.store);
	if (!code && m.to)
		set_aside(&m);
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
