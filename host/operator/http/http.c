#include "host/operator/http/http.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host/operator/http/head.h"
#include "host/operator/http/peer.h"
#include "host/operator/http/tls.h"
#include "lib/crypto/symmetric.h"
#include "lib/base/secret.h"
#include "tool/sys/file.h"

#define CONNECTION_MEM (32u * 1024)
#define IDLE_S	       15
#define DROPPED_MAX    (1024u * 1024) /* octets over the limit that are read for a 413 */
#define UNHEARD_MAX    (8 * DROPPED_MAX)
#define CROWDED_MS     1
#define HOST_MAX       128 /* of an authority */
#define SWEEP_MS       500
#define RETRY_MS       20
#define RSP_ANSWERED   "gsma/rsp/v2.2.0"
#define JSON_TYPE      "application/json"

struct port {
	struct http *http;
	struct MHD_Daemon *daemon;
	const struct http_route *routes;
	unsigned hidden;
	bool asks_certificate;
	bool asks_host; /* by TCP without TLS: nothing else shows whom the client means */
};

struct http {
	struct port ports[HTTP_LISTENERS_MAX];
	size_t count;
	void *ctx;
	enum err (*settle)(void *ctx);
	void (*log)(void *ctx, const struct http_entry *entry);
	struct incoming *held;	  /* handled in this round, not settled yet */
	struct incoming *waiting; /* for what another process has locked, the oldest first */
	bool has_token;
	uint8_t token[SHA256_LEN]; /* hashed: compared in one length */
	struct http_peers peers;
	pthread_t thread;
	bool running;
	int stop;
};

/* One request, from its head to its answer. */
struct incoming {
	const struct http_route *route;
	struct MHD_Connection *connection;
	struct wbuf body;
	size_t dropped;
	bool told; /* that the body is too large, while it still came */
	json_t *request;
	int64_t until; /* it may wait for a lock (monotonic, ms) */
	bool handled;
	enum err e; /* what came of it: an error, or an answer (NULL: without a body) */
	json_t *answer;
	struct incoming *next; /* of held, or of waiting */
};

/* The HTTP status of an error; the rest are the server's own (500). */
static const struct {
	enum err e;
	unsigned status;
} statuses[] = {
	{ERR_TRUNCATED, MHD_HTTP_BAD_REQUEST},	  {ERR_TRAILING, MHD_HTTP_BAD_REQUEST},
	{ERR_ENCODING, MHD_HTTP_BAD_REQUEST},	  {ERR_DEPTH, MHD_HTTP_BAD_REQUEST},
	{ERR_TAG, MHD_HTTP_BAD_REQUEST},	  {ERR_VALUE, MHD_HTTP_BAD_REQUEST},
	{ERR_LENGTH, MHD_HTTP_BAD_REQUEST},	  {ERR_SPACE, MHD_HTTP_CONTENT_TOO_LARGE},
	{ERR_UNSUPPORTED, MHD_HTTP_BAD_REQUEST},  {ERR_NOT_FOUND, MHD_HTTP_NOT_FOUND},
	{ERR_POINT, MHD_HTTP_BAD_REQUEST},	  {ERR_SIGNATURE, MHD_HTTP_FORBIDDEN},
	{ERR_CERT, MHD_HTTP_FORBIDDEN},		  {ERR_CERT_EXPIRED, MHD_HTTP_FORBIDDEN},
	{ERR_CERT_UNTRUSTED, MHD_HTTP_FORBIDDEN}, {ERR_CERT_REVOKED, MHD_HTTP_FORBIDDEN},
	{ERR_SYNC, MHD_HTTP_FORBIDDEN},		  {ERR_MAC, MHD_HTTP_FORBIDDEN},
	{ERR_WRONG_STATE, MHD_HTTP_CONFLICT},	  {ERR_REFUSED, MHD_HTTP_FORBIDDEN},
	{ERR_REPLAY, MHD_HTTP_CONFLICT},	  {ERR_EXPIRED, MHD_HTTP_FORBIDDEN},
	{ERR_FACTOR, MHD_HTTP_FORBIDDEN},	  {ERR_TRIES, MHD_HTTP_TOO_MANY_REQUESTS},
	{ERR_UNBOUND, MHD_HTTP_CONFLICT},	  {ERR_LOCKED, MHD_HTTP_SERVICE_UNAVAILABLE},
};

static unsigned status_of(enum err e)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].e == e)
			return statuses[i].status;
	return MHD_HTTP_INTERNAL_SERVER_ERROR;
}

static struct http_peer *peer_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return i ? i->socket_context : NULL;
}

/* What an answer must say besides (RFC 9110 11.6.1, 15.5.6, 15.5.16; RFC 6585 4). */
static const struct {
	unsigned status;
	const char *name, *value;
} told_with[] = {
	{MHD_HTTP_UNAUTHORIZED, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer"},
	{MHD_HTTP_METHOD_NOT_ALLOWED, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_POST},
	{MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, MHD_HTTP_HEADER_ACCEPT_ENCODING, "identity"},
	{MHD_HTTP_TOO_MANY_REQUESTS, MHD_HTTP_HEADER_RETRY_AFTER, "1"},
	{MHD_HTTP_SERVICE_UNAVAILABLE, MHD_HTTP_HEADER_RETRY_AFTER, "1"},
};

/* For the log: of an answer of SGP.22 its status, with subject and reason; else the error's code.
 */
static void note(struct http_record *r, unsigned status, const json_t *body)
{
	const json_t *of =
		json_object_get(json_object_get(body, "header"), "functionExecutionStatus");
	const json_t *why = json_object_get(of, "statusCodeData");
	const char *word = json_string_value(json_object_get(of, "status"));
	const char *subject = json_string_value(json_object_get(why, "subjectCode"));
	const char *reason = json_string_value(json_object_get(why, "reasonCode"));

	if (!r)
		return;
	if (!word)
		word = json_string_value(json_object_get(json_object_get(body, "error"), "code"));
	r->status = status;
	snprintf(r->words, sizeof(r->words), "%s%s%s%s%s", word ? word : "", subject ? " " : "",
		 subject ? subject : "", reason ? "/" : "", reason ? reason : "");
}

static enum MHD_Result reply(struct MHD_Connection *c, unsigned status, unsigned flags,
			     json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	bool lost = body && !text; /* memory: better no answer than half of one */
	size_t len = text ? strlen(text) : 0;
	struct MHD_Response *r = MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	if (lost)
		status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	note(http_peer_record(peer_of(c)), status, body);
	json_decref(body);
	if (!r) {
		free(text);
		return MHD_NO;
	}
	http_peer_answers(peer_of(c), len);
	if (text)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, JSON_TYPE);
	if (flags & HTTP_RSP)
		MHD_add_response_header(r, "X-Admin-Protocol", RSP_ANSWERED);
	for (size_t i = 0; i < ARRAY_LEN(told_with); i++)
		if (told_with[i].status == status)
			MHD_add_response_header(r, told_with[i].name, told_with[i].value);
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *c, unsigned status, unsigned flags, enum err e,
			      const char *message)
{
	return reply(c, status, flags,
		     json_pack("{s:{s:s, s:s}}", "error", "code", err_name(e), "message", message));
}

#define RAW(status) "HTTP/1.1 " status "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
#define TOO_LARGE   RAW("413 Content Too Large")
#define BAD_LENGTH  RAW("400 Bad Request")

/* An answer where the daemon takes none; how: of shutdown(). It fits any socket's buffer. */
static void say_raw(struct MHD_Connection *c, const char *text, int how)
{
	const union MHD_ConnectionInfo *fd =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *tls =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	if (tls && tls->tls_session) {
		gnutls_session_t session = tls->tls_session;

		if (gnutls_record_send(session, text, strlen(text)) > 0)
			gnutls_bye(session, GNUTLS_SHUT_WR);
	} else if (fd) {
		(void)!send(fd->connect_fd, text, strlen(text), MSG_NOSIGNAL);
	}
	if (fd)
		shutdown(fd->connect_fd, how);
}

/*
 * libmicrohttpd (0.9.75) answers a Content-Length that is no number twice over, and says so to its
 * log before: it is answered here, and then nothing more can be sent.
 */
static void on_trouble(void *cls, const char *format, va_list ap)
{
	const struct http *h = ((const struct port *)cls)->http;

	(void)ap;
	/* of its other words some come while it throws a connection's head away */
	if (!strstr(format, MHD_HTTP_HEADER_CONTENT_LENGTH))
		return;
	for (const struct http_peer *p = h->peers.first; p; p = http_peer_next(p)) {
		struct MHD_Connection *c = http_peer_connection(p);

		if (http_peer_working(p))
			continue;
		if (http_head_bad_length(c))
			say_raw(c, BAD_LENGTH, SHUT_RDWR);
		else if (http_head_long_length(c))
			say_raw(c, TOO_LARGE, SHUT_RDWR);
	}
}

/* A path with a NUL in it would be another one. */
static size_t unescape(void *cls, struct MHD_Connection *c, char *text)
{
	(void)cls, (void)c;
	return strstr(text, "%00") ? strlen(text) : MHD_http_unescape(text);
}

static const struct http_route *find(const struct port *p, const char *path)
{
	for (const struct http_route *r = p->routes; r->path; r++)
		if (!(r->flags & p->hidden) && strcmp(r->path, path) == 0)
			return r;
	return NULL;
}

static bool shows_token(const struct http *h, struct MHD_Connection *c)
{
	size_t len = 0;
	const char *shown =
		http_head_bearer(http_head_field(c, MHD_HTTP_HEADER_AUTHORIZATION), &len);
	struct slice token = slice_make(shown, len);
	uint8_t digest[SHA256_LEN];

	return h->has_token && shown && sha256(&token, 1, digest) == ERR_OK &&
	       secret_equal(SLICE_OF(digest), SLICE_OF(h->token));
}

/*
 * The TLS session trusts the clients' CA alone. A certificate that says what it is for must be a
 * client's (RFC 5280 4.2.1.12): the CA may issue those of servers too.
 */
static bool shows_certificate(const struct port *p, struct MHD_Connection *c)
{
	static unsigned char client[] = GNUTLS_KP_TLS_WWW_CLIENT;
	gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID, .data = client};
	const union MHD_ConnectionInfo *i;
	unsigned status = 0;

	if (!p->asks_certificate)
		return false;
	i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	return i && i->tls_session &&
	       gnutls_certificate_verify_peers((gnutls_session_t)i->tls_session, &purpose, 1,
					       &status) == 0 &&
	       status == 0;
}

/*
 * The lab's paths are for who calls this machine by a name of its own. A web page whose host's name
 * has come to mean the loopback address (DNS rebinding) calls it by that one.
 */
static bool host_fits(const struct port *p, struct MHD_Connection *c,
		      const struct http_route *route, const char *authority)
{
	const char *host = http_head_field(c, MHD_HTTP_HEADER_HOST);
	char named[HOST_MAX];
	bool fits;

	if (!(route->flags & HTTP_LOCAL) || !p->asks_host)
		return true;
	fits = !host || http_names_loopback(host);
	if (fits && authority) {
		int n = snprintf(named, sizeof(named), "%.*s", (int)strcspn(authority, "/"),
				 authority);

		fits = n < (int)sizeof(named) && http_names_loopback(named);
	}
	return fits;
}

/* Who asks, and whether he may. */
static struct http_refusal check_asker(const struct port *p, struct MHD_Connection *c,
				       const struct http_route *route, const char *authority)
{
	if (!host_fits(p, c, route, authority))
		return (struct http_refusal){MHD_HTTP_MISDIRECTED_REQUEST,
					     "this is asked of the loopback address only"};
	if ((route->flags & HTTP_GUARDED) && !shows_token(p->http, c) && !shows_certificate(p, c))
		return (struct http_refusal){MHD_HTTP_UNAUTHORIZED,
					     "the function requester is not authenticated"};
	return (struct http_refusal){0, NULL};
}

/* What is wrong with the request before its body matters. */
static struct http_refusal check_head(const struct port *p, struct MHD_Connection *c,
				      const struct http_route *route, const char *method,
				      const char *authority)
{
	const char *protocol = http_head_field(c, "X-Admin-Protocol");
	const char *length = http_head_field(c, MHD_HTTP_HEADER_CONTENT_LENGTH);
	struct http_refusal no;

	if (http_peer_refused(peer_of(c)))
		return (struct http_refusal){MHD_HTTP_TOO_MANY_REQUESTS,
					     "there are too many connections: try again later"};
	if (!route)
		return (struct http_refusal){MHD_HTTP_NOT_FOUND, "there is no such path"};
	if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
		return (struct http_refusal){MHD_HTTP_METHOD_NOT_ALLOWED, "use POST"};
	no = check_asker(p, c, route, authority);
	/* Not on the lab's paths, which ask nobody who he is, may the type be left out: a web page
	 * of anywhere can make a browser of this machine send a body without one. */
	if (!no.status)
		no = http_head_body(c, route->flags & HTTP_LOCAL);
	if (!no.status && (route->flags & HTTP_RSP) && protocol && !http_head_protocol(protocol))
		no = (struct http_refusal){MHD_HTTP_BAD_REQUEST,
					   "X-Admin-Protocol must be gsma/rsp/v2.0.0 or later"};
	if (!no.status && length && strtoull(length, NULL, 10) > HTTP_BODY_MAX + DROPPED_MAX)
		no = (struct http_refusal){MHD_HTTP_CONTENT_TOO_LARGE, "the body is too large"};
	return no;
}

static enum err error_of(unsigned status)
{
	switch (status) {
	case MHD_HTTP_NOT_FOUND: return ERR_NOT_FOUND;
	case MHD_HTTP_UNAUTHORIZED: return ERR_REFUSED;
	case MHD_HTTP_CONTENT_TOO_LARGE: return ERR_SPACE;
	default: return ERR_USAGE;
	}
}

static enum MHD_Result send_answer(struct incoming *in)
{
	unsigned flags = in->route->flags;
	json_t *answer = in->answer;

	if (in->e) {
		const char *said = json_string_value(json_object_get(answer, "message"));

		return refuse(in->connection, status_of(in->e), flags, in->e,
			      said ? said : err_text(in->e));
	}
	in->answer = NULL;
	return reply(in->connection, answer ? MHD_HTTP_OK : MHD_HTTP_NO_CONTENT, flags, answer);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* False: it waits for a lock, and can wait on. */
static bool handle(const struct http *h, struct incoming *in)
{
	json_decref(in->answer); /* what was said of a lock */
	in->answer = NULL;
	in->e = in->route->handle(h->ctx, in->route->kind, in->request, &in->answer);
	in->handled = in->e != ERR_LOCKED || now_ms() >= in->until;
	return in->handled;
}

static bool is_settled_later(const struct http *h, const struct incoming *in)
{
	return h->settle && !(in->route->flags & HTTP_APART);
}

static void hold(struct http *h, struct incoming *in)
{
	in->next = h->held;
	h->held = in;
}

/* The daemon asks again for the answer of a request that was held, and is settled now. */
static enum MHD_Result answer(struct http *h, struct incoming *in)
{
	struct incoming **last = &h->waiting;
	json_error_t why;

	if (in->handled)
		return send_answer(in);
	in->request =
		json_loadb((const char *)in->body.ptr, in->body.len, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(in->request))
		return refuse(in->connection, MHD_HTTP_BAD_REQUEST, in->route->flags, ERR_ENCODING,
			      "the body is not a JSON object");
	in->until = now_ms() + HTTP_LOCK_MS;
	if (!handle(h, in)) {
		while (*last)
			last = &(*last)->next;
		*last = in;
	} else if (is_settled_later(h, in)) {
		hold(h, in);
	} else {
		return send_answer(in);
	}
	MHD_suspend_connection(in->connection);
	return MHD_YES;
}

/* Those that wait, once more, in their order: where one still waits, so would those behind it that
 * want the same store. True: some have been handled. */
static bool retry(struct http *h)
{
	bool locked[2] = {false, false}, any = false;
	struct incoming **at = &h->waiting;

	while (*at) {
		struct incoming *in = *at;
		bool apart = in->route->flags & HTTP_APART;

		if ((locked[apart] && now_ms() < in->until) || !handle(h, in)) {
			locked[apart] = true;
			at = &in->next;
			continue;
		}
		*at = in->next;
		any = true;
		if (is_settled_later(h, in))
			hold(h, in);
		else
			MHD_resume_connection(in->connection);
	}
	return any;
}

/* What the requests of a round have done is kept, or none of them hears that it is done. True:
 * their answers come with the next round. */
static bool settle(struct http *h)
{
	bool any = h->held != NULL;
	enum err e = any ? h->settle(h->ctx) : ERR_OK;

	while (h->held) {
		struct incoming *in = h->held;

		h->held = in->next;
		if (e)
			in->e = e;
		MHD_resume_connection(in->connection);
	}
	return any;
}

/* The first call has the headers alone: what is wrong with them is answered before the body comes.
 */
static enum MHD_Result begin(const struct port *p, struct MHD_Connection *c, const char *target,
			     const char *method, const char *version, void **state)
{
	const char *authority;
	const struct http_route *route = find(p, http_head_path(target, &authority));
	struct http_refusal no = http_head_framing(c, version);
	struct incoming *in;

	if (!no.status)
		no = check_head(p, c, route, method, authority);
	if (no.status)
		return refuse(c, no.status, route ? route->flags : 0, error_of(no.status),
			      no.message);
	in = calloc(1, sizeof(*in));
	if (!in)
		return MHD_NO;
	in->route = route;
	in->connection = c;
	in->body = wbuf_grow(HTTP_BODY_MAX);
	http_peer_works(peer_of(c));
	*state = in;
	return MHD_YES;
}

/* A little of what is too much is read, so that its sender hears why. Who sends more is told at
 * once, and has the rest of his time to read it. */
static bool take_body(struct incoming *in, struct slice data)
{
	wbuf_put(&in->body, data);
	in->dropped += in->body.err ? data.len : 0;
	if (in->dropped > DROPPED_MAX && !in->told) {
		say_raw(in->connection, TOO_LARGE, SHUT_WR);
		note(http_peer_record(peer_of(in->connection)), MHD_HTTP_CONTENT_TOO_LARGE, NULL);
		in->told = true;
	}
	return in->dropped <= UNHEARD_MAX;
}

static enum MHD_Result take(void *cls, struct MHD_Connection *c, const char *url,
			    const char *method, const char *version, const char *data,
			    size_t *data_len, void **state)
{
	const struct port *p = cls;
	struct incoming *in = *state;

	if (!in)
		return begin(p, c, url, method, version, state);
	if (*data_len) {
		bool goes_on = take_body(in, slice_make(data, *data_len));

		*data_len = 0;
		return goes_on ? MHD_YES : MHD_NO;
	}
	if (in->told)
		return MHD_NO;
	if (wbuf_done(&in->body))
		return refuse(c, MHD_HTTP_CONTENT_TOO_LARGE, in->route->flags, ERR_SPACE,
			      "the body is too large");
	return answer(p->http, in);
}

static const char *peer_text(struct MHD_Connection *c, char *text, size_t cap)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *a = i ? i->client_addr : NULL;
	socklen_t len = a && a->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						      : sizeof(struct sockaddr_in);
	char host[64], port[8];

	if (!a || (a->sa_family != AF_INET && a->sa_family != AF_INET6) ||
	    getnameinfo(a, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return "unix";
	snprintf(text, cap, a->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
	return text;
}

static void write_log(const struct http *h, struct MHD_Connection *c, const char *url,
		      const char *method)
{
	struct http_record *r = http_peer_record(peer_of(c));
	char peer[80];

	if (!r || !r->status)
		return;
	h->log(h->ctx, &(struct http_entry){.peer = peer_text(c, peer, sizeof(peer)),
					    .method = method,
					    .path = url,
					    .status = r->status,
					    .words = r->words,
					    .duration_s = http_peer_now_s() - r->begun});
	r->status = 0;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *data_len, void **state)
{
	const struct http *h = ((const struct port *)cls)->http;
	struct http_record *r = http_peer_record(peer_of(c));
	enum MHD_Result result;

	if (r && !*state)
		*r = (struct http_record){.begun = http_peer_now_s()};
	result = take(cls, c, url, method, version, data, data_len, state);
	if (h->log)
		write_log(h, c, url, method);
	return result;
}

static void on_end(void *cls, struct MHD_Connection *c, void **state,
		   enum MHD_RequestTerminationCode code)
{
	struct incoming *in = *state;

	(void)cls, (void)code;
	http_peer_rests(peer_of(c));
	if (in) {
		wbuf_free(&in->body);
		json_decref(in->answer);
		json_decref(in->request);
	}
	free(in);
	*state = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *c, void **socket_ctx,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http *h = ((struct port *)cls)->http;
	const union MHD_ConnectionInfo *i;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		http_peer_free(&h->peers, *socket_ctx);
		*socket_ctx = NULL;
		return;
	}
	i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	*socket_ctx = i ? http_peer_new(&h->peers, i->connect_fd, c) : NULL;
}

/* Those that are let in when others have been ended come with the next round. */
static int next_timeout(const struct http *h, bool crowded, bool settled)
{
	MHD_UNSIGNED_LONG_LONG timeout = settled      ? 0
					 : crowded    ? CROWDED_MS
					 : h->waiting ? RETRY_MS
						      : SWEEP_MS;

	for (size_t i = 0; i < h->count; i++) {
		MHD_UNSIGNED_LONG_LONG t;

		if (MHD_get_timeout(h->ports[i].daemon, &t) == MHD_YES && t < timeout)
			timeout = t;
	}
	return (int)timeout;
}

/* What can be done now. True: there is more to do at once. */
static bool serve_round(struct http *h, bool *crowded)
{
	size_t before = h->peers.open;
	bool done, settled;

	h->peers.ended = false;
	for (size_t i = 0; i < h->count; i++)
		MHD_run(h->ports[i].daemon);
	done = retry(h);
	settled = settle(h);
	http_peers_sweep(&h->peers);
	/* the daemon looks for those that wait only when it runs again */
	*crowded = h->peers.ended || h->peers.open < before;
	return done || settled;
}

static void *run(void *arg)
{
	struct http *h = arg;
	struct pollfd fds[HTTP_LISTENERS_MAX + 1];
	bool crowded = false, more = false;

	for (size_t i = 0; i < h->count; i++) {
		const union MHD_DaemonInfo *info =
			MHD_get_daemon_info(h->ports[i].daemon, MHD_DAEMON_INFO_EPOLL_FD);

		fds[i] = (struct pollfd){.fd = info->epoll_fd, .events = POLLIN};
	}
	fds[h->count] = (struct pollfd){.fd = h->stop, .events = POLLIN};
	for (;;) {
		if (poll(fds, h->count + 1, next_timeout(h, crowded, more)) < 0 && errno != EINTR)
			break;
		if (fds[h->count].revents)
			break;
		more = serve_round(h, &crowded);
	}
	return NULL;
}

/* The daemon ends only what it has. */
static void let_go(struct http *h)
{
	while (h->waiting) {
		struct incoming *in = h->waiting;

		h->waiting = in->next;
		in->handled = true;
		MHD_resume_connection(in->connection);
	}
}

static bool is_unix(int fd)
{
	struct sockaddr_storage a = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(a);

	return getsockname(fd, (struct sockaddr *)&a, &len) == 0 && a.ss_family == AF_UNIX;
}

static enum err start_port(struct http *h, const struct http_listener *l)
{
	struct port *p = &h->ports[h->count];
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)http_tls_retrieve},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, NULL},
		{MHD_OPTION_END, 0, NULL},
		{MHD_OPTION_END, 0, NULL},
	};
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;

	*p = (struct port){.http = h,
			   .routes = l->routes,
			   .hidden = l->hidden,
			   .asks_host = !l->tls && !is_unix(l->fd)};
	if (l->tls) {
		flags |= MHD_USE_TLS;
		if (http_tls_use(l->tls))
			return ERR_CERT;
		tls[1].ptr_value = (void *)(uintptr_t)http_tls_priorities(l->tls);
		p->asks_certificate = l->tls->client_ca != NULL;
		if (p->asks_certificate)
			tls[2] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0,
							 (void *)(uintptr_t)l->tls->client_ca};
	} else {
		tls[0].option = MHD_OPTION_END;
	}
	p->daemon = MHD_start_daemon(
		flags | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, p, MHD_OPTION_EXTERNAL_LOGGER,
		on_trouble, p, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,
		MHD_OPTION_LISTEN_SOCKET, (MHD_socket)l->fd, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)IDLE_S, MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEM,
		MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, p, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	if (!p->daemon)
		return l->tls ? ERR_CERT : ERR_IO;
	h->count++;
	return ERR_OK;
}

enum err http_serve(const struct http_setup *setup, struct http **out)
{
	struct http *h = calloc(1, sizeof(*h));
	size_t started = 0;
	enum err e = h ? ERR_OK : ERR_MEMORY;

	if (h) {
		h->ctx = setup->ctx;
		h->settle = setup->settle;
		h->log = setup->log;
		h->peers.request_s =
			setup->request_ms ? setup->request_ms / 1000.0 : HTTP_REQUEST_S;
		h->has_token = setup->token.len != 0;
		h->stop = eventfd(0, EFD_CLOEXEC);
		e = h->stop < 0 ? file_errno(errno) : sha256(&setup->token, 1, h->token);
	}
	for (; !e && started < setup->count; started++)
		e = start_port(h, &setup->listeners[started]);
	if (!e && pthread_create(&h->thread, NULL, run, h))
		e = ERR_IO;
	else if (!e)
		h->running = true;
	/* those that no daemon has taken over */
	for (size_t i = h ? h->count : 0; e && i < setup->count; i++)
		close(setup->listeners[i].fd);
	if (e)
		http_stop(&h);
	else
		*out = h;
	return e;
}

enum err http_start(int listen_fd, const struct http_route *routes, void *ctx, struct http **out)
{
	const struct http_setup setup = {
		.listeners = {{.fd = listen_fd, .routes = routes}}, .count = 1, .ctx = ctx};

	return http_serve(&setup, out);
}

void http_stop(struct http **h)
{
	uint64_t one = 1;

	if (!*h)
		return;
	if ((*h)->running) {
		while (write((*h)->stop, &one, sizeof(one)) < 0 && errno == EINTR)
			continue;
		pthread_join((*h)->thread, NULL);
	}
	let_go(*h);
	for (size_t i = 0; i < (*h)->count; i++)
		MHD_stop_daemon((*h)->ports[i].daemon);
	http_tls_forget();
	if ((*h)->stop >= 0)
		close((*h)->stop);
	free(*h);
	*h = NULL;
}
