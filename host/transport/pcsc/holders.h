/*
 * holders: which programs may have a card, for people. The service does not tell; who uses its
 * library can be seen, of one's own programs, and of all as root.
 */
#ifndef TWINKEY_HOST_TRANSPORT_PCSC_HOLDERS_H
#define TWINKEY_HOST_TRANSPORT_PCSC_HOLDERS_H

#include <stddef.h>

/* "scdaemon (process 123), twinkey (process 456)"; "" when none is seen. */
void holders_text(char *text, size_t cap);

#endif
