#include "host/operator/http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool/sys/errno.h"

#define BACKLOG	  64
#define HOST_MAX  64
#define LOCALHOST "localhost"

static enum err listen_at(int fd, const struct sockaddr *a, socklen_t len, int *out)
{
	if (bind(fd, a, len) || listen(fd, BACKLOG)) {
		enum err e = errno == EADDRINUSE      ? ERR_LOCKED
			     : errno == EADDRNOTAVAIL ? ERR_NOT_FOUND
						      : errno_err(errno);

		close(fd);
		return e;
	}
	*out = fd;
	return ERR_OK;
}

/* HOST:PORT or [HOST]:PORT, numbers both. */
static struct addrinfo *resolve(const char *address)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
				       .ai_socktype = SOCK_STREAM};
	const char *colon = strrchr(address, ':');
	struct addrinfo *found = NULL;
	char host[HOST_MAX];
	size_t len, start;

	if (!colon || colon == address)
		return NULL;
	len = (size_t)(colon - address);
	start = address[0] == '[' && colon[-1] == ']';
	if (len >= sizeof(host) || len <= 2 * start)
		return NULL;
	snprintf(host, sizeof(host), "%.*s", (int)(len - 2 * start), address + start);
	return getaddrinfo(host, colon + 1, &hints, &found) ? NULL : found;
}

static bool is_loopback(const struct addrinfo *a)
{
	const struct sockaddr *any = a->ai_addr;

	if (a->ai_family == AF_INET) {
		struct sockaddr_in v4;

		memcpy(&v4, any, sizeof(v4));
		return ntohl(v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	}
	if (a->ai_family == AF_INET6) {
		struct sockaddr_in6 v6;

		memcpy(&v6, any, sizeof(v6));
		return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
	}
	return false;
}

bool http_is_loopback(const char *address)
{
	struct addrinfo *a = resolve(address);
	bool loopback = a && is_loopback(a);

	if (a)
		freeaddrinfo(a);
	return loopback;
}

bool http_names_loopback(const char *host)
{
	size_t name = strcspn(host, ":");
	const char *port = strrchr(host, ':');
	char address[HOST_MAX + 8];

	if (name == strlen(LOCALHOST) && strncasecmp(host, LOCALHOST, name) == 0)
		return true;
	if (port && !strchr(port, ']'))
		return http_is_loopback(host);
	snprintf(address, sizeof(address), "%s:0", host);
	return http_is_loopback(address);
}

enum err http_listen_tcp(const char *address, bool loopback_only, int *fd)
{
	struct addrinfo *a = resolve(address);
	int s, on = 1;
	enum err e;

	if (!a || (loopback_only && !is_loopback(a))) {
		if (a)
			freeaddrinfo(a);
		return ERR_USAGE;
	}
	s = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0) {
		e = errno_err(errno);
	} else {
		setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		e = listen_at(s, a->ai_addr, a->ai_addrlen, fd);
	}
	freeaddrinfo(a);
	return e;
}

unsigned http_listen_port(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a = {.any = {.sa_family = AF_UNSPEC}};
	socklen_t len = sizeof(a);

	if (getsockname(fd, &a.any, &len))
		return 0;
	return ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}
