/*
 * http_crowd: one client that connects without end, and another process that holds the manager's
 * store: neither ends what others have begun, nor keeps others from being served.
 */
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host/operator/http/server.h"
#include "host/operator/smdp/store/change.h"
#include "host/operator/smdp/store/log.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"
#include "tests/unit/support/route.h"
#include "tests/unit/support/tamper.h"

#define RUNNING	     16
#define STEPS	     10
#define STEP_MS	     60
#define FLOOD_GAP_MS 3 /* 300 connections a second */
#define FLOOD_MAX    400
#define HELD_MS	     700
#define ANSWER_MAX   2048
#define BODY	     "{\"a\":\"0123456789\"}"
#define HEAD(path)                                                                                 \
	"POST " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 18\r\n\r\n"

struct server {
	struct http *http;
	struct smdp_store *store;
	char dir[160];
	uint16_t port;
	_Atomic bool stop;
};

static enum err handle(void *ctx, const struct http_route *route, const json_t *request,
		       struct http_answer *answer)
{
	struct server *s = ctx;
	enum err e = ERR_OK;

	if (route->function) { /* writes */
		struct smdp_log_entry entry = {.at = 1, .event = "test"};

		e = smdp_store_begin(s->store);
		if (e)
			return e;
		e = smdp_store_end(s->store, smdp_profile_log(s->store, &entry));
	}
	if (!e)
		answer->body = json_deep_copy(request);
	return e;
}

static void settle(void *ctx, enum err ends[static 2])
{
	ends[0] = smdp_store_settle(((struct server *)ctx)->store, ERR_OK);
}

static const struct http_route routes[] = {
	TEST_ROUTE("/read", handle, .interface = 1),
	TEST_ROUTE("/write", handle, .interface = 1, .function = 1),
	{.path = NULL}};

static void server_open(struct server *s)
{
	struct http_setup setup = {.count = 1, .ctx = s, .settle = settle};
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(s->dir, sizeof(s->dir), "%s/manager", test_dir());
	CU_ASSERT_FATAL(smdp_store_open(s->dir, NULL, &s->store) == ERR_OK);
	smdp_store_gather(s->store);
	CU_ASSERT_FATAL(bind(fd, (struct sockaddr *)&a, len) == 0 && listen(fd, 64) == 0 &&
			getsockname(fd, (struct sockaddr *)&a, &len) == 0);
	s->port = ntohs(a.sin_port);
	s->stop = false;
	setup.listeners[0] = (struct http_listener){.fd = fd, .routes = routes, .offers = 1};
	CU_ASSERT_FATAL(http_serve(&setup, &s->http) == ERR_OK);
}

static void server_close(struct server *s)
{
	http_stop(&s->http);
	smdp_store_close(&s->store);
}

/* From 127.0.0.N. */
static int dial(const struct server *s, unsigned n)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(s->port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in from = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl((127u << 24) + n)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool put(int fd, const char *text, size_t n)
{
	return send(fd, text, n, MSG_NOSIGNAL) == (ssize_t)n;
}

/* The status; 0: none in time, or the connection was closed without one. */
static int take(int fd, int patience_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char answer[ANSWER_MAX];
	int status = 0;
	ssize_t n = poll(&p, 1, patience_ms) == 1 ? recv(fd, answer, sizeof(answer) - 1, 0) : 0;

	answer[n > 0 ? n : 0] = 0;
	return sscanf(answer, "HTTP/1.1 %d", &status) == 1 ? status : 0;
}

static int ask(const struct server *s, const char *head, int patience_ms)
{
	int fd = dial(s, 1), status = 0;

	if (fd >= 0 && put(fd, head, strlen(head)) && put(fd, BODY, strlen(BODY)))
		status = take(fd, patience_ms);
	close(fd);
	return status;
}

static void sleep_ms(unsigned ms)
{
	nanosleep(&(struct timespec){.tv_nsec = (long)ms * 1000000}, NULL);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Connections that say nothing, and stay as long as they are let. */
static void *flood(void *arg)
{
	struct server *s = arg;
	int fds[FLOOD_MAX];
	size_t n = 0;

	while (!s->stop && n < FLOOD_MAX) {
		fds[n] = dial(s, 1);
		if (fds[n] >= 0)
			n++;
		sleep_ms(FLOOD_GAP_MS);
	}
	while (n)
		close(fds[--n]);
	return NULL;
}

/* Requests of one address that take their time, while it connects without end. */
static void test_flood(void)
{
	static const char head[] = HEAD("/read");
	struct server s;
	pthread_t thread;
	int fds[RUNNING];
	size_t step = strlen(BODY) / STEPS + 1;

	server_open(&s);
	for (size_t i = 0; i < RUNNING; i++) {
		fds[i] = dial(&s, 1);
		CU_ASSERT(put(fds[i], head, strlen(head)));
	}
	CU_ASSERT_FATAL(pthread_create(&thread, NULL, flood, &s) == 0);
	for (size_t at = 0; at < strlen(BODY); at += step) {
		size_t left = strlen(BODY) - at;

		sleep_ms(STEP_MS);
		for (size_t i = 0; i < RUNNING; i++)
			CU_ASSERT(put(fds[i], &(BODY)[at], left < step ? left : step));
	}
	for (size_t i = 0; i < RUNNING; i++) {
		CU_ASSERT_EQUAL(take(fds[i], 5000), 200);
		close(fds[i]);
	}
	CU_ASSERT_EQUAL(ask(&s, head, 5000), 200); /* a new one gets its turn as well */
	s.stop = true;
	pthread_join(thread, NULL);
	server_close(&s);
}

/* Who has as many requests as an address may have hears so; another address is served. */
static void test_limit(void)
{
	static const char head[] = HEAD("/read");
	struct server s;
	int fds[HTTP_ADDRESS_MAX], other, fd;

	server_open(&s);
	for (size_t i = 0; i < HTTP_ADDRESS_MAX; i++) {
		fds[i] = dial(&s, 1);
		CU_ASSERT(put(fds[i], head, strlen(head)));
	}
	CU_ASSERT_EQUAL(take(fds[0], 100), 0); /* all of them wait for their bodies */
	CU_ASSERT_EQUAL(ask(&s, head, 5000), 429);
	other = dial(&s, 2);
	CU_ASSERT(put(other, head, strlen(head)) && put(other, BODY, strlen(BODY)));
	CU_ASSERT_EQUAL(take(other, 5000), 200);
	close(other);
	for (size_t i = 0; i < HTTP_ADDRESS_MAX; i++) {
		CU_ASSERT(put(fds[i], BODY, strlen(BODY)));
		CU_ASSERT_EQUAL(take(fds[i], 5000), 200);
		close(fds[i]);
	}
	fd = dial(&s, 1); /* and then there is room again */
	CU_ASSERT(put(fd, head, strlen(head)) && put(fd, BODY, strlen(BODY)));
	CU_ASSERT_EQUAL(take(fd, 5000), 200);
	close(fd);
	server_close(&s);
}

static sqlite3 *hold(const struct server *s)
{
	char path[200];
	sqlite3 *db = NULL;

	snprintf(path, sizeof(path), "%s/manager.db", s->dir);
	CU_ASSERT_FATAL(sqlite3_open(path, &db) == SQLITE_OK);
	CU_ASSERT_FATAL(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK);
	return db;
}

/* Another process writes for a time: those who write wait, those who don't are served at once. */
static void test_lock(void)
{
	static const char write[] = HEAD("/write") BODY;
	struct server s;
	sqlite3 *db;
	int fds[RUNNING];
	int64_t begun;

	if (!tamper_needs_files())
		return;
	server_open(&s);
	CU_ASSERT_EQUAL(ask(&s, HEAD("/write"), 5000), 200);
	db = hold(&s);
	begun = now_ms();
	for (size_t i = 0; i < RUNNING; i++) {
		fds[i] = dial(&s, 1);
		CU_ASSERT(put(fds[i], write, strlen(write)));
	}
	while (now_ms() - begun <
	       HELD_MS) /* who waited for the other process would get no answer */
		CU_ASSERT_EQUAL(ask(&s, HEAD("/read"), 5000), 200);
	for (size_t i = 0; i < RUNNING; i++)
		CU_ASSERT_EQUAL(take(fds[i], 0), 0); /* none is lost, none is answered */
	CU_ASSERT_EQUAL(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	for (size_t i = 0; i < RUNNING; i++) {
		CU_ASSERT_EQUAL(take(fds[i], 5000), 200);
		close(fds[i]);
	}
	/* a server that ends lets go of those that wait */
	CU_ASSERT_EQUAL(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	fds[0] = dial(&s, 1);
	CU_ASSERT(put(fds[0], write, strlen(write)));
	CU_ASSERT_EQUAL(ask(&s, HEAD("/read"), 5000), 200);
	server_close(&s);
	close(fds[0]);
	sqlite3_close(db);
}

TEST_SUITE(http_crowd, {"requests run while one client floods", test_flood},
	   {"the limit of an address", test_limit},
	   {"a store that another process holds", test_lock})
