/*
 * vpcd: a server to which a card program connects as it does to vsmartcard's vpcd.
 *
 * Each message is a length of two octets (big endian) and so many octets. A message of one octet
 * from the reader is a control; anything longer is a command APDU. For host/transport/open.c alone.
 */
#ifndef TWINKEY_HOST_TRANSPORT_VPCD_H
#define TWINKEY_HOST_TRANSPORT_VPCD_H

#include "host/transport/transport.h"

/* rest: [HOST:]PORT to listen on; "": 127.0.0.1:35963. Waits for one card program. */
enum err transport_vpcd_open(const char *rest, unsigned timeout_ms, struct cancel *cancel,
			     struct transport **out) MUST_CHECK;

#endif
