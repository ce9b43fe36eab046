/*
 * http_head: heads of requests as RFC 9110, 9112 and SGP.22 6.5.1 have them, and as strangers send
 * them, by a raw socket: the one status that each is answered with, and what must stand beside it.
 */
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "host/operator/http/server.h"
#include "tests/unit/support/route.h"

#define TOKEN	   "0123456789abcdef"
#define ANSWER_MAX 8192
#define BODY	   "{\"a\":1}"
#define LEN	   "Content-Length: 7\r\n"
#define HOST	   "Host: x\r\nConnection: close\r\n"
#define END	   "\r\n" BODY
#define POST(path) "POST " path " HTTP/1.1\r\n"
#define RSP	   POST("/rsp") HOST LEN
#define ORDER	   POST("/order") HOST LEN
#define CHUNKED	   "Transfer-Encoding: chunked\r\n"
#define CHUNKS	   "\r\n7\r\n" BODY "\r\n0\r\n\r\n"
#define LONG_FIELD 40000
#define PART	   65536
#define PARTS	   40 /* more than is read of a body that is too large */

static enum err echo(void *ctx, const struct http_route *route, const json_t *request,
		     struct http_answer *answer)
{
	(void)ctx, (void)route;
	answer->body = json_deep_copy(request);
	return answer->body ? ERR_OK : ERR_MEMORY;
}

static const struct http_route routes[] = {
	TEST_ROUTE("/rsp", echo, .interface = 1, .rsp = true),
	TEST_ROUTE("/order", echo, .interface = 1, .rsp = true, .caller = HTTP_CALLER_REQUESTER),
	TEST_ROUTE("/local", echo, .interface = 1, .caller = HTTP_CALLER_NEIGHBOUR),
	{.path = NULL},
};

struct server {
	struct http *http;
	uint16_t port;
};

static void server_open(struct server *s)
{
	struct http_setup setup = {.count = 1, .token = slice_str(TOKEN)};
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CU_ASSERT_FATAL(bind(fd, (struct sockaddr *)&a, len) == 0 && listen(fd, 64) == 0 &&
			getsockname(fd, (struct sockaddr *)&a, &len) == 0);
	s->port = ntohs(a.sin_port);
	setup.listeners[0] = (struct http_listener){.fd = fd, .routes = routes, .offers = 1};
	CU_ASSERT_FATAL(http_serve(&setup, &s->http) == ERR_OK);
}

static int server_connect(const struct server *s)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons(s->port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {.tv_sec = 5};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CU_ASSERT_FATAL(connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

/* All that comes until the server closes; a request that leaves the connection open ends it. */
static void read_answer(int fd, char answer[static ANSWER_MAX])
{
	size_t got = 0;
	ssize_t n;

	shutdown(fd, SHUT_WR);
	while (got < ANSWER_MAX - 1 && (n = recv(fd, answer + got, ANSWER_MAX - 1 - got, 0)) > 0)
		got += (size_t)n;
	answer[got] = 0;
	close(fd);
}

static unsigned count_statuses(const char *answer)
{
	unsigned n = 0;

	for (const char *at = answer; (at = strstr(at, "HTTP/1.1 ")); at++)
		n += strncmp(at, "HTTP/1.1 100", 12) != 0;
	return n;
}

/* The only status that is not 100. */
static int status_of(const char *answer)
{
	const char *at =
		strstr(answer, "HTTP/1.1 100") == answer ? strstr(answer + 1, "HTTP/1.1 ") : answer;
	int status = 0;

	return at && sscanf(at, "HTTP/1.1 %d", &status) == 1 ? status : 0;
}

static const struct row {
	const char *request;
	int status;
	const char *says; /* stands in the answer */
} rows[] = {
	{RSP END, 200, "X-Admin-Protocol: gsma/rsp/v2.2.0\r\n"},
	{POST("/rsp") "Host: x\r\n" LEN END RSP END, 200, NULL}, /* two on one connection */
	/* RFC 9110 15.5.6 */
	{"GET /rsp HTTP/1.1\r\n" HOST "\r\n", 405, "Allow: POST\r\n"},
	{"HEAD /rsp HTTP/1.1\r\n" HOST "\r\n", 405, "Allow: POST\r\n"},
	{"OPTIONS /rsp HTTP/1.1\r\n" HOST "\r\n", 405, "Allow: POST\r\n"},
	{"TRACE /rsp HTTP/1.1\r\n" HOST "\r\n", 405, "Allow: POST\r\n"},
	{"PUT /rsp HTTP/1.1\r\n" HOST LEN END, 405, "Allow: POST\r\n"},
	{"BREW /rsp HTTP/1.1\r\n" HOST LEN END, 405, "Allow: POST\r\n"},
	{"GET /none HTTP/1.1\r\n" HOST "\r\n", 404, NULL},
	/* RFC 9112 3.2 */
	{POST("/rsp") LEN END, 400, NULL},
	{RSP "Host: y\r\n" END, 400, NULL},
	{POST("/rsp") "Host: a b\r\n" LEN END, 400, NULL},
	{POST("/rsp") "Host: a/b\r\n" LEN END, 400, NULL},
	{POST("/rsp") "host: [::1]:8443\r\nConnection: close\r\n" LEN END, 200, NULL},
	{"POST /rsp HTTP/1.0\r\n" LEN END, 200, "Connection: close\r\n"},
	{"POST /rsp HTTP/2.0\r\n" HOST LEN END, 505, NULL},
	/* RFC 9112 3.2.2: absolute-form; the authority counts as Host does */
	{POST("http://x/rsp") HOST LEN END, 200, NULL},
	{POST("HTTPS://x:8443/rsp") HOST LEN END, 200, NULL},
	{POST("http://x") HOST LEN END, 404, NULL},
	{POST("http://localhost/local") "Host: localhost\r\nConnection: close\r\nContent-Type: "
					"application/json\r\n" LEN END,
	 200, NULL},
	{POST("http://evil.example/local") "Host: localhost\r\nConnection: close\r\nContent-Type: "
					   "application/json\r\n" LEN END,
	 421, NULL},
	{POST("http://localhost/local") "Host: evil.example\r\nContent-Type: "
					"application/json\r\n" LEN END,
	 421, NULL},
	{POST("/rsp?a=b") HOST LEN END, 200, NULL},
	{POST("/rsp/") HOST LEN END, 404, NULL},
	{POST("//rsp") HOST LEN END, 404, NULL},
	{POST("/r%73p") HOST LEN END, 200, NULL},
	{POST("/rsp%00") HOST LEN END, 404, NULL},
	/* RFC 9110 11.1, 11.4: the scheme in any case, one blank or more */
	{ORDER "Authorization: Bearer " TOKEN "\r\n" END, 200, NULL},
	{ORDER "Authorization: bearer " TOKEN "\r\n" END, 200, NULL},
	{ORDER "authorization: BEARER   " TOKEN " \r\n" END, 200, NULL},
	{ORDER END, 401, "WWW-Authenticate: Bearer\r\n"},
	{ORDER "Authorization: Bearer" TOKEN "\r\n" END, 401, NULL},
	{ORDER "Authorization: Bearer " TOKEN "0\r\n" END, 401, NULL},
	{ORDER "Authorization: Bearer 0 " TOKEN "\r\n" END, 401, NULL},
	{ORDER "Authorization: Bearer\r\n" END, 401, NULL},
	{ORDER "Authorization: Basic " TOKEN "\r\n" END, 401, NULL},
	/* RFC 9112 6.1 to 6.3 */
	{POST("/rsp") HOST CHUNKED CHUNKS, 200, NULL},
	{POST("/rsp") HOST "Transfer-Encoding: Chunked\r\n" CHUNKS, 200, NULL},
	{POST("/rsp") HOST "Transfer-Encoding: gzip, chunked\r\n" CHUNKS, 501, NULL},
	{POST("/rsp") HOST "Transfer-Encoding: identity\r\n" CHUNKS, 501, NULL},
	{POST("/rsp") HOST CHUNKED CHUNKED CHUNKS, 501, NULL},
	{RSP CHUNKED CHUNKS, 400, NULL},
	{"POST /rsp HTTP/1.0\r\n" HOST CHUNKED CHUNKS, 400, NULL},
	{POST("/rsp") HOST CHUNKED "\r\nzz\r\n" BODY "\r\n0\r\n\r\n", 400, NULL},
	{POST("/rsp") HOST "Content-Length: -1\r\n" END, 400, "Connection: close\r\n"},
	{POST("/rsp") HOST "Content-Length: +7\r\n" END, 400, NULL},
	{POST("/rsp") HOST "Content-Length: 7x\r\n" END, 400, NULL},
	{POST("/rsp") HOST "Content-Length: abc\r\n" END, 400, NULL},
	{POST("/rsp") HOST "Content-Length: 7, 7\r\n" END, 400, NULL},
	{POST("/rsp") HOST "Content-Length:\r\n" END, 400, NULL},
	/* RFC 9112 5.1: nothing between name and colon */
	{RSP "Transfer-Encoding : chunked\r\n" END, 400, NULL},
	{RSP "X-A\t: b\r\n" END, 400, NULL},
	{RSP "Content-Length: 8\r\n" END, 400, NULL},
	{POST("/rsp") HOST "Content-Length: 99999999999999999999999\r\n" END, 413, NULL},
	{POST("/rsp") HOST "Content-Length: 10000000\r\n\r\n", 413, NULL},
	{POST("/rsp") HOST "Content-Length: 10000000\r\nExpect: 100-continue\r\n\r\n", 413, NULL},
	/* RFC 9110 8.4, 15.5.16 */
	{RSP "Content-Encoding: gzip\r\n" END, 415, "Accept-Encoding: identity\r\n"},
	{RSP "Content-Encoding: identity, br\r\n" END, 415, NULL},
	{RSP "Content-Encoding: Identity\r\n" END, 200, NULL},
	{RSP "Content-Type: application/json;charset=UTF-8\r\n" END, 200, NULL},
	{RSP "Content-Type: Application/JSON ; charset=\"utf-8\"\r\n" END, 200, NULL},
	{RSP "Content-Type: text/plain\r\n" END, 415, NULL},
	{RSP "Content-Type: application/jsonp\r\n" END, 415, NULL},
	/* RFC 9110 10.1.1 */
	{RSP "Expect: 100-continue\r\n" END, 200, "HTTP/1.1 100 Continue\r\n"},
	{RSP "expect: 100-Continue\r\n" END, 200, NULL},
	{RSP "Expect: 200-ok\r\n" END, 417, NULL},
	/* SGP.22 6.5.1.1: version 2 or a later one is answered with ours */
	{RSP "X-Admin-Protocol: gsma/rsp/v3.0.0\r\n" END, 200,
	 "X-Admin-Protocol: gsma/rsp/v2.2.0\r\n"},
	{RSP "X-Admin-Protocol: gsma/rsp/v2.5\r\n" END, 200, NULL},
	{RSP "X-Admin-Protocol: gsma/rsp/v2\r\n" END, 200, NULL},
	{RSP "X-Admin-Protocol: gsma/rsp/v10.1.0\r\n" END, 200, NULL},
	{RSP "x-admin-protocol:   GSMA/RSP/V2.2.0  \r\n" END, 200, NULL},
	{RSP "X-Admin-Protocol: gsma/rsp/v1.0.0\r\n" END, 400, NULL},
	{RSP "X-Admin-Protocol: gsma/rsp/v1\r\n" END, 400, NULL},
	{RSP "X-Admin-Protocol: gsma/rsp/v\r\n" END, 400, NULL},
	{RSP "X-Admin-Protocol: gsma/rsp/2.2.0\r\n" END, 400, NULL},
	{RSP "X-Admin-Protocol: gsma/rsp/v2.x\r\n" END, 400, NULL},
	{RSP "X-Admin-Protocol: \r\n" END, 400, NULL},
};

static void test_table(void)
{
	struct server s;
	char answer[ANSWER_MAX];

	server_open(&s);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		unsigned want = strstr(r->request + 1, BODY "POST") ? 2 : 1;
		int fd = server_connect(&s);

		CU_ASSERT(send(fd, r->request, strlen(r->request), MSG_NOSIGNAL) > 0);
		read_answer(fd, answer);
		if (status_of(answer) != r->status || count_statuses(answer) != want ||
		    (r->says && !strstr(answer, r->says))) {
			fprintf(stderr, "\n%s\n-> %s\n", r->request, answer);
			CU_FAIL("a request");
		}
	}
	http_stop(&s.http);
}

/* RFC 6585 5, RFC 9110 15.5.15: what does not fit the memory of a connection. */
static void test_long_heads(void)
{
	static const char *const begins[] = {RSP "X-A: ", "POST /"};
	static const int statuses[] = {431, 414};
	static char field[LONG_FIELD];
	struct server s;
	char answer[ANSWER_MAX];

	memset(field, 'a', sizeof(field));
	server_open(&s);
	for (size_t i = 0; i < ARRAY_LEN(begins); i++) {
		int fd = server_connect(&s);

		(void)!send(fd, begins[i], strlen(begins[i]), MSG_NOSIGNAL);
		(void)!send(fd, field, sizeof(field), MSG_NOSIGNAL);
		read_answer(fd, answer);
		CU_ASSERT_EQUAL(status_of(answer), statuses[i]);
		CU_ASSERT_EQUAL(count_statuses(answer), 1);
	}
	http_stop(&s.http);
}

/* A body in chunks is over the limit before anybody knows how long it is, or never ends. */
static void test_long_chunks(void)
{
	static const unsigned parts[] = {HTTP_BODY_MAX / PART + 1, PARTS};
	static const char head[] = POST("/rsp") HOST CHUNKED "\r\n";
	static char part[PART + 16];
	struct server s;
	char answer[ANSWER_MAX];
	int n = snprintf(part, sizeof(part), "%x\r\n", PART);

	memset(part + n, 'a', PART);
	memcpy(part + n + PART, "\r\n", 2);
	server_open(&s);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		int fd = server_connect(&s);

		CU_ASSERT(send(fd, head, strlen(head), MSG_NOSIGNAL) > 0);
		for (unsigned k = 0; k < parts[i]; k++)
			CU_ASSERT(send(fd, part, (size_t)n + PART + 2, MSG_NOSIGNAL) > 0);
		if (parts[i] != PARTS)
			(void)!send(fd, "0\r\n\r\n", 5, MSG_NOSIGNAL);
		read_answer(fd, answer);
		CU_ASSERT_EQUAL(status_of(answer), 413);
		CU_ASSERT_EQUAL(count_statuses(answer), 1);
	}
	http_stop(&s.http);
}

TEST_SUITE(http_head, {"each head its answer", test_table},
	   {"heads that are too long", test_long_heads},
	   {"chunks over the limit", test_long_chunks})
