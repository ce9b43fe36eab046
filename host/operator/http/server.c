#include "host/operator/http/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/operator/http/access.h"
#include "host/operator/http/answer.h"
#include "host/operator/http/call.h"
#include "host/operator/http/head.h"
#include "host/operator/http/page.h"
#include "host/operator/http/peer.h"
#include "host/operator/http/tls.h"
#include "host/operator/http/tls_pair.h"
#include "tool/sys/errno.h"

#define CONNECTION_MEM (32u * 1024)
#define IDLE_S	       15
#define DROPPED_MAX    (1024u * 1024) /* octets over the limit that are read for a 413 */
#define UNHEARD_MAX    (8 * DROPPED_MAX)
#define CROWDED_MS     1
#define SWEEP_MS       500
#define RETRY_MS       20
#define HEAD_MS	       250   /* at the end, for a head that is on its way */
#define ALIVE_MS       10000 /* a round takes no longer, unless something hangs */

struct port {
	struct http *http;
	struct MHD_Daemon *daemon;
	const struct http_route *routes;
	unsigned offers;
	bool stays;
	struct http_access access;
};

struct http {
	struct port ports[HTTP_LISTENERS_MAX];
	size_t count;
	void (*log)(void *ctx, const struct http_entry *entry);
	void (*refusal)(void *ctx, const struct http_asked *asked, struct http_page *page);
	struct http_token token;
	struct http_calls calls;
	struct http_peers peers;
	pthread_t thread;
	bool running;
	int stop;
	_Atomic int64_t round_ms; /* when the last round was (monotonic) */
	/* what others ask of the server's thread; it looks when it is woken */
	pthread_mutex_t asked;
	struct http_token next_token;
	bool has_next_token;
	_Atomic bool stopping, draining, drained;
	bool closed; /* the listening sockets */
	int64_t closed_ms;
};

static int64_t now_ms(void)
{
	return (int64_t)(http_peer_now_s() * 1000);
}

bool http_is_alive(const struct http *h)
{
	return now_ms() - h->round_ms < ALIVE_MS;
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

		if (http_peer_is_working(p))
			continue;
		if (http_head_bad_length(c))
			http_answer_raw(c, MHD_HTTP_BAD_REQUEST, SHUT_RDWR);
		else if (http_head_long_length(c))
			http_answer_raw(c, MHD_HTTP_CONTENT_TOO_LARGE, SHUT_RDWR);
	}
}

/* A path with a NUL in it would be another one. */
static size_t unescape(void *cls, struct MHD_Connection *c, char *text)
{
	(void)cls, (void)c;
	return strstr(text, "%00") ? strlen(text) : MHD_http_unescape(text);
}

/* HEAD is GET without the body of its answer (RFC 9110 9.3.2). */
static bool fits_method(const struct http_route *r, const char *method)
{
	bool head = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;

	return strcmp(r->method, head ? MHD_HTTP_METHOD_GET : method) == 0;
}

/* No path is offered where its interface is not; one may have a row a method. */
static const struct http_route *find_route(const struct port *p, const char *path,
					   const char *method)
{
	const struct http_route *other = NULL;

	for (const struct http_route *r = p->routes; r->path; r++) {
		if (!(r->interface & p->offers) || strcmp(r->path, path) != 0)
			continue;
		if (fits_method(r, method))
			return r;
		other = r;
	}
	return other;
}

/* The head of a request, as the daemon has it. */
struct head {
	struct MHD_Connection *connection;
	const char *target, *method, *version;
};

static bool has_body_type(const struct http_route *route)
{
	return strcmp(route->method, MHD_HTTP_METHOD_POST) == 0 &&
	       (route->caller == HTTP_CALLER_NEIGHBOUR || route->caller == HTTP_CALLER_SOCKET ||
		route->page);
}

/* What is wrong with the request before its body matters. */
static struct http_refusal check_head(const struct port *p, const struct head *head,
				      const struct http_route *route, const char *authority)
{
	struct MHD_Connection *c = head->connection;
	const char *protocol = http_head_field(c, "X-Admin-Protocol");
	const char *length = http_head_field(c, MHD_HTTP_HEADER_CONTENT_LENGTH);
	struct http_refusal no = http_head_framing(c, head->version);

	if (no.status)
		return no;
	if (http_peer_is_refused(http_peer_of(c)))
		return http_refuse(MHD_HTTP_TOO_MANY_REQUESTS,
				   "there are too many connections: try again later");
	if (!route)
		return http_refuse(MHD_HTTP_NOT_FOUND, "there is no such path");
	if (!fits_method(route, head->method))
		return (struct http_refusal){MHD_HTTP_METHOD_NOT_ALLOWED, "use", route->method};
	no = http_access_check(&p->access, c, route, authority);
	/* Not where nobody is asked who he is may the type be left out: a web page of anywhere can
	 * make a browser of this machine send a body without one. */
	if (!no.status)
		no = http_head_body(c, &(struct http_head_type){.form = route->page && !route->json,
								.typed = has_body_type(route)});
	if (!no.status && route->rsp && protocol && !http_head_protocol(protocol))
		no = http_refuse(MHD_HTTP_BAD_REQUEST,
				 "X-Admin-Protocol must be gsma/rsp/v2.0.0 or later");
	if (!no.status && length && strtoull(length, NULL, 10) > route->body_max + DROPPED_MAX)
		no = http_refuse(MHD_HTTP_CONTENT_TOO_LARGE, "the body is too large");
	return no;
}

/* By a page, where the server's clients are browsers. */
static enum MHD_Result refuse_request(const struct http *h, struct MHD_Connection *c,
				      const struct http_route *route, const struct http_refusal *no)
{
	struct http_page page = {.status = no->status, .body = wbuf_grow(HTTP_PAGE_MAX)};
	struct http_asked asked;
	enum MHD_Result result;

	if (!h->refusal || (route && (route->json || !route->page)))
		return http_answer_refuse(c, route, no);
	http_page_ask(c, &asked);
	h->refusal(h->calls.ctx, &asked, &page);
	result = http_answer_page(c, route, &page);
	wbuf_free(&page.body);
	return result;
}

/* The first call has the headers alone: what is wrong with them is answered before the body comes.
 */
static enum MHD_Result begin_call(const struct port *p, const struct head *head, void **state)
{
	struct MHD_Connection *c = head->connection;
	const char *authority;
	const struct http_route *route =
		find_route(p, http_head_path(head->target, &authority), head->method);
	struct http_refusal no = check_head(p, head, route, authority);

	if (no.status)
		return refuse_request(p->http, c, route, &no);
	if (http_peer_record(http_peer_of(c)))
		http_peer_record(http_peer_of(c))->route = route->path;
	*state = http_call_new(route, c);
	if (!*state)
		return MHD_NO;
	http_peer_works(http_peer_of(c));
	return MHD_YES;
}

/* A little of what is too much is read, so that its sender hears why. Who sends more is told at
 * once, and has the rest of his time to read it. */
static bool take_body(struct http_call *call, struct slice data)
{
	wbuf_put(&call->body, data);
	call->dropped += call->body.err ? data.len : 0;
	if (call->dropped > DROPPED_MAX && !call->told) {
		struct http_record *r = http_peer_record(http_peer_of(call->connection));

		http_answer_raw(call->connection, MHD_HTTP_CONTENT_TOO_LARGE, SHUT_WR);
		if (r)
			r->status = MHD_HTTP_CONTENT_TOO_LARGE;
		call->told = true;
	}
	return call->dropped <= UNHEARD_MAX;
}

/* A part of the body, or, after the last one and whenever a suspended call runs on, none. */
static enum MHD_Result go_on(struct http *h, struct http_call *call, struct slice data)
{
	struct http_refusal no;

	if (data.len)
		return take_body(call, data) ? MHD_YES : MHD_NO;
	if (call->told)
		return MHD_NO;
	if (!http_call_handle(&h->calls, call))
		return MHD_YES;
	if (call->route->page && !call->e)
		return http_answer_page(call->connection, call->route, &call->page);
	if (call->route->page) {
		no = http_refuse(http_fault_status(call->e), err_text(call->e));
		return refuse_request(h, call->connection, call->route, &no);
	}
	return http_answer_send(call->connection, call->route, call->e, &call->answer);
}

static void write_log(const struct http *h, const struct head *head)
{
	struct http_peer *peer = http_peer_of(head->connection);
	struct http_record *r = http_peer_record(peer);
	char name[HTTP_PEER_NAME_MAX];

	if (!r || !r->status)
		return;
	http_peer_name(head->connection, name);
	h->log(h->calls.ctx, &(struct http_entry){.peer = name,
						  .method = head->method,
						  .path = head->target,
						  .status = r->status,
						  .words = r->words,
						  .id = r->id,
						  .route = r->route,
						  .duration_s = http_peer_now_s() - r->begun});
	r->status = 0;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *data_len, void **state)
{
	const struct port *p = cls;
	const struct head head = {c, url, method, version};
	struct http_record *r = http_peer_record(http_peer_of(c));
	struct slice part = slice_make(data, *data_len);
	enum MHD_Result result;

	if (r && !*state) {
		*r = (struct http_record){.begun = http_peer_now_s()};
		http_id_take(http_head_field(c, HTTP_ID_FIELD), r->id);
	}
	if (*state) {
		*data_len = 0;
		result = go_on(p->http, *state, part);
	} else {
		result = begin_call(p, &head, state);
	}
	if (p->http->log)
		write_log(p->http, &head);
	return result;
}

static void on_end(void *cls, struct MHD_Connection *c, void **state,
		   enum MHD_RequestTerminationCode code)
{
	(void)cls, (void)code;
	http_peer_rests(http_peer_of(c));
	http_call_free(*state);
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
	if (((struct port *)cls)->stays)
		http_peer_stays(*socket_ctx);
}

/* Those that are let in when others have been ended come with the next round. */
static int next_timeout(const struct http *h, bool crowded, bool settled)
{
	MHD_UNSIGNED_LONG_LONG timeout = settled			   ? 0
					 : crowded			   ? CROWDED_MS
					 : h->calls.waiting || h->draining ? RETRY_MS
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
	done = http_calls_retry(&h->calls);
	settled = http_calls_settle(&h->calls);
	http_peers_sweep(&h->peers);
	/* the daemon looks for those that wait only when it runs again */
	*crowded = h->peers.ended || h->peers.open < before;
	return done || settled;
}

/* Another thread has asked for something. */
static void take_wishes(struct http *h)
{
	uint64_t n;

	(void)!read(h->stop, &n, sizeof(n));
	pthread_mutex_lock(&h->asked);
	if (h->has_next_token)
		h->token = h->next_token;
	h->has_next_token = false;
	pthread_mutex_unlock(&h->asked);
}

/* Who is in the queue of a listening socket has been let in by the round before. */
static void close_listeners(struct http *h)
{
	for (size_t i = 0; i < h->count; i++) {
		int fd = h->ports[i].stays ? -1 : MHD_quiesce_daemon(h->ports[i].daemon);

		if (fd >= 0)
			close(fd);
	}
	h->closed = true;
}

/* A step of the way to the end; after a round. Who has just come has a moment for his head. */
static void drain(struct http *h)
{
	if (!h->closed) {
		close_listeners(h);
		h->closed_ms = now_ms();
	}
	http_peers_close(&h->peers); /* one that came with the last round, too */
	if (h->peers.open && now_ms() - h->closed_ms < HEAD_MS)
		return;
	h->drained = http_peers_end_idle(&h->peers) == 0;
}

static void *serve_rounds(void *arg)
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
			take_wishes(h);
		if (h->stopping)
			break;
		more = serve_round(h, &crowded);
		if (h->draining && !h->drained)
			drain(h);
		h->round_ms = now_ms();
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
		{MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)http_tls_pair_retrieve},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, NULL},
		{MHD_OPTION_END, 0, NULL},
		{MHD_OPTION_END, 0, NULL},
	};
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;

	*p = (struct port){.http = h,
			   .routes = l->routes,
			   .offers = l->offers,
			   .stays = l->stays,
			   .access = {.token = &h->token,
				      .is_socket = is_unix(l->fd),
				      .asks_host = !l->tls && !is_unix(l->fd)}};
	if (l->tls) {
		flags |= MHD_USE_TLS;
		if (http_tls_pair_use(l->tls))
			return ERR_CERT;
		tls[1].ptr_value = (void *)(uintptr_t)http_tls_priorities(l->tls);
		p->access.asks_certificate = l->tls->client_ca != NULL;
		if (p->access.asks_certificate)
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
		h->calls = (struct http_calls){.ctx = setup->ctx, .settle = setup->settle};
		h->log = setup->log;
		h->refusal = setup->refusal;
		h->peers.request_s =
			setup->request_ms ? setup->request_ms / 1000.0 : HTTP_REQUEST_S;
		pthread_mutex_init(&h->asked, NULL);
		h->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		e = h->stop < 0 ? errno_err(errno) : http_token_set(&h->token, setup->token);
	}
	for (; !e && started < setup->count; started++)
		e = start_port(h, &setup->listeners[started]);
	if (!e)
		h->round_ms = now_ms();
	if (!e && pthread_create(&h->thread, NULL, serve_rounds, h))
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

static void wake(struct http *h)
{
	uint64_t one = 1;

	while (write(h->stop, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
}

enum err http_change_token(struct http *h, struct slice token)
{
	struct http_token next = {.given = false};
	enum err e = http_token_set(&next, token);

	if (e)
		return e;
	pthread_mutex_lock(&h->asked);
	h->next_token = next;
	h->has_next_token = true;
	pthread_mutex_unlock(&h->asked);
	wake(h);
	return ERR_OK;
}

void http_drain(struct http *h)
{
	h->draining = true;
	wake(h);
}

bool http_is_drained(const struct http *h)
{
	return h->drained;
}

struct http_figures http_figures(const struct http *h)
{
	return (struct http_figures){.connections = h->peers.open, .retries = h->calls.retries};
}

void http_stop(struct http **h)
{
	if (!*h)
		return;
	if ((*h)->running) {
		(*h)->stopping = true;
		wake(*h);
		pthread_join((*h)->thread, NULL);
	}
	http_calls_let_go(&(*h)->calls);
	for (size_t i = 0; i < (*h)->count; i++)
		MHD_stop_daemon((*h)->ports[i].daemon);
	http_tls_pair_forget();
	if ((*h)->stop >= 0)
		close((*h)->stop);
	pthread_mutex_destroy(&(*h)->asked);
	free(*h);
	*h = NULL;
}
