/*
 * pg_query: a statement for PostgreSQL: its text with numbered parameters, what is bound, and its
 * rows, in PostgreSQL's binary form. Only the driver (host/operator/db/postgres.c) includes this
 * header.
 */
#ifndef TWINKEY_OPERATOR_DB_PG_QUERY_H
#define TWINKEY_OPERATOR_DB_PG_QUERY_H

#include "host/operator/db/pg_link.h"
#include "lib/base/bytes.h"

#define PG_PARAMETERS_MAX 32

/* PostgreSQL's numbers of types (pg_type.dat). */
enum {
	PG_BOOL = 16,
	PG_BYTEA = 17,
	PG_NAME = 19,
	PG_INT8 = 20,
	PG_INT2 = 21,
	PG_INT4 = 23,
	PG_TEXT = 25,
	PG_VARCHAR = 1043
};

struct pg_parameter {
	Oid type;     /* 0: nothing is bound: NULL */
	uint8_t *mem; /* its value; wiped */
	size_t len;
};

struct pg_query {
	struct pg_link *link;
	char *text; /* with $1, $2 ... */
	char name[16];
	enum { PG_SELECT, PG_CHANGE, PG_CONTROL } kind;
	unsigned parameters;
	struct pg_parameter bound[PG_PARAMETERS_MAX];
	Oid prepared[PG_PARAMETERS_MAX]; /* the types that it was prepared for */
	unsigned generation;		 /* of the connection that knows it; 0: none */
	PGresult *rows;
	int row; /* -1: before the first */
};

/* sql is borrowed for the time of the call. ERR_VALUE: it is no statement. */
enum err pg_query_make(struct pg_link *l, const char *sql, struct pg_query **out) MUST_CHECK;
void pg_query_free(struct pg_query *q);
/* Parameter at, from 1 on. Copies. ERR_VALUE: the text has no such parameter. */
enum err pg_query_bind(struct pg_query *q, int at, Oid type, struct slice value) MUST_CHECK;
/* Runs it at its first step; one row further. ERR_NOT_FOUND: there is none. */
enum err pg_query_step(struct pg_query *q) MUST_CHECK;
/* Forgets its rows, and wipes what was bound. */
void pg_query_reset(struct pg_query *q);

#endif
