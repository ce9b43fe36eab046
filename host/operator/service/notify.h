/*
 * notify: what a server tells the system's manager of itself (sd_notify(3): NOTIFY_SOCKET,
 * WATCHDOG_USEC). Where nobody asks, nothing is told; that it could not be told ends no server.
 */
#ifndef TWINKEY_OPERATOR_SERVICE_NOTIFY_H
#define TWINKEY_OPERATOR_SERVICE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#define NOTIFY_PATH_CAP 108

struct notify {
	char path[NOTIFY_PATH_CAP]; /* "": nobody asks */
	int64_t watchdog_ms;	    /* a word is expected at least this often; 0: none is */
};

/* Reads the variables and removes them, so that a command beside this process tells nothing. */
void notify_open(struct notify *n);
/* Lines of NAME=VALUE. False: they did not arrive. */
bool notify_tell(const struct notify *n, const char *lines);
bool notify_ready(const struct notify *n, const char *status);
/* Followed by notify_ready() when it is done. */
bool notify_reloading(const struct notify *n);
bool notify_stopping(const struct notify *n);
/* All is well. */
bool notify_watchdog(const struct notify *n);

#endif
