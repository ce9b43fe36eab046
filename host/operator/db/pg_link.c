#include "host/operator/db/pg_link.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/bytes.h"
#include "tool/sys/wait.h"

#define SCHEME	   "postgres:"
#define SPACE	   "twinkey"
#define CONNECT_MS 5000
#define ANSWER_MS  15000 /* longer than the server's own limit: it has stopped */
#define GRACE_MS   3000	 /* for what has begun, after a wish to stop */
/* What a session begins with: a process that stops holds nobody up for long. Who finds a lock for
 * longer begins anew, as long as he has patience: a server has other requests meanwhile. A
 * statement is planned once: as if the table were large, for it may have been empty then. */
#define LIMITS                                                                                     \
	" -c statement_timeout=10000 -c lock_timeout=200"                                          \
	" -c idle_in_transaction_session_timeout=20000 -c enable_seqscan=off"

/* What is wrong, by SQLSTATE: the first row whose letters it begins with. */
static const struct {
	const char *state;
	enum err e;
} causes[] = {
	/* 40001 serialization_failure, 40P01 deadlock_detected; 55P03 lock_not_available */
	{"40", ERR_LOCKED},	  {"55P03", ERR_LOCKED},    {"23", ERR_EXISTS},
	{"42P06", ERR_EXISTS}, /* a namespace, a table */
	{"42P07", ERR_EXISTS},	  {"22021", ERR_DB_TEXT},   {"22", ERR_VALUE},
	{"28", ERR_DB_LOGIN},	  {"3D", ERR_DB_ABSENT},    {"3F", ERR_DB_ABSENT},
	{"42501", ERR_DB_RIGHTS}, {"25006", ERR_DB_RIGHTS}, /* a server that only reads */
	{"42P01", ERR_CORRUPT}, /* a table, a column that should be there */
	{"42703", ERR_CORRUPT},	  {"53100", ERR_FULL},	    {"53200", ERR_MEMORY},
	{"53", ERR_DB_AWAY},				  /* too many connections */
	{"57014", ERR_DB_SLOW},	  {"57", ERR_DB_AWAY},	  /* it is being ended, or begins */
	{"08", ERR_DB_AWAY},	  {"25P03", ERR_DB_AWAY}, /* it has ended a transaction in which
							     nothing happened */
	{"XX001", ERR_CORRUPT},	  {"XX002", ERR_CORRUPT},
};

static enum err cause_of(const char *state)
{
	for (size_t i = 0; state && i < ARRAY_LEN(causes); i++)
		if (strncmp(state, causes[i].state, strlen(causes[i].state)) == 0)
			return causes[i].e;
	return ERR_IO;
}

/* Of a connection that was refused; libpq tells the state in its message alone, and has reasons of
 * its own: no password, a certificate that it does not believe. */
static enum err cause_of_refusal(PGconn *pg)
{
	const char *message = PQerrorMessage(pg);
	const char *at = strstr(message, "FATAL:");

	if (PQconnectionNeedsPassword(pg))
		return ERR_DB_LOGIN;
	if (!at && strstr(message, "certificate"))
		return ERR_CERT_UNTRUSTED;
	for (const char *p = at ? at + 6 : message; at && *p; p++) {
		if (strspn(p, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5)
			return cause_of(p);
	}
	return ERR_DB_AWAY;
}

static void drop(struct pg_link *l)
{
	PQfinish(l->pg);
	l->pg = NULL;
}

/* Follows a connection until it is there. */
static enum err follow(struct pg_link *l)
{
	struct wait w = wait_begin(l->cancel, "the database");
	PostgresPollingStatusType now = PGRES_POLLING_WRITING;
	enum err e = ERR_OK;

	while (!e && now != PGRES_POLLING_OK && now != PGRES_POLLING_FAILED) {
		int left = (int)(w.since_ms + CONNECT_MS - wait_now_ms());

		e = wait_fd(&w, PQsocket(l->pg), now == PGRES_POLLING_READING ? POLLIN : POLLOUT,
			    left > 0 ? left : 0, 0);
		if (!e)
			now = PQconnectPoll(l->pg);
	}
	if (e)
		return e == ERR_TIMEOUT ? ERR_DB_AWAY : e;
	return now == PGRES_POLLING_OK ? ERR_OK : cause_of_refusal(l->pg);
}

/* Notices are the server's talk ("exists already, skipping"): nobody has asked. */
static void ignore_notice(void *ctx, const char *message)
{
	(void)ctx, (void)message;
}

/* libpq takes a whole URI, or keywords, as the database's name. */
static enum err connect_now(struct pg_link *l)
{
	char options[sizeof(LIMITS) + PG_NAMESPACE_CAP + 32], application[PG_NAMESPACE_CAP + 32];
	const char *const names[] = {"options",
				     "application_name",
				     "client_encoding",
				     "keepalives_idle",
				     "tcp_user_timeout",
				     "dbname",
				     NULL};
	const char *const values[] = {options, application, "UTF8", "10", "15000", l->uri, NULL};
	enum err e;

	snprintf(options, sizeof(options), "-c search_path=%s%s", l->space, LIMITS);
	snprintf(application, sizeof(application), "twinkey-operator %s", l->space);
	l->broken = false;
	l->generation++;
	l->pg = PQconnectStartParams(names, values, 1);
	if (!l->pg)
		return ERR_MEMORY;
	PQsetErrorVerbosity(l->pg, PQERRORS_SQLSTATE);
	PQsetNoticeProcessor(l->pg, ignore_notice, NULL);
	e = PQstatus(l->pg) == CONNECTION_BAD ? cause_of_refusal(l->pg) : follow(l);
	if (!e && PQsetnonblocking(l->pg, 1))
		e = ERR_IO;
	if (e)
		drop(l);
	return e;
}

/* A name that needs no quotes. */
static bool is_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n && !s[n] && (s[0] < '0' || s[0] > '9');
}

enum err pg_link_open(struct pg_link *l, const struct db_place *place)
{
	const char *uri = place->path;
	const char *name = strrchr(uri, '#');
	char *message = NULL;
	PQconninfoOption *parsed;
	int n;

	snprintf(l->folder, sizeof(l->folder), "%s", name ? name + 1 : SPACE);
	n = snprintf(l->space, sizeof(l->space), "%s_%s", l->folder, place->space);
	if (n < 0 || (size_t)n >= sizeof(l->space) || !is_name(l->space))
		return ERR_USAGE;
	if (strncmp(uri, SCHEME, sizeof(SCHEME) - 1) == 0 && strncmp(uri, SCHEME "//", 11) != 0)
		uri += sizeof(SCHEME) - 1;
	l->cancel = place->cancel;
	l->uri = strndup(uri, name ? (size_t)(name - uri) : strlen(uri));
	if (!l->uri)
		return ERR_MEMORY;
	/* all that is left empty is libpq's to choose: its environment, its own files */
	parsed = *l->uri ? PQconninfoParse(l->uri, &message) : NULL;
	PQfreemem(message);
	PQconninfoFree(parsed);
	return *l->uri && !parsed ? ERR_USAGE : connect_now(l);
}

void pg_link_close(struct pg_link *l)
{
	drop(l);
	free(l->uri);
	l->uri = NULL;
}

bool pg_link_is_inside(const struct pg_link *l)
{
	PGTransactionStatusType t = l->pg ? PQtransactionStatus(l->pg) : PQTRANS_UNKNOWN;

	return t == PQTRANS_INTRANS || t == PQTRANS_INERROR || t == PQTRANS_ACTIVE;
}

/* The server may have closed it while nothing was asked. */
static bool is_gone(PGconn *pg)
{
	struct pollfd p = {.fd = PQsocket(pg), .events = POLLIN};

	if (PQstatus(pg) != CONNECTION_OK)
		return true;
	return poll(&p, 1, 0) > 0 && (!PQconsumeInput(pg) || PQstatus(pg) != CONNECTION_OK);
}

enum err pg_link_need(struct pg_link *l)
{
	if (l->pg && pg_link_is_inside(l))
		return ERR_OK;
	if (l->pg && is_gone(l->pg))
		drop(l);
	return l->pg ? ERR_OK : connect_now(l);
}

/* Who asked does not know what became of it: the connection is of no use any more. */
static enum err give_up(struct pg_link *l, enum err e)
{
	char why[128];
	PGcancel *c = PQgetCancel(l->pg);

	if (c && e != ERR_DB_AWAY)
		(void)!PQcancel(c, why, sizeof(why));
	PQfreeCancel(c);
	l->broken = true;
	drop(l);
	return e;
}

/* Sends all, and takes what is there until a result is whole. */
static enum err wait_for_result(struct pg_link *l)
{
	struct wait w = wait_begin(l->cancel, "the database");
	enum err e = ERR_OK;
	int more = 1;

	while (!e) {
		int left = (int)(w.since_ms + ANSWER_MS - wait_now_ms());

		if (more && (more = PQflush(l->pg)) < 0)
			return ERR_DB_AWAY;
		if (!more && !PQisBusy(l->pg))
			return ERR_OK;
		e = wait_fd(&w, PQsocket(l->pg), (short)(more ? POLLIN | POLLOUT : POLLIN),
			    left > 0 ? left : 0, GRACE_MS);
		if (!e && !PQconsumeInput(l->pg))
			return ERR_DB_AWAY;
	}
	return e == ERR_TIMEOUT ? ERR_DB_SLOW : e;
}

static enum err judge_result(const PGresult *r)
{
	switch (PQresultStatus(r)) {
	case PGRES_SINGLE_TUPLE:
	case PGRES_COMMAND_OK:
	case PGRES_EMPTY_QUERY:
	case PGRES_TUPLES_OK: return ERR_OK;
	default: return cause_of(PQresultErrorField(r, PG_DIAG_SQLSTATE));
	}
}

enum err pg_link_take(struct pg_link *l, int sent, PGresult **out)
{
	enum err e = sent ? ERR_OK : ERR_DB_AWAY, judged = ERR_OK;
	PGresult *last = NULL, *r;

	l->broken = false;
	while (!e && (e = wait_for_result(l)) == ERR_OK && (r = PQgetResult(l->pg)) != NULL) {
		if (!judged)
			judged = judge_result(r);
		PQclear(last);
		last = r;
	}
	if (!e && PQstatus(l->pg) != CONNECTION_OK)
		e = ERR_DB_AWAY;
	if (e)
		e = give_up(l, e);
	else
		e = judged;
	if (e == ERR_LOCKED)
		l->broken = true;
	if (e || !out)
		PQclear(last);
	else
		*out = last;
	return e;
}

enum err pg_link_next(struct pg_link *l, PGresult **out)
{
	enum err e = wait_for_result(l);
	PGresult *r = e ? NULL : PQgetResult(l->pg);

	l->broken = false;
	if (!r)
		return give_up(l, e ? e : ERR_DB_AWAY);
	e = judge_result(r);
	if (e) {
		PQclear(r);
		(void)!pg_link_take(l, 1, NULL);
		l->broken |= e == ERR_LOCKED;
		return e;
	}
	*out = r;
	return ERR_OK;
}

void pg_link_skip(struct pg_link *l)
{
	char why[128];
	PGcancel *c = l->pg ? PQgetCancel(l->pg) : NULL;

	if (c)
		(void)!PQcancel(c, why, sizeof(why));
	PQfreeCancel(c);
	if (l->pg)
		(void)!pg_link_take(l, 1, NULL);
}

enum err pg_link_run(struct pg_link *l, const char *sql)
{
	enum err e = pg_link_need(l);

	return e ? e : pg_link_take(l, PQsendQuery(l->pg, sql), NULL);
}
