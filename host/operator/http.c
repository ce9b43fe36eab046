#include "host/operator/http.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/operator/http_peer.h"
#include "lib/crypto/symmetric.h"
#include "lib/secret.h"
#include "tool/file.h"

#define CONNECTION_MEM (32u * 1024)
#define IDLE_S	       15
#define DROPPED_MAX    (1024u * 1024) /* octets over the limit that are read for a 413 */
#define CROWDED_MS     1
#define SWEEP_MS       500
#define BEARER	       "Bearer "
#define RSP_PROTOCOL   "gsma/rsp/v"
#define RSP_MAJOR      "gsma/rsp/v2."
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
	struct incoming *held; /* handled in this round, not settled yet */
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
	bool handled;
	enum err e; /* what came of it: an error, or an answer (NULL: without a body) */
	json_t *answer;
	struct incoming *held;
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
	{ERR_UNBOUND, MHD_HTTP_CONFLICT},
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

static enum MHD_Result reply(struct MHD_Connection *c, unsigned status, unsigned flags,
			     json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	bool lost = body && !text; /* memory: better no answer than half of one */
	size_t len = text ? strlen(text) : 0;
	struct MHD_Response *r = MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	json_decref(body);
	if (!r) {
		free(text);
		return MHD_NO;
	}
	if (lost)
		status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	http_peer_answers(peer_of(c), len);
	if (text)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, JSON_TYPE);
	if (flags & HTTP_RSP)
		MHD_add_response_header(r, "X-Admin-Protocol", RSP_ANSWERED);
	if (status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(r, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
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

static const struct http_route *find(const struct port *p, const char *path)
{
	for (const struct http_route *r = p->routes; r->path; r++)
		if (!(r->flags & p->hidden) && strcmp(r->path, path) == 0)
			return r;
	return NULL;
}

static const char *header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static bool shows_token(const struct http *h, struct MHD_Connection *c)
{
	const char *value = header(c, MHD_HTTP_HEADER_AUTHORIZATION);
	uint8_t digest[SHA256_LEN];
	struct slice token;

	if (!h->has_token || !value || strncmp(value, BEARER, strlen(BEARER)) != 0)
		return false;
	token = slice_str(value + strlen(BEARER));
	return sha256(&token, 1, digest) == ERR_OK &&
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
 * SGP.22 6.5.1.2; elsewhere it may be left out. Not on the lab's paths, which ask nobody who he is:
 * a web page of anywhere can make a browser of this machine send a body without a type.
 */
static bool type_fits(const struct http_route *route, const char *type)
{
	size_t n = strlen(JSON_TYPE);

	if (!type)
		return !(route->flags & HTTP_LOCAL);
	return strncasecmp(type, JSON_TYPE, n) == 0 && (!type[n] || strchr("; \t", type[n]));
}

/*
 * The lab's paths are for who calls this machine by a name of its own. A web page whose host's name
 * has come to mean the loopback address (DNS rebinding) calls it by that one.
 */
static bool host_fits(const struct port *p, struct MHD_Connection *c,
		      const struct http_route *route)
{
	const char *host = header(c, MHD_HTTP_HEADER_HOST);

	return !(route->flags & HTTP_LOCAL) || !p->asks_host || !host || http_names_loopback(host);
}

/* What is wrong with the request before its body matters; 0: nothing. */
static unsigned check_head(const struct port *p, struct MHD_Connection *c,
			   const struct http_route *route, const char *method, const char **message)
{
	const char *type = header(c, MHD_HTTP_HEADER_CONTENT_TYPE);
	const char *protocol = header(c, "X-Admin-Protocol");
	const char *length = header(c, MHD_HTTP_HEADER_CONTENT_LENGTH);

	if (!route) {
		*message = "there is no such path";
		return MHD_HTTP_NOT_FOUND;
	}
	if (strcmp(method, MHD_HTTP_METHOD_POST) != 0) {
		*message = "use POST";
		return MHD_HTTP_METHOD_NOT_ALLOWED;
	}
	if (!host_fits(p, c, route)) {
		*message = "this is asked of the loopback address only";
		return MHD_HTTP_MISDIRECTED_REQUEST;
	}
	if ((route->flags & HTTP_GUARDED) && !shows_token(p->http, c) && !shows_certificate(p, c)) {
		*message = "the function requester is not authenticated";
		return MHD_HTTP_UNAUTHORIZED;
	}
	if (!type_fits(route, type)) {
		*message = "the body must be " JSON_TYPE;
		return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
	}
	if ((route->flags & HTTP_RSP) && protocol &&
	    strncmp(protocol, RSP_MAJOR, strlen(RSP_MAJOR)) != 0) {
		*message = "X-Admin-Protocol must be " RSP_PROTOCOL "2.x.y";
		return MHD_HTTP_BAD_REQUEST;
	}
	if (length && strtoull(length, NULL, 10) > HTTP_BODY_MAX + DROPPED_MAX) {
		*message = "the body is too large";
		return MHD_HTTP_CONTENT_TOO_LARGE;
	}
	return 0;
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

/* The daemon asks again for the answer of a request that was held, and is settled now. */
static enum MHD_Result answer(struct http *h, struct incoming *in)
{
	json_error_t why;
	json_t *request;

	if (in->handled)
		return send_answer(in);
	request =
		json_loadb((const char *)in->body.ptr, in->body.len, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(request)) {
		json_decref(request);
		return refuse(in->connection, MHD_HTTP_BAD_REQUEST, in->route->flags, ERR_ENCODING,
			      "the body is not a JSON object");
	}
	in->handled = true;
	in->e = in->route->handle(h->ctx, in->route->kind, request, &in->answer);
	json_decref(request);
	if (!h->settle || (in->route->flags & HTTP_APART))
		return send_answer(in);
	in->held = h->held;
	h->held = in;
	MHD_suspend_connection(in->connection);
	return MHD_YES;
}

/* What the requests of a round have done is kept, or none of them hears that it is done. True:
 * their answers come with the next round. */
static bool settle(struct http *h)
{
	bool any = h->held != NULL;
	enum err e = any ? h->settle(h->ctx) : ERR_OK;

	while (h->held) {
		struct incoming *in = h->held;

		h->held = in->held;
		if (e)
			in->e = e;
		MHD_resume_connection(in->connection);
	}
	return any;
}

/* The first call has the headers alone: what is wrong with them is answered before the body comes.
 */
static enum MHD_Result begin(const struct port *p, struct MHD_Connection *c, const char *url,
			     const char *method, void **state)
{
	const struct http_route *route = find(p, url);
	const char *message = NULL;
	unsigned status = check_head(p, c, route, method, &message);
	struct incoming *in;

	if (status)
		return refuse(c, status, route ? route->flags : 0, error_of(status), message);
	in = calloc(1, sizeof(*in));
	if (!in)
		return MHD_NO;
	in->route = route;
	in->connection = c;
	in->body = wbuf_grow(HTTP_BODY_MAX);
	*state = in;
	return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *data_len, void **state)
{
	const struct port *p = cls;
	struct incoming *in = *state;

	(void)version;
	if (!in)
		return begin(p, c, url, method, state);
	if (*data_len) { /* a little of what is too much is read, so that its sender hears why */
		wbuf_put(&in->body, slice_make(data, *data_len));
		in->dropped += in->body.err ? *data_len : 0;
		*data_len = 0;
		return in->dropped > DROPPED_MAX ? MHD_NO : MHD_YES;
	}
	if (wbuf_done(&in->body))
		return refuse(c, MHD_HTTP_CONTENT_TOO_LARGE, in->route->flags, ERR_SPACE,
			      "the body is too large");
	return answer(p->http, in);
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
	*socket_ctx = i ? http_peer_new(&h->peers, i->connect_fd) : NULL;
}

/* Those that are let in when others have been ended come with the next round. */
static int next_timeout(const struct http *h, bool crowded, bool settled)
{
	MHD_UNSIGNED_LONG_LONG timeout = settled ? 0 : crowded ? CROWDED_MS : SWEEP_MS;

	for (size_t i = 0; i < h->count; i++) {
		MHD_UNSIGNED_LONG_LONG t;

		if (MHD_get_timeout(h->ports[i].daemon, &t) == MHD_YES && t < timeout)
			timeout = t;
	}
	return (int)timeout;
}

static void *run(void *arg)
{
	struct http *h = arg;
	struct pollfd fds[HTTP_LISTENERS_MAX + 1];
	bool crowded = false, settled = false;
	size_t before;

	for (size_t i = 0; i < h->count; i++) {
		const union MHD_DaemonInfo *info =
			MHD_get_daemon_info(h->ports[i].daemon, MHD_DAEMON_INFO_EPOLL_FD);

		fds[i] = (struct pollfd){.fd = info->epoll_fd, .events = POLLIN};
	}
	fds[h->count] = (struct pollfd){.fd = h->stop, .events = POLLIN};
	for (;;) {
		if (poll(fds, h->count + 1, next_timeout(h, crowded, settled)) < 0 &&
		    errno != EINTR)
			break;
		if (fds[h->count].revents)
			break;
		before = h->peers.open;
		for (size_t i = 0; i < h->count; i++)
			MHD_run(h->ports[i].daemon);
		settled = settle(h);
		/* the daemon looks for those that wait only when it runs again */
		crowded = http_peers_sweep(&h->peers) || h->peers.open < before;
	}
	return NULL;
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
		{MHD_OPTION_HTTPS_MEM_KEY, 0, NULL},
		{MHD_OPTION_HTTPS_MEM_CERT, 0, NULL},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, NULL},
		{MHD_OPTION_END, 0, NULL},
		{MHD_OPTION_END, 0, NULL},
	};
	unsigned flags = MHD_USE_EPOLL | (h->settle ? MHD_ALLOW_SUSPEND_RESUME : 0);

	*p = (struct port){.http = h,
			   .routes = l->routes,
			   .hidden = l->hidden,
			   .asks_host = !l->tls && !is_unix(l->fd)};
	if (l->tls) {
		flags |= MHD_USE_TLS;
		tls[0].ptr_value = (void *)(uintptr_t)l->tls->key;
		tls[1].ptr_value = (void *)(uintptr_t)l->tls->cert;
		tls[2].ptr_value = (void *)(uintptr_t)http_tls_priorities(l->tls);
		p->asks_certificate = l->tls->client_ca != NULL;
		if (p->asks_certificate)
			tls[3] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0,
							 (void *)(uintptr_t)l->tls->client_ca};
	} else {
		tls[0].option = MHD_OPTION_END;
	}
	p->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, p, MHD_OPTION_LISTEN_SOCKET, (MHD_socket)l->fd,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEM, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, p, MHD_OPTION_ARRAY, tls,
		MHD_OPTION_END);
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
	for (size_t i = 0; i < (*h)->count; i++)
		MHD_stop_daemon((*h)->ports[i].daemon);
	if ((*h)->stop >= 0)
		close((*h)->stop);
	free(*h);
	*h = NULL;
}
