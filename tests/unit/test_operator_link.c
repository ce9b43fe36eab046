#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/terminal/operator.h"
#include "tool/file.h"

/* A server that gives one answer, whatever is asked. Its child process ends with it. */
static pid_t serve_once(const char *path, const char *answer)
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
		/* closing with request octets unread would reset the connection */
		shutdown(client, SHUT_WR);
		while (read(client, request, sizeof(request)) > 0)
			;
		_exit(n > 0 ? 0 : 1);
	}
	close(fd);
	return child;
}

static void test_answers(void)
{
	static const struct {
		const char *answer;
		enum err e;
		const char *message;
	} rows[] = {
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"a\": 1}", ERR_OK, ""},
		{"HTTP/1.1 403 No\r\nConnection: close\r\n\r\n"
		 "{\"error\": {\"code\": \"ERR_FACTOR\", \"message\": \"too old\"}}",
		 ERR_FACTOR, "too old"},
		{"HTTP/1.1 500 No\r\nConnection: close\r\n\r\noops", ERR_REFUSED, ""},
		{"HTTP/1.1 403 No\r\nConnection: close\r\n\r\n{\"error\": {\"code\": \"ERR_OK\"}}",
		 ERR_REFUSED, ""},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[1]", ERR_PROTOCOL, ""},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", ERR_PROTOCOL, ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct operator_link *o;
		json_t *answer = NULL;
		char path[96], spec[128];
		pid_t child;

		ASSERT_ERR(file_join(test_dir(), "s", path, sizeof(path)), ERR_OK);
		snprintf(spec, sizeof(spec), "unix:%s", path);
		child = serve_once(path, rows[i].answer);
		ASSERT_ERR(operator_open(spec, &o), ERR_OK);
		ASSERT_ERR(operator_call(o, "/x", json_object(), &answer), rows[i].e);
		CU_ASSERT_STRING_EQUAL(operator_message(o), rows[i].message);
		CU_ASSERT_EQUAL(answer != NULL, rows[i].e == ERR_OK);
		json_decref(answer);
		operator_close(&o);
		waitpid(child, NULL, 0);
	}
}

static void test_nobody(void)
{
	static const char *const bad[] = {"", "unix:", "ftp://x", "/path"};
	struct operator_link *o;
	json_t *answer = NULL;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ASSERT_ERR(operator_open(bad[i], &o), ERR_USAGE);
	ASSERT_ERR(operator_open("unix:/no/such/socket", &o), ERR_OK);
	ASSERT_ERR(operator_call(o, "/x", json_object(), &answer), ERR_DISCONNECTED);
	operator_close(&o);
}

TEST_SUITE(operator_link, {"answers and refusals", test_answers}, {"nobody there", test_nobody})
