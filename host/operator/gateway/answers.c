#include "host/operator/gateway/answers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool/sys/wait.h"

enum err answers_open(const char *path, struct cancel *cancel, struct answers *a)
{
	for (size_t i = 0; i < ASKERS_MAX; i++)
		a->clients[i].fd = -1;
	a->own.fd = -1;
	return local_listen(path, SOCK_STREAM, cancel, &a->own);
}

void answers_poll(const struct answers *a, struct pollfd fds[static ANSWERS_POLL])
{
	fds[0] = (struct pollfd){.fd = a->own.fd, .events = POLLIN};
	for (size_t i = 0; i < ASKERS_MAX; i++)
		fds[i + 1] = (struct pollfd){.fd = a->clients[i].fd, .events = POLLIN};
}

static void hang_up(struct answers_client *c)
{
	close(c->fd);
	c->fd = -1;
}

/* A free place, or that of who has waited longest. */
static struct answers_client *place_for(struct answers *a)
{
	struct answers_client *oldest = &a->clients[0];

	for (size_t i = 0; i < ASKERS_MAX; i++) {
		if (a->clients[i].fd < 0)
			return &a->clients[i];
		if (a->clients[i].since_ms < oldest->since_ms)
			oldest = &a->clients[i];
	}
	hang_up(oldest);
	return oldest;
}

static void take_clients(struct answers *a)
{
	int fd;

	while ((fd = accept4(a->own.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		struct answers_client *c = place_for(a);

		*c = (struct answers_client){.fd = fd, .since_ms = wait_now_ms()};
	}
}

static void answer_line(struct answers *a, struct answers_client *c)
{
	uint8_t mem[ATTACHED_ANSWER_MAX];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	struct attached who;
	struct in_addr ip;
	bool there =
		inet_pton(AF_INET, c->line, &ip) == 1 && a->find(a->ctx, ntohl(ip.s_addr), &who);

	attached_write(there ? &who : NULL, &out);
	(void)!send(c->fd, out.ptr, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	hang_up(c);
}

static void read_line(struct answers *a, struct answers_client *c)
{
	ssize_t n = recv(c->fd, c->line + c->len, sizeof(c->line) - c->len, 0);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		hang_up(c);
		return;
	}
	c->len += (size_t)n;
	end = memchr(c->line, '\n', c->len);
	if (end) {
		*end = 0;
		answer_line(a, c);
	} else if (c->len == sizeof(c->line)) {
		hang_up(c);
	}
}

void answers_serve(struct answers *a, const struct pollfd fds[static ANSWERS_POLL])
{
	int64_t now = wait_now_ms();

	for (size_t i = 0; i < ASKERS_MAX; i++) {
		struct answers_client *c = &a->clients[i];

		if (c->fd < 0)
			continue;
		if (fds[i + 1].fd == c->fd && fds[i + 1].revents)
			read_line(a, c);
		else if (now - c->since_ms > ANSWERS_PATIENCE_MS)
			hang_up(c);
	}
	if (fds[0].revents)
		take_clients(a);
}

void answers_close(struct answers *a)
{
	for (size_t i = 0; i < ASKERS_MAX; i++)
		if (a->clients[i].fd >= 0)
			hang_up(&a->clients[i]);
	if (a->own.fd < 0)
		return;
	local_remove(&a->own);
	close(a->own.fd);
	a->own.fd = -1;
}
