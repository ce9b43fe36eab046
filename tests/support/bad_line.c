#include "tests/support/bad_line.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/bytes.h"
#include "tests/support/must.h"

#define MESSAGE_MAX (1u << 20)
#define STEP_US	    20000
#define SLOW_STEP   120 /* octets */

static char back_path[sizeof(((struct sockaddr_un *)0)->sun_path)];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	enum bad_line_break how;
	unsigned at, messages;
	bool dead, broken;
} line;

void bad_line_arm(enum bad_line_break how, unsigned at, bool dead)
{
	pthread_mutex_lock(&lock);
	line.how = how;
	line.at = at;
	line.dead = dead;
	line.messages = 0;
	line.broken = false;
	pthread_mutex_unlock(&lock);
}

unsigned bad_line_messages(void)
{
	unsigned n;

	pthread_mutex_lock(&lock);
	n = line.messages;
	pthread_mutex_unlock(&lock);
	return n;
}

/* What happens to the next message. */
static enum bad_line_break next(void)
{
	enum bad_line_break how = BAD_LINE_NONE;

	pthread_mutex_lock(&lock);
	line.messages++;
	if (line.broken && line.dead)
		how = BAD_LINE_REQUEST_LOST;
	else if (line.how == BAD_LINE_SLOW || (line.how && line.messages == line.at))
		how = line.how;
	line.broken = line.broken || how;
	pthread_mutex_unlock(&lock);
	return how;
}

static struct sockaddr_un address(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	MUST(strlen(path) < sizeof(a.sun_path));
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	return a;
}

static bool send_all(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, text, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		text += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* How long the message is whose beginning is in text; 0: not known yet. */
static size_t message_len(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n"),
		   *length = strcasestr(text, "\r\nContent-Length:");

	if (!end)
		return 0;
	return (size_t)(end + 4 - text) +
	       (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
}

/* One message; its length, 0 when the peer has gone. text has a NUL behind. */
static size_t receive(int fd, char *text)
{
	size_t n = 0, want = 0;

	text[0] = 0;
	while (!want || n < want) {
		ssize_t got = recv(fd, text + n, MESSAGE_MAX - n - 1, 0);

		if (got <= 0)
			return 0;
		n += (size_t)got;
		text[n] = 0;
		want = message_len(text);
	}
	return n;
}

static bool send_in_steps(int fd, const char *text, size_t n, size_t step)
{
	for (size_t i = 0; i < n; i += step) {
		if (!send_all(fd, text + i, n - i < step ? n - i : step))
			return false;
		usleep(STEP_US);
	}
	return true;
}

/* Whether the line goes on. text is the answer; the client says nothing before it has it. */
static bool answer(int front, enum bad_line_break how, char *text, size_t n)
{
	switch (how) {
	case BAD_LINE_ANSWER_CUT: return send_all(front, text, n / 2) && false;
	case BAD_LINE_ANSWER_DRIPS: return send_in_steps(front, text, n, 1);
	case BAD_LINE_ANSWER_HELD: return receive(front, text) > 0;
	case BAD_LINE_SLOW: return send_in_steps(front, text, n, SLOW_STEP);
	default: return send_all(front, text, n);
	}
}

static int connect_back(void)
{
	struct sockaddr_un a = address(back_path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	MUST(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	return fd;
}

static void *serve(void *arg)
{
	int front = (int)(intptr_t)arg, back = connect_back();
	char *text = malloc(MESSAGE_MAX);
	size_t n;

	MUST(text != NULL);
	while ((n = receive(front, text)) > 0) {
		enum bad_line_break how = next();

		if (how == BAD_LINE_REQUEST_LOST || !send_all(back, text, n))
			break;
		n = receive(back, text);
		if (!n || how == BAD_LINE_ANSWER_LOST)
			break;
		if (!answer(front, how, text, n))
			break;
	}
	free(text);
	close(front);
	close(back);
	return NULL;
}

static void *listen_on(void *arg)
{
	int fd = (int)(intptr_t)arg;

	for (;;) {
		int front = accept(fd, NULL, NULL);
		pthread_t thread;

		if (front < 0)
			continue;
		MUST(pthread_create(&thread, NULL, serve, (void *)(intptr_t)front) == 0);
		MUST(pthread_detach(thread) == 0);
	}
	return NULL;
}

void bad_line_start(const char *front, const char *back)
{
	struct sockaddr_un a = address(front);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pthread_t thread;

	snprintf(back_path, sizeof(back_path), "%s", address(back).sun_path);
	MUST(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 16) == 0);
	MUST(pthread_create(&thread, NULL, listen_on, (void *)(intptr_t)fd) == 0);
	MUST(pthread_detach(thread) == 0);
}
