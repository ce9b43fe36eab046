/*
 * passed: sockets that the system's manager has opened for this process before it began, each under
 * a name (sd_listen_fds_with_names(3): LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES). The protocol is a
 * promise of systemd's, and others speak it too; so it stands here, and no library is needed.
 */
#ifndef TWINKEY_OPERATOR_SERVICE_PASSED_H
#define TWINKEY_OPERATOR_SERVICE_PASSED_H

#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define PASSED_MAX	8
#define PASSED_NAME_CAP 64

struct passed {
	struct {
		int fd;
		char name[PASSED_NAME_CAP];
	} sockets[PASSED_MAX];
	size_t count;
};

/*
 * Takes them over, closed on exec, and removes the variables. None: count is 0, also where they are
 * for another process. ERR_VALUE: what the variables say is wrong; ERR_NO_FILE: a descriptor is no
 * stream socket that listens; *out has those before it, whom the caller closes.
 */
enum err passed_take(struct passed *out) MUST_CHECK;
void passed_close(struct passed *p);
/* Whether it is a unix socket, and its place: the path, or address and port in numbers. */
#define PASSED_PLACE_CAP 128
bool passed_place(int fd, char place[static PASSED_PLACE_CAP]);

#endif
