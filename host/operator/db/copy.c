#include "host/operator/db/copy.h"

#include <stdio.h>
#include <unistd.h>

#include "host/operator/db/place.h"
#include "tool/sys/folder.h"

#define SQL_MAX	  2048
#define WATCH_MAX 10000 /* rows between two looks */

/* INSERT INTO table (its columns) VALUES (?, ...) */
static enum err prepare_insert(struct db *to, const char *table, const struct db_statement *row,
			       struct db_statement **out)
{
	char sql[SQL_MAX], marks[SQL_MAX / 4] = "";
	struct wbuf w = wbuf_init((uint8_t *)sql, sizeof(sql) - 1);
	struct wbuf m = wbuf_init((uint8_t *)marks, sizeof(marks) - 1);
	int n = db_columns(row);

	wbuf_put(&w, slice_str("INSERT INTO "));
	wbuf_put(&w, slice_str(table));
	for (int i = 0; i < n; i++) {
		wbuf_put(&w, slice_str(i ? ", " : " ("));
		wbuf_put(&w, slice_str(db_column(row, i)));
		wbuf_put(&m, slice_str(i ? ", ?" : "?"));
	}
	wbuf_put(&w, slice_str(") VALUES ("));
	wbuf_put(&w, wbuf_slice(&m));
	wbuf_put(&w, slice_str(")"));
	if (wbuf_done(&w) || wbuf_done(&m))
		return ERR_SPACE;
	sql[w.len] = 0;
	return db_prepare_once(to, sql, out);
}

static void bind_row(struct db_statement *to, const struct db_statement *from)
{
	for (int i = 0; i < db_columns(from); i++) {
		switch (db_type(from, i)) {
		case DB_INTEGER: db_bind_int(to, i + 1, db_int(from, i)); break;
		case DB_TEXT: db_bind_text(to, i + 1, db_string(from, i)); break;
		case DB_BYTES: db_bind_bytes(to, i + 1, db_bytes(from, i)); break;
		default: break; /* NULL */
		}
	}
}

static enum err copy_table(struct db *from, struct db *to, const char *table,
			   const struct db_move *m)
{
	struct db_statement *row = NULL, *into = NULL;
	char sql[80];
	int64_t n = 0;
	enum err e;

	snprintf(sql, sizeof(sql), "DELETE FROM %s", table); /* the head of a new log */
	e = db_execute(to, sql);
	snprintf(sql, sizeof(sql), "SELECT * FROM %s", table);
	if (!e)
		e = db_prepare_once(from, sql, &row);
	while (!e && (e = db_row(row)) == ERR_OK) {
		if (!into)
			e = prepare_insert(to, table, row, &into);
		if (!e) {
			bind_row(into, row);
			e = db_run_on(into);
		}
		if (m->rows && ++n % WATCH_MAX == 0)
			m->rows(m->ctx, table, n);
	}
	db_done(into);
	db_done(row);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Into tables that are empty, but for the log's head. */
static enum err copy_rows(struct db *from, struct db *to, const struct db_schema *schema,
			  const struct db_move *m)
{
	enum err e = ERR_OK;

	for (const char *const *t = schema->tables; !e && *t; t++)
		e = copy_table(from, to, *t, m);
	return e ? e : db_count_on(to);
}

enum err db_copy_store(struct db *from, const struct db_store *what, const struct db_move *m)
{
	const struct db_place place = {
		.path = m->place, .space = what->space, .create = true, .cancel = m->cancel};
	struct db *to = NULL;
	enum err e = db_place_is_server(m->place) ? ERR_OK : folder_make_database(m->place);

	if (!e)
		e = db_open(&place, &to);
	if (!e)
		e = what->make(what->ctx, to);
	if (!e)
		e = db_begin(to, DB_WRITE);
	if (!e)
		e = db_end(to, copy_rows(from, to, what->schema, m));
	/* closing does not say whether what is in a write-ahead log came into the file */
	if (!e && !db_place_is_server(m->place))
		e = db_alone(to);
	db_close(&to);
	return e;
}

enum err db_copy_into_file(struct db *from, const struct db_store *what, const char *path)
{
	enum err e = db_copy_to(from, path);

	if (e != ERR_UNSUPPORTED)
		return e;
	DB_TRANSACTION (from, DB_READ, e) { /* of a server: as one moment has it, into a file */
		unlink(path);		    /* of a run before */
		e = db_copy_store(from, what, &(struct db_move){.place = path});
	}
	return e;
}

enum err db_leave(struct db *db, const struct db_schema *schema)
{
	enum err e = db_alone(db);

	if (!e)
		e = db_begin(db, DB_WRITE);
	if (e)
		return e;
	e = db_hold(db, schema);
	return e ? db_end(db, e) : ERR_OK;
}
