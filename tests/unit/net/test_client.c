/* the HTTP client: answers good and bad, and no answer */
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/terminal/lpa/es9p.h"
#include "tool/sys/path.h"
#include "lib/rsp/interface.h"

/* Goes on with the last octets of the answer for as long as somebody reads. */
static void write_on(int client)
{
	char more[4096];

	signal(SIGPIPE, SIG_IGN);
	memset(more, ' ', sizeof(more));
	while (write(client, more, sizeof(more)) > 0)
		;
	_exit(0);
}

/* A server that gives one answer, whatever is asked. Its child process ends with it. */
static pid_t serve_once(const char *path, const char *answer, bool endless)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char request[4096];
	pid_t child;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 1))
		abort();
	fflush(NULL);
	child = fork();
	if (child == 0) {
		int client = accept(fd, NULL, NULL);
		ssize_t n = read(client, request, sizeof(request));

		if (n > 0)
			n = write(client, answer, strlen(answer));
		if (endless)
			write_on(client);
		/* closing with request octets unread would reset the connection */
		shutdown(client, SHUT_WR);
		while (read(client, request, sizeof(request)) > 0)
			;
		_exit(n > 0 ? 0 : 1);
	}
	close(fd);
	return child;
}

#define TROUBLE(n) "HTTP " n ": the server has trouble of its own, try again later"
#define UNKNOWN(n) "HTTP " n ": this server does not know the request (is it the right address?)"
#define NO_JSON	   "the server's answer is no JSON object (is it the right address?)"
#define TOO_LONG   "the server's answer is longer than any that is right"
#define BROKEN_OFF "the server broke the connection off: try again"
#define NO_HTTP	   "what answers there is no HTTP server: check address and port"
#define NO_TLS	   "TLS does not come about: check that this is the address and port of an HTTPS server"
#define NOBODY	   "nobody answers there: check the address"

static void expect_message(const struct http_client *o, const char *begins)
{
	const char *said = http_client_message(o);

	if (strncmp(said, begins, strlen(begins)) != 0 || (!*begins && *said)) {
		fprintf(stderr, "\n%s\n", said);
		CU_FAIL("another message");
	}
}

/* SGP.22 5.6.4 has no output data: that a notification was taken stands in the status line. */
static void test_empty_answers(void)
{
	static const struct {
		const char *answer, *function;
		enum err e;
	} rows[] = {
		{"HTTP/1.1 204 No Content\r\n\r\n", ES9P_PATH_HANDLE_NOTIFICATION, ERR_OK},
		{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ES9P_PATH_HANDLE_NOTIFICATION,
		 ERR_OK},
		{"HTTP/1.1 202 Accepted\r\nConnection: close\r\n\r\n",
		 ES9P_PATH_HANDLE_NOTIFICATION, ERR_OK},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n \r\n", ES9P_PATH_HANDLE_NOTIFICATION,
		 ERR_OK},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", ES9P_PATH_HANDLE_NOTIFICATION,
		 ERR_OK},
		/* somebody else's page, and what was not taken */
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html>",
		 ES9P_PATH_HANDLE_NOTIFICATION, ERR_PROTOCOL},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[]", ES9P_PATH_HANDLE_NOTIFICATION,
		 ERR_PROTOCOL},
		{"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", ES9P_PATH_HANDLE_NOTIFICATION,
		 ERR_REFUSED},
		/* what has output data */
		{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ES9P_PATH_CANCEL_SESSION,
		 ERR_PROTOCOL},
	};
	const char *dir = test_dir();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char path[96], link[128], name[16], message[ES9P_MESSAGE] = "";
		const struct es9p_network net = {.link = link};
		struct http_client *o = NULL;
		json_t *answer = NULL;
		pid_t child;

		snprintf(name, sizeof(name), "e%zu", i);
		ASSERT_ERR(path_join(dir, name, path, sizeof(path)), ERR_OK);
		snprintf(link, sizeof(link), "unix:%s", path);
		child = serve_once(path, rows[i].answer, false);
		/* blanks around an address are no part of it */
		ASSERT_ERR(es9p_open(&net, "dp.example.com ", &o, message), ERR_OK);
		ASSERT_ERR(es9p_call(o, rows[i].function, json_object(), &answer, message),
			   rows[i].e);
		CU_ASSERT_EQUAL(*message != 0, rows[i].e != ERR_OK);
		json_decref(answer);
		http_client_close(&o);
		waitpid(child, NULL, 0);
	}
}

static void test_answers(void)
{
	static const struct {
		const char *answer;
		enum err e;
		const char *message; /* how it begins */
		bool endless;
	} rows[] = {
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"a\": 1}", ERR_OK, "", false},
		{"HTTP/1.1 403 No\r\nConnection: close\r\n\r\n"
		 "{\"error\": {\"code\": \"ERR_FACTOR\", \"message\": \"too old\"}}",
		 ERR_FACTOR, "too old", false},
		{"HTTP/1.1 500 No\r\nConnection: close\r\n\r\noops", ERR_REFUSED, TROUBLE("500"),
		 false},
		{"HTTP/1.1 403 No\r\nConnection: close\r\n\r\n{\"error\": {\"code\": \"ERR_OK\"}}",
		 ERR_REFUSED, UNKNOWN("403"), false},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[1]", ERR_PROTOCOL, NO_JSON, false},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", ERR_PROTOCOL, NO_JSON, false},
		/* a server that lies: cut, endless, no HTTP, elsewhere, no JSON, twice the same */
		{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\": 1}", ERR_DISCONNECTED,
		 BROKEN_OFF, false},
		{"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{\"a\": 1}",
		 ERR_PROTOCOL, TOO_LONG, true},
		{"HTTP/1.1 200 OK\r\n\r\n{\"a\": ", ERR_PROTOCOL, TOO_LONG, true},
		{"HTTP/1.1 200 OK\r\nX: ", ERR_MEMORY,
		 "no memory is left, or the server's headers have no end", true},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", ERR_DISCONNECTED,
		 BROKEN_OFF, false},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"",
		 ERR_DISCONNECTED, BROKEN_OFF, false},
		{"HELO\r\n", ERR_PROTOCOL, NO_HTTP, false},
		{"", ERR_DISCONNECTED, "the server closed without an answer: check", false},
		{"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nConnection: "
		 "close\r\n\r\n{}",
		 ERR_REFUSED, UNKNOWN("302"), false},
		{"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", ERR_OK, "", false},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"a\": 1, \"a\": 2}", ERR_PROTOCOL,
		 NO_JSON, false},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"a\": \"\xFF\"}", ERR_PROTOCOL,
		 NO_JSON, false},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\"text\"", ERR_PROTOCOL, NO_JSON,
		 false},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"a\": 1} {\"b\": 2}", ERR_PROTOCOL,
		 NO_JSON, false},
		{"HTTP/1.1 400 No\r\nConnection: close\r\n\r\n{\"error\": {\"code\": 5, "
		 "\"message\": "
		 "[]}}",
		 ERR_REFUSED, UNKNOWN("400"), false},
		{"HTTP/1.1 400 No\r\nConnection: close\r\n\r\n{\"error\": 7}", ERR_REFUSED,
		 UNKNOWN("400"), false},
	};

	const char *dir = test_dir();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_client *o;
		json_t *answer = NULL;
		char path[96], spec[128], name[16];
		pid_t child;
		enum err e;

		snprintf(name, sizeof(name), "s%zu", i);
		ASSERT_ERR(path_join(dir, name, path, sizeof(path)), ERR_OK);
		snprintf(spec, sizeof(spec), "unix:%s", path);
		child = serve_once(path, rows[i].answer, rows[i].endless);
		ASSERT_ERR(http_client_open(spec, NULL, &o), ERR_OK);
		e = http_client_call(o, "/x", json_object(), &answer);
		if (e != rows[i].e)
			fprintf(stderr, "\nrow %zu: %s\n", i, err_name(e));
		ASSERT_ERR(e, rows[i].e);
		expect_message(o, rows[i].message);
		CU_ASSERT_EQUAL(answer != NULL, rows[i].e == ERR_OK);
		json_decref(answer);
		http_client_close(&o);
		waitpid(child, NULL, 0);
	}
}

static void test_nobody(void)
{
	static const char *const bad[] = {"",
					  "unix:",
					  "ftp://x",
					  "/path",
					  "http://192.0.2.1:80",
					  "http://127.0.0.1.example.com",
					  "http://localhost.example.com",
					  "http://localhost@192.0.2.1",
					  "http://localhost:80@192.0.2.1",
					  "http://128.0.0.1",
					  "http://127.0.0.1@192.0.2.1"};
	static const char *const good[] = {"http://127.0.0.1:8000", "http://localhost",
					   "http://[::1]:8000", "https://192.0.2.1"};
	struct http_client *o;
	json_t *answer = NULL;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ASSERT_ERR(http_client_open(bad[i], NULL, &o), ERR_USAGE);
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		ASSERT_ERR(http_client_open(good[i], NULL, &o), ERR_OK);
		http_client_close(&o);
	}
	ASSERT_ERR(http_client_open("unix:/no/such/socket", NULL, &o), ERR_OK);
	ASSERT_ERR(http_client_call(o, "/x", json_object(), &answer), ERR_DISCONNECTED);
	CU_ASSERT_STRING_EQUAL(http_client_message(o),
			       "nobody listens on the socket: start twinkey-operator serve");
	http_client_close(&o);
}

/* What a port of the loopback may do to a client that begins TLS. */
enum port_kind { PORT_OF_NOBODY, PORT_CLOSES, PORT_RESETS, PORT_SPEAKS_HTTP };

static int open_port(struct sockaddr_in *a)
{
	socklen_t len = sizeof(*a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*a = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (fd < 0 || bind(fd, (struct sockaddr *)a, len) ||
	    getsockname(fd, (struct sockaddr *)a, &len))
		abort();
	return fd;
}

/* Its child process serves one client; 0: there is nobody. */
static pid_t serve_port(int fd, enum port_kind kind)
{
	static const char http[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
	const struct linger reset = {.l_onoff = 1};
	char hello[4096];
	pid_t child;
	int client;

	if (kind == PORT_OF_NOBODY)
		return 0;
	if (listen(fd, 1))
		abort();
	fflush(NULL);
	child = fork();
	if (child)
		return child;
	client = accept(fd, NULL, NULL);
	if (kind != PORT_CLOSES && read(client, hello, sizeof(hello)) <= 0)
		_exit(1);
	if (kind == PORT_RESETS)
		setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	if (kind == PORT_SPEAKS_HTTP && write(client, http, sizeof(http) - 1) < 0)
		_exit(1);
	close(client);
	_exit(0);
}

static void test_no_tls(void)
{
	static const struct {
		enum port_kind kind;
		const char *message;
	} rows[] = {
		{PORT_OF_NOBODY, NOBODY},
		{PORT_CLOSES, NO_TLS},
		{PORT_RESETS, NO_TLS},
		{PORT_SPEAKS_HTTP, NO_TLS},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sockaddr_in a;
		int fd = open_port(&a);
		pid_t child = serve_port(fd, rows[i].kind);
		struct http_client *o;
		json_t *answer = NULL;
		char spec[64];

		snprintf(spec, sizeof(spec), "https://127.0.0.1:%u", ntohs(a.sin_port));
		ASSERT_ERR(http_client_open(spec, NULL, &o), ERR_OK);
		ASSERT_ERR(http_client_call(o, "/x", json_object(), &answer), ERR_DISCONNECTED);
		expect_message(o, rows[i].message);
		http_client_close(&o);
		close(fd);
		if (child)
			waitpid(child, NULL, 0);
	}
}

TEST_SUITE(client, {"answers without a body", test_empty_answers},
	   {"answers and refusals", test_answers}, {"nobody there", test_nobody},
	   {"no TLS there", test_no_tls})
