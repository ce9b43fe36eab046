/*
 * driver: what a database must do for the seam. Only host/operator/db includes this header.
 *
 * A driver is a table of functions. ERR_NOT_FOUND of step() is "no more rows"; all other errors are
 * those of host/operator/db/db.h.
 */
#ifndef TWINKEY_OPERATOR_DB_DRIVER_H
#define TWINKEY_OPERATOR_DB_DRIVER_H

#include <stdint.h>

#include "host/operator/db/values.h"
#include "lib/base/bytes.h"

struct db_connection; /* the driver's own */
struct db_query;      /* a prepared statement of the driver's */

struct db_driver {
	enum err (*open)(const struct db_place *place, struct db_connection **out);
	void (*close)(struct db_connection *c);
	/* Whether it waits for another process, until a wish of cancel. */
	void (*set_patience)(struct db_connection *c, bool waits, struct cancel *cancel);
	enum err (*execute)(struct db_connection *c, const char *sql);
	/* The words that begin a transaction. */
	const char *begin[2]; /* by enum db_access: to read, to write */
	bool (*is_open)(const struct db_connection *c);
	/* The last statement has failed, and the transaction that it was of is lost with it:
	 * another process was faster (then it was ERR_LOCKED), or the connection is gone. */
	bool (*is_broken)(const struct db_connection *c);

	enum err (*prepare)(struct db_connection *c, const char *sql, struct db_query **out);
	void (*finish)(struct db_query *q);
	void (*stream)(struct db_query *q); /* its rows one by one; nothing else meanwhile */
	bool (*is_select)(const struct db_query *q);
	enum err (*bind_int)(struct db_query *q, int at, int64_t v);
	enum err (*bind_text)(struct db_query *q, int at, const char *text);
	enum err (*bind_bytes)(struct db_query *q, int at, struct slice v);
	enum err (*step)(struct db_query *q);
	int64_t (*changed)(const struct db_query *q);
	void (*reset)(struct db_query *q); /* and wipes what was bound */
	int (*columns)(const struct db_query *q);
	const char *(*column)(const struct db_query *q, int at);
	enum db_type (*type)(const struct db_query *q, int at);
	int64_t (*integer)(const struct db_query *q, int at);
	struct slice (*bytes)(const struct db_query *q, int at);
	const char *(*string)(const struct db_query *q, int at);

	enum err (*version)(struct db_connection *c, int *version);
	enum err (*set_version)(struct db_connection *c, int version);
	/* Another number after another connection has written. */
	enum err (*revision)(struct db_connection *c, int64_t *number);
	enum err (*highest)(struct db_connection *c, const char *table, int64_t *number);
	enum err (*keep)(struct db_connection *c, int version);
	enum err (*alone)(struct db_connection *c);
	enum err (*count_on)(struct db_connection *c);
	bool is_server; /* else these are NULL: a transaction that writes has all of the file */
	enum err (*hold)(struct db_connection *c, const char *const *tables);
	enum err (*retire)(struct db_connection *c, int64_t when);
	enum err (*find_retired)(struct db_connection *c, int64_t when);
	enum err (*copy_to)(struct db_connection *c, const char *path);
};

#endif
