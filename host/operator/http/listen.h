/*
 * listen: the sockets that the server listens on, and what the names of this machine's loopback
 * are.
 */
#ifndef TWINKEY_OPERATOR_HTTP_LISTEN_H
#define TWINKEY_OPERATOR_HTTP_LISTEN_H

#include <stdbool.h>

#include "lib/base/err.h"

/*
 * A listening socket at HOST:PORT with a numeric address ([::1]:PORT); tool/sys/local.h has those
 * at a path. ERR_LOCKED: somebody listens there; ERR_NOT_FOUND: this machine has no such address;
 * ERR_USAGE: no address, or not the loopback's where only that will do.
 */
enum err http_listen_tcp(const char *address, bool loopback_only, int *fd) MUST_CHECK;
/* The port of such a socket: with port 0 in its address the system has chosen it. */
unsigned http_listen_port(int fd);
bool http_is_loopback(const char *address);
/* Of a Host header: a numeric loopback address or localhost, with a port or without. */
bool http_names_loopback(const char *host);

#endif
