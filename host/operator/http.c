#include "host/operator/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/bytes.h"
#include "tool/file.h"

#define BACKLOG	       16
#define CONNECTION_MEM (32u * 1024)

struct http {
	struct MHD_Daemon *daemon;
	const struct http_route *routes;
	void *ctx;
};

/* The HTTP status of an error; the rest are the server's own (500). */
static const struct {
	enum err e;
	unsigned status;
} statuses[] = {
	{ERR_TRUNCATED, MHD_HTTP_BAD_REQUEST},
	{ERR_TRAILING, MHD_HTTP_BAD_REQUEST},
	{ERR_ENCODING, MHD_HTTP_BAD_REQUEST},
	{ERR_DEPTH, MHD_HTTP_BAD_REQUEST},
	{ERR_TAG, MHD_HTTP_BAD_REQUEST},
	{ERR_VALUE, MHD_HTTP_BAD_REQUEST},
	{ERR_LENGTH, MHD_HTTP_BAD_REQUEST},
	{ERR_SPACE, MHD_HTTP_CONTENT_TOO_LARGE},
	{ERR_UNSUPPORTED, MHD_HTTP_BAD_REQUEST},
	{ERR_NOT_FOUND, MHD_HTTP_NOT_FOUND},
	{ERR_POINT, MHD_HTTP_BAD_REQUEST},
	{ERR_SIGNATURE, MHD_HTTP_FORBIDDEN},
	{ERR_CERT, MHD_HTTP_FORBIDDEN},
	{ERR_CERT_EXPIRED, MHD_HTTP_FORBIDDEN},
	{ERR_CERT_UNTRUSTED, MHD_HTTP_FORBIDDEN},
	{ERR_SYNC, MHD_HTTP_FORBIDDEN},
	{ERR_MAC, MHD_HTTP_FORBIDDEN},
	{ERR_WRONG_STATE, MHD_HTTP_CONFLICT},
	{ERR_REFUSED, MHD_HTTP_FORBIDDEN},
	{ERR_REPLAY, MHD_HTTP_CONFLICT},
	{ERR_EXPIRED, MHD_HTTP_FORBIDDEN},
	{ERR_FACTOR, MHD_HTTP_FORBIDDEN},
};

static unsigned status_of(enum err e)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].e == e)
			return statuses[i].status;
	return MHD_HTTP_INTERNAL_SERVER_ERROR;
}

static enum MHD_Result reply(struct MHD_Connection *c, unsigned status, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct MHD_Response *r = MHD_create_response_from_buffer(text ? strlen(text) : 0, text,
								 MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	json_decref(body);
	if (!r) {
		free(text);
		return MHD_NO;
	}
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
	MHD_add_response_header(r, "X-Admin-Protocol", "gsma/rsp/v2.2.0");
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *c, unsigned status, enum err e,
			      const char *message)
{
	return reply(c, status,
		     json_pack("{s:{s:s, s:s}}", "error", "code", err_name(e), "message", message));
}

static const struct http_route *find(const struct http *h, const char *path)
{
	for (const struct http_route *r = h->routes; r->path; r++)
		if (strcmp(r->path, path) == 0)
			return r;
	return NULL;
}

static enum MHD_Result answer(struct http *h, const struct http_route *route,
			      struct MHD_Connection *c, struct slice body)
{
	json_error_t why;
	json_t *result = NULL;
	json_t *request =
		json_loadb((const char *)body.ptr, body.len, JSON_REJECT_DUPLICATES, &why);
	enum err e;

	if (!json_is_object(request)) {
		e = ERR_ENCODING;
		json_decref(request);
		return refuse(c, MHD_HTTP_BAD_REQUEST, e, "the body is not a JSON object");
	}
	e = route->handle(h->ctx, route->kind, request, &result);
	json_decref(request);
	if (e) {
		json_decref(result);
		return refuse(c, status_of(e), e, err_text(e));
	}
	return reply(c, result ? MHD_HTTP_OK : MHD_HTTP_NO_CONTENT, result);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *data_len, void **state)
{
	struct http *h = cls;
	struct wbuf *body = *state;
	const struct http_route *route = find(h, url);

	(void)version;
	if (!body) {
		body = malloc(sizeof(*body));
		if (!body)
			return MHD_NO;
		*body = wbuf_grow(HTTP_BODY_MAX);
		*state = body;
		return MHD_YES;
	}
	if (*data_len) { /* what is over the limit is read and dropped, and refused at the end */
		wbuf_put(body, slice_make(data, *data_len));
		*data_len = 0;
		return MHD_YES;
	}
	if (!route)
		return refuse(c, MHD_HTTP_NOT_FOUND, ERR_NOT_FOUND, "there is no such path");
	if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
		return refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED, ERR_USAGE, "use POST");
	if (wbuf_done(body))
		return refuse(c, MHD_HTTP_CONTENT_TOO_LARGE, ERR_SPACE, "the body is too large");
	return answer(h, route, c, wbuf_slice(body));
}

static void on_end(void *cls, struct MHD_Connection *c, void **state,
		   enum MHD_RequestTerminationCode code)
{
	struct wbuf *body = *state;

	(void)cls, (void)c, (void)code;
	if (body)
		wbuf_free(body);
	free(body);
	*state = NULL;
}

enum err http_start(int listen_fd, const struct http_route *routes, void *ctx, struct http **out)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return ERR_MEMORY;
	h->routes = routes;
	h->ctx = ctx;
	h->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, h,
				     MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listen_fd,
				     MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_TIMEOUT_S,
				     MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEM,
				     MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_END);
	if (!h->daemon) {
		free(h);
		return ERR_IO;
	}
	*out = h;
	return ERR_OK;
}

void http_stop(struct http **h)
{
	if (!*h)
		return;
	MHD_stop_daemon((*h)->daemon);
	free(*h);
	*h = NULL;
}

static enum err listen_at(int fd, const struct sockaddr *a, socklen_t len, int *out)
{
	if (bind(fd, a, len) || listen(fd, BACKLOG)) {
		enum err e = errno == EADDRINUSE ? ERR_LOCKED : file_errno(errno);

		close(fd);
		return e;
	}
	*out = fd;
	return ERR_OK;
}

enum err http_listen_unix(const char *path, int *fd)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;
	mode_t mask;
	enum err e;

	if (s < 0)
		return file_errno(errno);
	if (strlen(path) >= sizeof(a.sun_path)) {
		close(s);
		return ERR_SPACE;
	}
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
		if (connect(s, (struct sockaddr *)&a, sizeof(a)) == 0) {
			close(s);
			return ERR_LOCKED;
		}
		unlink(path);
	}
	mask = umask(0177);
	e = listen_at(s, (struct sockaddr *)&a, sizeof(a), fd);
	umask(mask);
	return e;
}

enum err http_listen_tcp(const char *address, int *fd)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	const char *colon = strrchr(address, ':');
	char host[32], *end;
	unsigned long port;
	int s, on = 1;

	if (!colon || (size_t)(colon - address) >= sizeof(host))
		return ERR_USAGE;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - address), address);
	port = strtoul(colon + 1, &end, 10);
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1 || *end || port > 65535 ||
	    ntohl(a.sin_addr.s_addr) >> 24 != 127)
		return ERR_USAGE;
	a.sin_port = htons((uint16_t)port);
	s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return file_errno(errno);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return listen_at(s, (struct sockaddr *)&a, sizeof(a), fd);
}
