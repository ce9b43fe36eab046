#include "host/operator/service/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define STATUS_MAX 256

/* WATCHDOG_PID says whose it is; without one it is this process's. */
static int64_t watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	long long v = usec ? strtoll(usec, NULL, 10) : 0;

	if (pid && strtol(pid, NULL, 10) != (long)getpid())
		return 0;
	return v > 0 ? v / 1000 : 0;
}

void notify_open(struct notify *n)
{
	const char *path = getenv("NOTIFY_SOCKET");

	*n = (struct notify){.watchdog_ms = watchdog()};
	if (path && (*path == '/' || *path == '@') && strlen(path) < sizeof(n->path))
		snprintf(n->path, sizeof(n->path), "%s", path);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

bool notify_tell(const struct notify *n, const char *lines)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(n->path));
	bool told;
	int fd;

	if (!*n->path)
		return false;
	memcpy(a.sun_path, n->path, strlen(n->path));
	if (*n->path == '@') /* a name without a file */
		a.sun_path[0] = 0;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	told = sendto(fd, lines, strlen(lines), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&a,
		      len) == (ssize_t)strlen(lines);
	close(fd);
	return told;
}

bool notify_ready(const struct notify *n, const char *status)
{
	char text[STATUS_MAX];

	snprintf(text, sizeof(text), "READY=1\nSTATUS=%s", status);
	return notify_tell(n, text);
}

/* MONOTONIC_USEC is what systemd of 253 and later tells one reload from the next by. */
bool notify_reloading(const struct notify *n)
{
	struct timespec t;
	char text[STATUS_MAX];

	clock_gettime(CLOCK_MONOTONIC, &t);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld",
		 (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000);
	return notify_tell(n, text);
}

bool notify_stopping(const struct notify *n)
{
	return notify_tell(n, "STOPPING=1\nSTATUS=Requests in progress are answered");
}

bool notify_watchdog(const struct notify *n)
{
	return notify_tell(n, "WATCHDOG=1");
}
