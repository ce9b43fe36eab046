/*
 * tcp: sockets of TCP that connect, listen and wait, until there is a wish to stop.
 */
#ifndef TWINKEY_TOOL_SYS_TCP_H
#define TWINKEY_TOOL_SYS_TCP_H

#include <stdbool.h>

#include "lib/base/err.h"

struct addrinfo;
struct cancel;

#define TCP_HOST_MAX 256
#define TCP_PORT_MAX 6

struct tcp_place {
	char host[TCP_HOST_MAX], port[TCP_PORT_MAX];
};

/* The number of a port in decimal, 1 to 65535. */
bool tcp_is_port(const char *text);
/*
 * Takes "[HOST:]PORT" apart, where either may be left out for what out holds before. HOST is a name
 * or an address, one of IPv6 in square brackets. ERR_USAGE: it is no such text.
 */
enum err tcp_place_parse(const char *text, struct tcp_place *out) MUST_CHECK;
/*
 * Listens there, not blocking. ERR_USAGE: the host has no address; ERR_LOCKED: the port is taken;
 * ERR_PERMISSION: it is not for this user; ERR_IO: the address is none of this machine's.
 */
enum err tcp_listen(const struct tcp_place *place, int *fd) MUST_CHECK;
/*
 * Connects to the first address that answers, within three seconds each; *fd does not block, and
 * sends at once what it is given (TCP_NODELAY). ERR_DISCONNECTED: nobody listens there;
 * ERR_CANCELLED.
 */
enum err tcp_connect_any(const struct addrinfo *list, struct cancel *cancel, int *fd) MUST_CHECK;
/* The same with a place; ERR_NOT_FOUND: the host has no address. */
enum err tcp_connect(const struct tcp_place *place, struct cancel *cancel, int *fd) MUST_CHECK;
/* What a listener that does not block has; as tcp_connect_any() leaves it. ERR_TIMEOUT: nobody. */
enum err tcp_accept(int listener, int *fd) MUST_CHECK;
/* Waits until fd (-1: none) is ready or the time (-1: none) is over: ERR_OK, ERR_TIMEOUT,
 * ERR_CANCELLED. */
enum err tcp_wait(struct cancel *cancel, int fd, short events, int timeout_ms) MUST_CHECK;
/*
 * For a peer that sends length and content apart and with Nagle's algorithm on, as vpcd does: it
 * holds the content back until the length is acknowledged. Quick acknowledgement is a state that
 * the kernel leaves by itself, so it is asked for again and again. Only speed depends on it.
 */
void tcp_acknowledge_now(int fd);

#endif
