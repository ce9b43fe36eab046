/* http: what the server answers to good and bad clients, and that none of them holds it up. */
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "host/operator/http/listen.h"
#include "host/operator/http/server.h"
#include "tests/support/scratch.h"
#include "tests/unit/support/route.h"

#define TOKEN	    "0123456789abcdef"
#define REQUEST_MS  600
#define LONG_MS	    10000 /* more than a busy machine needs */
#define PATIENCE_MS 5000
#define FLOOD	    200
#define SLOW_BODY   (HTTP_BODY_MAX - 100)
#define SLOW_MS	    100
#define SLOW_STEPS  10
#define ANSWER_MAX  4096
#define AT_ONCE	    16
#define ALONE	    20
#define ALONE_S	    2 /* much more than so many take on a busy machine */

struct server {
	struct http *http;
	char path[128];
	int calls, settled;
	enum err settles_with;
	sem_t settling, go_on;
};

static enum err echo(void *ctx, const struct http_route *route, const json_t *request,
		     struct http_answer *answer)
{
	((struct server *)ctx)->calls++;
	if (route->function == 1)
		return ERR_OK; /* 204 */
	if (route->function == 2)
		return ERR_FULL;
	answer->body = json_deep_copy(request);
	return ERR_OK;
}

enum { PUBLIC = 1, LOCAL = 2 };
static const struct http_route routes[] = {
	TEST_ROUTE("/echo", echo, .interface = PUBLIC),
	TEST_ROUTE("/rsp", echo, .interface = PUBLIC, .rsp = true),
	TEST_ROUTE("/none", echo, .interface = PUBLIC, .rsp = true, .function = 1),
	TEST_ROUTE("/full", echo, .interface = PUBLIC, .function = 2),
	TEST_ROUTE("/order", echo, .interface = PUBLIC, .caller = HTTP_CALLER_REQUESTER),
	TEST_ROUTE("/local", echo, .interface = LOCAL, .caller = HTTP_CALLER_NEIGHBOUR),
	TEST_ROUTE("/apart", echo, .interface = PUBLIC, .apart = true),
	{.path = NULL},
};

static void serve(struct server *s, const struct http_setup *how)
{
	struct http_setup setup = *how;

	setup.count = 1;
	setup.ctx = s;
	snprintf(s->path, sizeof(s->path), "%s/s", test_dir());
	setup.listeners[0] = (struct http_listener){.routes = routes, .offers = PUBLIC};
	setup.listeners[0].fd = scratch_listen(s->path);
	CU_ASSERT_FATAL(http_serve(&setup, &s->http) == ERR_OK);
}

static void server_open(struct server *s, unsigned request_ms)
{
	*s = (struct server){.calls = 0};
	serve(s, &(struct http_setup){.token = slice_str(TOKEN), .request_ms = request_ms});
}

static int dial(const struct server *s)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%.100s", s->path);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static bool put(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t done = send(fd, text, n, MSG_NOSIGNAL);

		if (done <= 0)
			return false;
		text += done;
		n -= (size_t)done;
	}
	return true;
}

/* What comes until the connection ends; -1: it did not end in time. */
static int take(int fd, char answer[static ANSWER_MAX])
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t n = 0;

	for (;;) {
		char chunk[512];
		ssize_t got;

		if (poll(&p, 1, PATIENCE_MS) <= 0)
			return -1;
		got = recv(fd, chunk, sizeof(chunk), 0);
		if (got <= 0)
			break;
		for (ssize_t i = 0; i < got && n + 1 < ANSWER_MAX; i++)
			answer[n++] = chunk[i];
	}
	answer[n] = 0;
	return n > 12 ? atoi(answer + 9) : 0;
}

static int ask(const struct server *s, const char *head, const char *body, char *answer)
{
	char text[2048];
	int fd = dial(s), n, status;

	n = snprintf(text, sizeof(text),
		     "%s\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s", head,
		     strlen(body), body);
	CU_ASSERT(n > 0 && n < (int)sizeof(text));
	put(fd, text, (size_t)n);
	status = take(fd, answer);
	close(fd);
	return status;
}

static void test_answers(void)
{
	static const struct {
		const char *head, *body;
		int status;
		const char *says;
	} rows[] = {
		{"POST /echo HTTP/1.1", "{\"a\": 1}", 200, "{\"a\":1}"},
		{"POST /rsp HTTP/1.1\r\nX-Admin-Protocol: gsma/rsp/v2.5.0\r\n"
		 "Content-Type: application/json;charset=UTF-8",
		 "{}", 200, "X-Admin-Protocol: gsma/rsp/v2."},
		{"POST /rsp HTTP/1.1\r\nUser-Agent: gsma-rsp-lpad\r\n"
		 "X-Admin-Protocol: gsma/rsp/v2.2.2\r\nContent-Type: application/json",
		 "{}", 200, "X-Admin-Protocol: gsma/rsp/v2."}, /* as lpac 2.3.0 */
		{"POST /none HTTP/1.1", "{}", 204, "HTTP/1.1 204"},
		{"POST /full HTTP/1.1", "{}", 500, "ERR_FULL"},
		{"POST /nowhere HTTP/1.1", "{}", 404, "ERR_NOT_FOUND"},
		{"POST /local HTTP/1.1", "{}", 404, "ERR_NOT_FOUND"},
		{"GET /echo HTTP/1.1", "", 405, "use POST"},
		{"POST /echo HTTP/1.1", "", 400, "ERR_ENCODING"},
		{"POST /echo HTTP/1.1", "[]", 400, "not a JSON object"},
		{"POST /echo HTTP/1.1", "{\"a\": 1, \"a\": 2}", 400, "ERR_ENCODING"},
		{"POST /echo HTTP/1.1", "{\"a\": \"\\u0000\"}", 400, "ERR_ENCODING"},
		{"POST /echo HTTP/1.1", "{\"a\": 1} x", 400, "ERR_ENCODING"},
		{"POST /echo HTTP/1.1\r\nContent-Type: text/xml", "{}", 415, "application/json"},
		{"POST /echo HTTP/1.1\r\nContent-Type: application/jsonp", "{}", 415, "json"},
		{"POST /rsp HTTP/1.1\r\nX-Admin-Protocol: gsma/rsp/v1.9.9", "{}", 400,
		 "v2.0.0 or later"},
		{"POST /order HTTP/1.1", "{}", 401, "WWW-Authenticate: Bearer"},
		{"POST /order HTTP/1.1\r\nAuthorization: Bearer 0123456789abcdeF", "{}", 401,
		 "not"},
		{"POST /order HTTP/1.1\r\nAuthorization: Bearer ", "{}", 401, "not"},
		{"POST /order HTTP/1.1\r\nAuthorization: Basic " TOKEN, "{}", 401, "not"},
		{"POST /order HTTP/1.1\r\nAuthorization: Bearer " TOKEN, "{}", 200, "{}"},
		{"nonsense", "", 0, ""},
	};
	char answer[ANSWER_MAX];
	struct server s;

	server_open(&s, LONG_MS);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int status = ask(&s, rows[i].head, rows[i].body, answer);

		if (status != rows[i].status || !strstr(answer, rows[i].says))
			fprintf(stderr, "\n%s: %d, %s\n", rows[i].head, status, answer);
		CU_ASSERT_EQUAL(status, rows[i].status);
		CU_ASSERT_PTR_NOT_NULL(strstr(answer, rows[i].says));
		CU_ASSERT_PTR_NULL(strstr(answer, TOKEN));
	}
	CU_ASSERT_EQUAL(s.calls, 6);
	http_stop(&s.http);
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void test_large_bodies(void)
{
	static const char announced[] =
		"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\n\r\n";
	static const char chunked[] =
		"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
	static char chunk[1 << 16];
	char answer[ANSWER_MAX];
	struct server s;
	size_t sent = 0;
	int fd;

	server_open(&s, LONG_MS);
	fd = dial(&s);
	put(fd, announced, strlen(announced));
	CU_ASSERT_EQUAL(take(fd, answer), 413); /* before the body comes */
	close(fd);
	memset(chunk, ' ', sizeof(chunk));
	memcpy(chunk, "fff0\r\n", 6);
	memcpy(chunk + 6 + 0xfff0, "\r\n", 2);
	fd = dial(&s);
	put(fd, chunked, strlen(chunked));
	while (sent < (64u << 20) && put(fd, chunk, 6 + 0xfff0 + 2)) /* endless, if it is let */
		sent += 0xfff0;
	CU_ASSERT(sent < (64u << 20));
	close(fd);
	CU_ASSERT_EQUAL(ask(&s, "POST /echo HTTP/1.1", "{}", answer), 200);
	CU_ASSERT_EQUAL(s.calls, 1);
	http_stop(&s.http);
}

/* One octet now and then, in the headers or in the body: cut off all the same. */
static void test_slow_drip(void)
{
	static const char *const begins[] = {
		"", "POST /echo HTTP/1.1\r\nX: ",
		"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"};
	char answer[ANSWER_MAX];
	struct server s;
	int fds[ARRAY_LEN(begins)];
	bool open[ARRAY_LEN(begins)];
	double start = now_s(), end[ARRAY_LEN(begins)] = {0};

	server_open(&s, REQUEST_MS);
	for (size_t i = 0; i < ARRAY_LEN(begins); i++) {
		fds[i] = dial(&s);
		open[i] = put(fds[i], begins[i], strlen(begins[i]));
	}
	while (now_s() - start < LONG_MS / 1000.0 && (open[0] || open[1] || open[2])) {
		for (size_t i = 0; i < ARRAY_LEN(begins); i++) {
			if (open[i] && !put(fds[i], "x", 1)) {
				open[i] = false;
				end[i] = now_s() - start;
			}
		}
		CU_ASSERT_EQUAL(ask(&s, "POST /echo HTTP/1.1", "{}", answer), 200);
		usleep(50000);
	}
	for (size_t i = 0; i < ARRAY_LEN(begins); i++) {
		CU_ASSERT_FALSE(open[i]);
		CU_ASSERT(end[i] > REQUEST_MS / 1000.0 / 2 && end[i] < LONG_MS / 1000.0);
		close(fds[i]);
	}
	http_stop(&s.http);
}

/* An answer that is taken in ten times the time that a request has. */
static void test_slow_line(void)
{
	static char body[SLOW_BODY], answer[SLOW_BODY + ANSWER_MAX];
	struct server s;
	size_t n = 0;
	ssize_t got = 1;
	int fd;

	server_open(&s, SLOW_MS);
	fd = dial(&s);
	memset(body, 'x', sizeof(body));
	dprintf(fd,
		"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
		"{\"a\": \"",
		SLOW_BODY + 9);
	put(fd, body, sizeof(body));
	put(fd, "\"}", 2);
	for (int i = 0; got > 0 && n < sizeof(answer); i++) {
		usleep(i < SLOW_STEPS ? 10 * SLOW_MS * 1000 / SLOW_STEPS : 0);
		got = recv(fd, answer + n, SLOW_BODY / SLOW_STEPS, 0);
		n += got > 0 ? (size_t)got : 0;
	}
	CU_ASSERT(n > SLOW_BODY);
	CU_ASSERT_EQUAL(memcmp(answer + n - 2, "\"}", 2), 0);
	close(fd);
	http_stop(&s.http);
}

static void test_flood(void)
{
	int fds[FLOOD];
	char answer[ANSWER_MAX];
	struct server s;
	double start;

	server_open(&s, LONG_MS);
	for (size_t i = 0; i < FLOOD; i++)
		fds[i] = dial(&s);
	start = now_s();
	CU_ASSERT_EQUAL(ask(&s, "POST /echo HTTP/1.1", "{}", answer), 200);
	CU_ASSERT(now_s() - start < LONG_MS / 2000.0); /* not for their time running out */
	http_stop(&s.http);			       /* with clients that still wait */
	for (size_t i = 0; i < FLOOD; i++)
		close(fds[i]);
}

static void settle(void *ctx, enum err ends[static 2])
{
	struct server *s = ctx;

	s->settled++;
	sem_post(&s->settling);
	sem_wait(&s->go_on);
	ends[0] = s->settles_with;
}

static int post(const struct server *s, const char *path)
{
	char text[256];
	int fd = dial(s);
	int n = snprintf(text, sizeof(text),
			 "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
			 "Content-Length: 2\r\n\r\n{}",
			 path);

	CU_ASSERT(put(fd, text, (size_t)n));
	return fd;
}

/*
 * Nobody is answered before what he asked for is settled; those that come while one waits are
 * settled together, and all hear when that fails, but for those that are settled apart.
 */
static void test_settling(void)
{
	static const enum err ends[] = {ERR_OK, ERR_FULL};
	struct pollfd early = {.events = POLLIN};
	char answer[ANSWER_MAX];
	int fds[AT_ONCE];

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct server s = {.calls = 0};

		sem_init(&s.settling, 0, 0);
		sem_init(&s.go_on, 0, 0);
		serve(&s, &(struct http_setup){.settle = settle});
		early.fd = post(&s, "/echo");
		sem_wait(&s.settling);
		CU_ASSERT_EQUAL(poll(&early, 1, 50), 0);
		for (size_t n = 0; n < AT_ONCE; n++)
			fds[n] = post(&s, n == 0 ? "/apart" : n % 2 ? "/none" : "/echo");
		sem_post(&s.go_on);
		CU_ASSERT_EQUAL(take(early.fd, answer), 200);
		sem_wait(&s.settling);
		s.settles_with = ends[i];
		for (size_t n = 0; n < AT_ONCE; n++) /* at most */
			sem_post(&s.go_on);
		for (size_t n = 0; n < AT_ONCE; n++) {
			bool fails = ends[i] && n != 0;

			CU_ASSERT_EQUAL(take(fds[n], answer), fails ? 500 : n % 2 ? 204 : 200);
			CU_ASSERT(!fails || strstr(answer, "ERR_FULL"));
			close(fds[n]);
		}
		close(early.fd);
		http_stop(&s.http);
		CU_ASSERT_EQUAL(s.calls, 1 + AT_ONCE);
		CU_ASSERT(s.settled <= 1 + AT_ONCE / 4);
	}
}

/* Who comes alone waits for what is settled, and for nothing else. */
static void test_settling_alone(void)
{
	struct server s = {.calls = 0};
	char answer[ANSWER_MAX];
	double begun;

	sem_init(&s.settling, 0, 0);
	sem_init(&s.go_on, 0, ALONE);
	serve(&s, &(struct http_setup){.settle = settle});
	begun = now_s();
	for (int i = 0; i < ALONE; i++) {
		int fd = post(&s, "/echo");

		CU_ASSERT_EQUAL(take(fd, answer), 200);
		close(fd);
	}
	CU_ASSERT(now_s() - begun < ALONE_S);
	http_stop(&s.http);
	CU_ASSERT_EQUAL(s.settled, ALONE);
}

/* A server on TCP, without TLS; the port in the text. */
static void tcp_open(struct server *s, char address[static 32])
{
	struct http_setup setup = {.count = 1, .ctx = s};
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	int fd = -1;

	*s = (struct server){.calls = 0};
	CU_ASSERT_FATAL(http_listen_tcp("127.0.0.1:0", true, &fd) == ERR_OK);
	CU_ASSERT_FATAL(getsockname(fd, (struct sockaddr *)&a, &len) == 0);
	snprintf(address, 32, "127.0.0.1:%u", ntohs(a.sin_port));
	setup.listeners[0] =
		(struct http_listener){.fd = fd, .routes = routes, .offers = PUBLIC | LOCAL};
	CU_ASSERT_FATAL(http_serve(&setup, &s->http) == ERR_OK);
}

/* The status for a request to path that names this host. */
static int ask_host(const char *address, const char *path, const char *host)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM, 0), status;
	char text[512], answer[ANSWER_MAX];

	a.sin_port = htons((uint16_t)strtoul(strchr(address, ':') + 1, NULL, 10));
	CU_ASSERT_EQUAL(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	snprintf(text, sizeof(text),
		 "POST %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n"
		 "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
		 path, host);
	put(fd, text, strlen(text));
	status = take(fd, answer);
	close(fd);
	return status;
}

/* A web page whose host's name has come to mean 127.0.0.1 does not reach the lab's paths. */
static void test_rebinding(void)
{
	static const struct {
		const char *host;
		bool ours;
	} rows[] = {
		{"localhost", true},
		{"LocalHost:8080", true},
		{"127.0.0.1", true},
		{"127.0.0.1:8080", true},
		{"[::1]", true},
		{"[::1]:8080", true},
		{"evil.example", false},
		{"evil.example:8080", false},
		{"localhost.evil.example", false},
		{"127.0.0.1.evil.example", false},
		{"10.0.0.1", false},
		{"[::2]:8080", false},
		{"localhostx:1", false},
		{"127.0.0.1:", true},
		{"", false},
	};
	struct server s;
	char address[32];

	tcp_open(&s, address);
	CU_ASSERT_EQUAL(ask_host(address, "/local", address), 200);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int status = ask_host(address, "/local", rows[i].host);

		if (status != (rows[i].ours ? 200 : 421))
			fprintf(stderr, "\nHost: %s: %d\n", rows[i].host, status);
		CU_ASSERT_EQUAL(status, rows[i].ours ? 200 : 421);
		CU_ASSERT_EQUAL(ask_host(address, "/rsp", rows[i].host), 200); /* for everybody */
	}
	http_stop(&s.http);
}

static void test_addresses(void)
{
	static const struct {
		const char *text;
		bool loopback_only;
		enum err e;
	} rows[] = {
		{"127.0.0.1:0", true, ERR_OK},	  {"[::1]:0", true, ERR_OK},
		{"0.0.0.0:0", true, ERR_USAGE},	  {"0.0.0.0:0", false, ERR_OK},
		{"127.0.0.1", true, ERR_USAGE},	  {"example.com:1", false, ERR_USAGE},
		{":1", true, ERR_USAGE},	  {"[]:1", true, ERR_USAGE},
		{"127.0.0.1:x", true, ERR_USAGE}, {"", true, ERR_USAGE},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int fd = -1;
		enum err e = http_listen_tcp(rows[i].text, rows[i].loopback_only, &fd);

		if (strstr(rows[i].text, "::1") && e == ERR_IO)
			continue; /* a machine without IPv6 */
		ASSERT_ERR(e, rows[i].e);
		if (!e)
			close(fd);
	}
	CU_ASSERT(http_is_loopback("127.8.9.1:80"));
	CU_ASSERT_FALSE(http_is_loopback("10.0.0.1:80"));
	CU_ASSERT_FALSE(http_is_loopback("nonsense"));
}

TEST_SUITE(http_clients, {"what is answered to whom", test_answers},
	   {"bodies that are too large, or endless", test_large_bodies},
	   {"clients that drip", test_slow_drip}, {"a client behind a slow line", test_slow_line},
	   {"a flood of connections", test_flood},
	   {"answers that wait for the disk", test_settling},
	   {"an answer that waits for nothing else", test_settling_alone},
	   {"a web page behind another name", test_rebinding},
	   {"addresses to listen on", test_addresses})
