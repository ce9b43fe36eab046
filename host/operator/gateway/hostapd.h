/*
 * hostapd: what its control socket says: events, and what it knows of a station. Pure: slices in,
 * values out; the socket is in hostapd_link.h.
 *
 * A station chooses its identity, and hostapd prints it as it came, line ends too. So an answer in
 * which a field stands twice is refused, and of an identity the name in front of "@" alone is
 * taken: a permanent one (3GPP TS 23.003 14.3) of the method that was run. With the EAP server of
 * its own (eap_server=1) that is the identity whose vectors were used, the one of AT_IDENTITY; with
 * a RADIUS server (CTRL-EVENT-EAP-SUCCESS2) it is what the station said at first, which proves
 * nothing. Pseudonyms and fast re-authentication have to be off (eap_sim_id=0).
 */
#ifndef TWINKEY_OPERATOR_HOSTAPD_H
#define TWINKEY_OPERATOR_HOSTAPD_H

#include <stdbool.h>

#include "lib/base/bytes.h"

#define HOSTAPD_MESSAGE_MAX 4096 /* octets of an event or an answer; longer ones are refused */
#define HOSTAPD_MAC_LEN	    6
#define HOSTAPD_MAC_CAP	    18 /* octets of a MAC as text, with the NUL */
#define HOSTAPD_IMSI_CAP    16
#define HOSTAPD_NAME_CAP    (HOSTAPD_IMSI_CAP + 1)

/* "02:00:00:00:00:01" of one station: no group address, not all zeros. ERR_ENCODING. */
enum err hostapd_mac(struct slice text, uint8_t mac[static HOSTAPD_MAC_LEN]) MUST_CHECK;
void hostapd_mac_text(const uint8_t mac[static HOSTAPD_MAC_LEN], char text[static HOSTAPD_MAC_CAP]);

enum hostapd_event_kind {
	HOSTAPD_OTHER,	 /* nothing that opens or closes a way */
	HOSTAPD_SUCCESS, /* a whole EAP run with its own server succeeded */
	HOSTAPD_LET_IN,	 /* a station may send now: over the air, when it has its keys as well */
	HOSTAPD_FOREIGN, /* one with a RADIUS server: whose identity that is hostapd cannot tell */
	HOSTAPD_GONE,	 /* a station failed, logged off, or was put out */
	HOSTAPD_ENDS,	 /* hostapd ends, or its interface */
};
struct hostapd_event {
	enum hostapd_event_kind kind;
	uint8_t mac[HOSTAPD_MAC_LEN]; /* SUCCESS, LET_IN, FOREIGN, GONE */
};
/* ERR_LENGTH, ERR_ENCODING: it is no event of hostapd, or one of ours that is cut or has more. */
enum err hostapd_event_read(struct slice text, struct hostapd_event *out) MUST_CHECK;

/* By their numbers at IANA, as hostapd tells them. */
enum hostapd_method { HOSTAPD_SIM = 18, HOSTAPD_AKA = 23, HOSTAPD_AKA_PRIME = 50 };

struct hostapd_station {
	uint8_t mac[HOSTAPD_MAC_LEN];
	bool authorized;	     /* hostapd lets it in */
	bool settled;		     /* no EAP run goes on: the identity is that of the last one */
	char name[HOSTAPD_NAME_CAP]; /* "0001010000000001"; "": the identity is none of ours */
	char imsi[HOSTAPD_IMSI_CAP]; /* in it */
	enum hostapd_method method;
};
/*
 * The answer to STA, STA-FIRST and STA-NEXT. ERR_NOT_FOUND: there is no such station (any more);
 * ERR_DUPLICATE, ERR_TAG, ERR_ENCODING, ERR_LENGTH: of those mac alone is set, where it is one.
 */
enum err hostapd_station_read(struct slice text, struct hostapd_station *out) MUST_CHECK;

#endif
