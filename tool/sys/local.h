/*
 * local: a unix socket to serve on, under a path that a person named.
 *
 * What stands at the path is replaced only if it is a socket where nobody listens any more. Our own
 * servers take their turns at this (a lock on the folder), so that none takes the socket that
 * another has just bound for a stale one.
 */
#ifndef TWINKEY_TOOL_LOCAL_H
#define TWINKEY_TOOL_LOCAL_H

#include <sys/types.h>

#include "lib/base/err.h"

struct cancel;

struct local_socket {
	int fd;
	const char *path; /* borrowed */
	dev_t dev;	  /* what was made there */
	ino_t ino;
};

/*
 * type: SOCK_STREAM (listens, does not block) or SOCK_DGRAM. Mode 0600. cancel ends the wait for
 * another of our servers. ERR_LOCKED: somebody
 * listens there; ERR_EXISTS: something else has the path; ERR_NOT_FOUND: there is no such folder;
 * ERR_PERMISSION, ERR_OWNER: the socket there is another user's; ERR_LONG_NAME: the path is too
 * long.
 */
enum err local_listen(const char *path, int type, struct cancel *cancel,
		      struct local_socket *out) MUST_CHECK;
/* Removes the name, if it is still this socket's. To be called while fd is open. */
void local_remove(const struct local_socket *s);

#endif
