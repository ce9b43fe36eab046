#include "host/operator/service/passed.h"

#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_FD 3 /* SD_LISTEN_FDS_START */

/* False: it is no number from 1 on. */
static bool positive(const char *text, long *out)
{
	char *end;
	long v = text ? strtol(text, &end, 10) : 0;

	if (!text || end == text || *end || v < 1)
		return false;
	*out = v;
	return true;
}

static bool listens(int fd)
{
	int type = 0, listening = 0;
	socklen_t a = sizeof(type), b = sizeof(listening);

	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &a) && type == SOCK_STREAM &&
	       !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &b) && listening;
}

/* The name of the next one, up to the colon; "" when there are no more names. */
static void next_name(const char **names, char out[static PASSED_NAME_CAP])
{
	size_t len = *names ? strcspn(*names, ":") : 0;

	snprintf(out, PASSED_NAME_CAP, "%.*s", (int)len, *names ? *names : "");
	if (*names)
		*names += len + ((*names)[len] == ':');
}

static enum err take_sockets(struct passed *out, long n, const char *names)
{
	for (long i = 0; i < n; i++) {
		int fd = FIRST_FD + (int)i, flags = fcntl(fd, F_GETFL);

		if (flags < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC))
			return ERR_VALUE;
		out->sockets[out->count].fd = fd;
		next_name(&names, out->sockets[out->count].name);
		out->count++;
		if (!listens(fd) || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
			return ERR_NO_FILE;
	}
	return ERR_OK;
}

enum err passed_take(struct passed *out)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	long mine = 0, n = 0;
	enum err e = ERR_OK;

	*out = (struct passed){.count = 0};
	if (!pid || !fds)
		return ERR_OK;
	if (!positive(pid, &mine) || !positive(fds, &n) || n > PASSED_MAX)
		e = ERR_VALUE;
	else if (mine == (long)getpid())
		e = take_sockets(out, n, getenv("LISTEN_FDNAMES"));
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return e;
}

void passed_close(struct passed *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->sockets[i].fd >= 0)
			close(p->sockets[i].fd);
	p->count = 0;
}

bool passed_place(int fd, char place[static PASSED_PLACE_CAP])
{
	struct sockaddr_storage a = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(a);
	char host[64] = "?", port[8] = "0";
	struct sockaddr_un local;

	if (getsockname(fd, (struct sockaddr *)&a, &len))
		len = 0;
	if (a.ss_family == AF_UNIX) {
		memset(&local, 0, sizeof(local));
		memcpy(&local, &a, len < sizeof(local) ? len : sizeof(local) - 1);
		snprintf(place, PASSED_PLACE_CAP, "%s", local.sun_path);
		return true;
	}
	(void)!getnameinfo((struct sockaddr *)&a, len, host, sizeof(host), port, sizeof(port),
			   NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(place, PASSED_PLACE_CAP, a.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
		 port);
	return false;
}
