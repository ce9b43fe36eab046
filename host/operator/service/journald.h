/*
 * journald: its own protocol (systemd: "Native Journal Protocol"): a datagram an entry, a
 * line NAME=VALUE a field; a value with a line end in it has its length before it.
 */
#ifndef TWINKEY_OPERATOR_SERVICE_JOURNALD_H
#define TWINKEY_OPERATOR_SERVICE_JOURNALD_H

#include <stdbool.h>

#include "lib/base/bytes.h"

/* ERR_NOT_FOUND: there is no journald at that socket; ERR_LONG_NAME. */
enum err journald_open(const char *path, int *fd) MUST_CHECK;
/* Appends a field; name: capital letters, digits and "_", none of them first but a letter. */
void journald_put(struct wbuf *w, const char *name, const char *value);
/* False: it did not arrive. It is not waited for room. */
bool journald_send(int fd, struct slice entry);

#endif
