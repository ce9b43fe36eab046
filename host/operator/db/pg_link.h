/*
 * pg_link: a connection to PostgreSQL: made, made again when it was lost, and asked with an end to
 * the wait. Only the driver (host/operator/db/postgres.c) includes this header.
 *
 * Nothing of a session is relied on but what its beginning says (names are looked for in one
 * namespace, limits of time) and prepared statements, which are prepared again where they are not
 * known: so a connection may be another one after each transaction.
 */
#ifndef TWINKEY_OPERATOR_DB_PG_LINK_H
#define TWINKEY_OPERATOR_DB_PG_LINK_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "host/operator/db/values.h"
#include "lib/base/err.h"

#define PG_NAME_CAP	 64 /* octets of a name with its NUL, as PostgreSQL has them */
#define PG_NAMESPACE_CAP 41 /* there is room for what a copy adds to it: it would be cut off */

struct pg_link {
	PGconn *pg; /* NULL: none */
	struct cancel *cancel;
	char *uri;						/* without what follows '#' */
	char space[PG_NAMESPACE_CAP], folder[PG_NAMESPACE_CAP]; /* the latter: its first part */
	unsigned generation; /* another number for each connection */
	unsigned names;	     /* that were given to statements: a store goes from thread to thread */
	bool broken;	     /* the last statement took its transaction along */
};

/* place->path: "postgres:" and a URI or keywords of libpq, then #NAME, the first part of the
 * namespace. ERR_USAGE: it is not so. */
enum err pg_link_open(struct pg_link *l, const struct db_place *place) MUST_CHECK;
void pg_link_close(struct pg_link *l);
/* There is a transaction, good or bad. */
bool pg_link_is_inside(const struct pg_link *l);
/* Connects again, where the connection is gone and no transaction was lost with it that somebody
 * still has to hear of. */
enum err pg_link_need(struct pg_link *l) MUST_CHECK;
/*
 * Waits for what was sent, and gives the last result (*out may be NULL: its caller clears it) or
 * what is wrong with it. sent: what PQsend...() gave.
 */
enum err pg_link_take(struct pg_link *l, int sent, PGresult **out) MUST_CHECK;
/* The next result of what was sent: the caller clears it. */
enum err pg_link_next(struct pg_link *l, PGresult **out) MUST_CHECK;
/* What is still to come of it is of no use. */
void pg_link_skip(struct pg_link *l);
/* Statements without parameters or result. */
enum err pg_link_run(struct pg_link *l, const char *sql) MUST_CHECK;

#endif
