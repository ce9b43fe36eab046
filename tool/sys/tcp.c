#include "tool/sys/tcp.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/bytes.h"
#include "tool/sys/cancel.h"
#include "tool/sys/errno.h"

#define CONNECT_WAIT 3000
#define BACKLOG	     4
#define SOCKET_FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)

enum err tcp_wait(struct cancel *cancel, int fd, short events, int timeout_ms)
{
	struct pollfd p[2] = {{.fd = cancel_fd(cancel), .events = POLLIN},
			      {.fd = fd, .events = events}};
	int n;

	do
		n = cancel_is_wished(cancel) ? 0 : poll(p, 2, timeout_ms);
	while (n < 0 && errno == EINTR);
	if (cancel_is_wished(cancel))
		return ERR_CANCELLED;
	if (n < 0)
		return errno_err(errno);
	return n ? ERR_OK : ERR_TIMEOUT;
}

void tcp_acknowledge_now(int fd)
{
	static const int on = 1;

	/* a socket that is not TCP has no such option */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

bool tcp_is_port(const char *text)
{
	size_t n = strspn(text, "0123456789");
	unsigned long port = strtoul(text, NULL, 10);

	return n && n < TCP_PORT_MAX && !text[n] && port > 0 && port <= UINT16_MAX;
}

enum err tcp_place_parse(const char *text, struct tcp_place *out)
{
	const char *colon = strrchr(text, ':'), *port = colon ? colon + 1 : text;
	struct slice host = slice_make(text, colon ? (size_t)(colon - text) : 0);
	struct tcp_place place = *out;

	if (host.len > 2 && slice_at(host, 0) == '[' && slice_at(host, host.len - 1) == ']')
		host = slice_sub(host, 1, host.len - 2);
	if ((*port && !tcp_is_port(port)) ||
	    (host.len && slice_text(host, place.host, sizeof(place.host))))
		return ERR_USAGE;
	if (*port)
		snprintf(place.port, sizeof(place.port), "%s", port);
	*out = place;
	return ERR_OK;
}

static enum err bind_one(const struct addrinfo *a, int *out)
{
	static const int on = 1;
	int fd = socket(a->ai_family, a->ai_socktype | SOCKET_FLAGS, a->ai_protocol);
	enum err e;

	if (fd < 0)
		return errno_err(errno);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) {
		*out = fd;
		return ERR_OK;
	}
	e = errno == EADDRINUSE ? ERR_LOCKED : errno_err(errno);
	close(fd);
	return e;
}

enum err tcp_listen(const struct tcp_place *place, int *fd)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
				       .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *list;
	enum err e;

	if (getaddrinfo(place->host, place->port, &hints, &list))
		return ERR_USAGE;
	e = bind_one(list, fd);
	freeaddrinfo(list);
	return e;
}

static enum err send_at_once(int fd)
{
	static const int on = 1;

	return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) ? errno_err(errno)
									 : ERR_OK;
}

static enum err finish_connect(int fd, const struct addrinfo *a, struct cancel *cancel)
{
	int failure = 0;
	socklen_t len = sizeof(failure);
	enum err e;

	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
		return ERR_OK;
	if (errno != EINPROGRESS)
		return ERR_DISCONNECTED;
	e = tcp_wait(cancel, fd, POLLOUT, CONNECT_WAIT);
	if (!e && (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &len) != 0 || failure))
		e = ERR_DISCONNECTED;
	return e;
}

static enum err connect_one(const struct addrinfo *a, struct cancel *cancel, int *out)
{
	int fd = socket(a->ai_family, a->ai_socktype | SOCKET_FLAGS, a->ai_protocol);
	enum err e;

	if (fd < 0)
		return errno_err(errno);
	e = finish_connect(fd, a, cancel);
	if (!e && a->ai_family != AF_UNIX)
		e = send_at_once(fd);
	if (e)
		close(fd);
	else
		*out = fd;
	return e;
}

enum err tcp_connect_any(const struct addrinfo *list, struct cancel *cancel, int *fd)
{
	enum err e = ERR_DISCONNECTED;

	for (const struct addrinfo *a = list; a; a = a->ai_next) {
		e = connect_one(a, cancel, fd);
		if (!e || e == ERR_CANCELLED)
			return e;
	}
	return e;
}

enum err tcp_connect(const struct tcp_place *place, struct cancel *cancel, int *fd)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *list;
	enum err e;

	if (getaddrinfo(place->host, place->port, &hints, &list))
		return ERR_NOT_FOUND;
	e = tcp_connect_any(list, cancel, fd);
	freeaddrinfo(list);
	return e;
}

enum err tcp_accept(int listener, int *fd)
{
	int got = accept4(listener, NULL, NULL, SOCKET_FLAGS);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED
			       ? ERR_TIMEOUT
			       : errno_err(errno);
	(void)!send_at_once(got); /* only speed depends on it */
	*fd = got;
	return ERR_OK;
}
