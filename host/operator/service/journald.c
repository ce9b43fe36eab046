#include "host/operator/service/journald.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tool/sys/errno.h"

enum err journald_open(const char *path, int *fd)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int s;

	if (strlen(path) >= sizeof(a.sun_path))
		return ERR_LONG_NAME;
	memcpy(a.sun_path, path, strlen(path));
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return errno_err(errno);
	if (connect(s, (struct sockaddr *)&a, sizeof(a))) {
		enum err e = errno == ECONNREFUSED ? ERR_NOT_FOUND : errno_err(errno);

		close(s);
		return e;
	}
	*fd = s;
	return ERR_OK;
}

void journald_put(struct wbuf *w, const char *name, const char *value)
{
	size_t len = strlen(value);

	wbuf_put(w, slice_str(name));
	if (!strchr(value, '\n')) {
		wbuf_u8(w, '=');
	} else {
		wbuf_u8(w, '\n');
		for (unsigned i = 0; i < 8; i++) /* little endian */
			wbuf_u8(w, (uint8_t)((uint64_t)len >> (8 * i)));
	}
	wbuf_put(w, slice_make(value, len));
	wbuf_u8(w, '\n');
}

bool journald_send(int fd, struct slice entry)
{
	return send(fd, entry.ptr, entry.len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)entry.len;
}
