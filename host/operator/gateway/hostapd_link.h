/*
 * hostapd_link: hostapd's control socket (unix datagrams): its events as they come, and questions
 * with their answers. Two sockets, so that an event is never taken for an answer; each is connected
 * to hostapd's, so that the kernel lets nobody else write to it.
 */
#ifndef TWINKEY_OPERATOR_HOSTAPD_LINK_H
#define TWINKEY_OPERATOR_HOSTAPD_LINK_H

#include "host/operator/gateway/hostapd.h"

struct hostapd_link;

/*
 * path: that of hostapd's interface (ctrl_interface/IFACE); ours have no path. Attaches to the
 * events. ERR_DISCONNECTED: nobody is there; ERR_TIMEOUT; ERR_PROTOCOL: it is no hostapd;
 * ERR_LONG_NAME, ERR_PERMISSION.
 */
enum err hostapd_link_open(const char *path, struct hostapd_link **out) MUST_CHECK;
void hostapd_link_close(struct hostapd_link **l);

/* Readable when an event is there. */
int hostapd_link_fd(const struct hostapd_link *l);
/* The next event, as it came, into text (cut and marked too long: err of text). ERR_TIMEOUT: there
 * is none now; ERR_DISCONNECTED: hostapd has gone. */
enum err hostapd_link_event(struct hostapd_link *l, struct wbuf *text) MUST_CHECK;

/* Errors as hostapd_station_read() has them, and of the link: ERR_TIMEOUT, ERR_DISCONNECTED. */
enum err hostapd_link_station(struct hostapd_link *l, const uint8_t mac[static HOSTAPD_MAC_LEN],
			      struct hostapd_station *out) MUST_CHECK;
/* The station after this one; NULL: the first. ERR_NOT_FOUND: there is no further one. */
enum err hostapd_link_next(struct hostapd_link *l, const uint8_t *mac,
			   struct hostapd_station *out) MUST_CHECK;
/* A whole new EAP run with the station. */
enum err hostapd_link_reauth(struct hostapd_link *l,
			     const uint8_t mac[static HOSTAPD_MAC_LEN]) MUST_CHECK;
/* It still answers. */
enum err hostapd_link_ping(struct hostapd_link *l) MUST_CHECK;

#endif
