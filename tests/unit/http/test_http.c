/* http: requests as a stranger may send them, to the operator's server. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/operator/http/server.h"
#include "tests/support/scratch.h"
#include "tests/unit/support/route.h"
#include "tool/sys/path.h"

#define ANSWER_MAX   4096
#define NESTED	     5000
#define CUT_MS	     1000 /* what a request that was cut off is waited for */
#define POST_ECHO    "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
#define WITH_LEN(n)  "Content-Length: " n "\r\n\r\n"
#define EMPTY_OBJECT POST_ECHO WITH_LEN("2") "{}"

static enum err echo(void *ctx, const struct http_route *route, const json_t *request,
		     struct http_answer *answer)
{
	unsigned *calls = ctx;

	(void)route;
	++*calls;
	answer->body = json_deep_copy(request);
	return answer->body ? ERR_OK : ERR_MEMORY;
}

static const struct http_route routes[] = {TEST_ROUTE("/echo", echo, .interface = 1),
					   {.path = NULL}};

struct desk {
	struct http *http;
	char path[100];
	unsigned calls;
};

static void desk_open(struct desk *d, unsigned request_ms)
{
	struct http_setup setup = {.count = 1, .ctx = &d->calls, .request_ms = request_ms};

	d->http = NULL;
	d->calls = 0;
	setup.listeners[0].routes = routes;
	setup.listeners[0].offers = 1;
	ASSERT_ERR(path_join(test_dir(), "socket", d->path, sizeof(d->path)), ERR_OK);
	setup.listeners[0].fd = scratch_listen(d->path);
	CU_ASSERT_FATAL(http_serve(&setup, &d->http) == ERR_OK);
}

/* The status of the answer; 0: the connection was closed without one. */
static int status_of(const struct desk *d, struct slice request)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), status = 0;
	char answer[ANSWER_MAX + 1];
	size_t got = 0;
	ssize_t n = 1;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", d->path);
	CU_ASSERT_FATAL(connect(s, (struct sockaddr *)&a, sizeof(a)) == 0);
	while (request.len && n > 0) {
		n = send(s, request.ptr, request.len, MSG_NOSIGNAL);
		if (n > 0)
			request = slice_sub(request, (size_t)n, request.len);
	}
	shutdown(s, SHUT_WR);
	while (got < ANSWER_MAX && (n = read(s, answer + got, ANSWER_MAX - got)) > 0)
		got += (size_t)n;
	close(s);
	answer[got] = 0;
	if (sscanf(answer, "HTTP/1.%*d %d", &status) != 1)
		status = 0;
	return status;
}

static void test_requests(void)
{
	static const struct {
		const char *request;
		int status;
	} rows[] = {
		{EMPTY_OBJECT, 200},
		{POST_ECHO WITH_LEN("0"), 400},
		{POST_ECHO WITH_LEN("4") "oops", 400},
		{POST_ECHO WITH_LEN("2") "[]", 400},
		{POST_ECHO WITH_LEN("4") "null", 400},
		{POST_ECHO WITH_LEN("4") "{} x", 400},
		{POST_ECHO WITH_LEN("15") "{\"a\":1, \"a\": 2}", 400},
		{POST_ECHO WITH_LEN("9") "{\"a\":\"\xFF\"}", 400},
		{"POST /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" WITH_LEN("2") "{}",
		 404},
		{"POST /echo/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" WITH_LEN("2") "{}",
		 404},
		{"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405},
		{"PUT /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" WITH_LEN("2") "{}", 405},
		{POST_ECHO WITH_LEN("100") "{}", 0}, /* cut */
		{"no HTTP at all\r\n\r\n", 0},
	};
	struct desk d;

	desk_open(&d, CUT_MS);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int status = status_of(&d, slice_str(rows[i].request));

		if (status != rows[i].status && (rows[i].status || status / 100 != 4))
			fprintf(stderr, "\nrow %zu: %d\n", i, status);
		/* what is no request may be called a bad one */
		CU_ASSERT(status == rows[i].status || (!rows[i].status && status / 100 == 4));
	}
	CU_ASSERT_EQUAL(d.calls, 1);
	http_stop(&d.http);
}

/* A body at the limit, over it, and one that is deeper than any message. */
static void test_sizes(void)
{
	static const struct {
		size_t body;
		int status;
	} rows[] = {{HTTP_BODY_MAX, 200}, {HTTP_BODY_MAX + 1, 413}, {4 * HTTP_BODY_MAX, 413}};
	struct wbuf w = wbuf_grow(8 * HTTP_BODY_MAX);
	struct desk d;
	char head[128];

	desk_open(&d, 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(head, sizeof(head), POST_ECHO WITH_LEN("%zu"), rows[i].body);
		wbuf_reset(&w);
		wbuf_put(&w, slice_str(head));
		wbuf_put(&w, slice_str("{\"a\":\""));
		wbuf_fill(&w, 'x', rows[i].body - 8);
		wbuf_put(&w, slice_str("\"}"));
		CU_ASSERT_EQUAL(status_of(&d, wbuf_slice(&w)), rows[i].status);
	}
	snprintf(head, sizeof(head), POST_ECHO WITH_LEN("%d"), 5 + 2 * NESTED + 1);
	wbuf_reset(&w);
	wbuf_put(&w, slice_str(head));
	wbuf_put(&w, slice_str("{\"a\":"));
	wbuf_fill(&w, '[', NESTED);
	wbuf_fill(&w, ']', NESTED);
	wbuf_u8(&w, '}');
	CU_ASSERT_EQUAL(status_of(&d, wbuf_slice(&w)), 400);
	CU_ASSERT_EQUAL(status_of(&d, slice_str(EMPTY_OBJECT)), 200);
	CU_ASSERT_EQUAL(d.calls, 2);
	wbuf_free(&w);
	http_stop(&d.http);
}

TEST_SUITE(http, {"requests, good and bad", test_requests}, {"sizes and depths", test_sizes})
