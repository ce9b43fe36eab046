/*
 * nfc: cards without contacts (ISO/IEC 14443-4, type A and B), by a reader that libnfc drives.
 *
 * libnfc runs in a process of its own (tool/nfc/fence.h): where it ends that process, hangs, or
 * writes past its memory, an error is all that is left of it. A command takes one frame of the
 * chip: short APDUs alone. For host/transport/open.c alone.
 */
#ifndef TWINKEY_HOST_TRANSPORT_NFC_NFC_H
#define TWINKEY_HOST_TRANSPORT_NFC_NFC_H

#include "host/transport/transport.h"

/*
 * rest: a connection string of libnfc's (pn532_uart:/dev/ttyUSB0:115200, pn53x_usb, acr122_usb);
 * "": that of LIBNFC_DEFAULT_DEVICE, else the first reader that libnfc finds. The errors of
 * port_open() (tool/nfc/port.h), and ERR_NO_CARD, ERR_NFC_CARDS, ERR_NFC_KIND, ERR_NFC_RADIO,
 * ERR_NFC_CRASH.
 */
enum err transport_nfc_open(const char *rest, unsigned timeout_ms, struct cancel *cancel,
			    struct transport **out) MUST_CHECK;

#endif
