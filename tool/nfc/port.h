/*
 * port: an NFC reader that libnfc drives, opened and locked. For processes inside the fence alone
 * (tool/nfc/fence.h).
 *
 * libnfc's own lock does not hold on Linux: two processes open one serial port, and each reads the
 * other's answers. So the node is locked by flock(2) as long as the port is open.
 */
#ifndef TWINKEY_TOOL_NFC_PORT_H
#define TWINKEY_TOOL_NFC_PORT_H

#include <nfc/nfc.h>

#include "lib/base/bytes.h"

/* What fits into one frame of a PN53x, without its status octet; libnfc's buffers end there. */
#define PORT_FRAME_MAX 262

struct port {
	nfc_context *context;
	nfc_device *device;
	int lock; /* -1: the bus has its own (USB) */
};

/*
 * connstring: as libnfc has them (pn532_uart:/dev/ttyUSB0:115200, pn53x_usb, acr122_usb); "": the
 * first that it finds. ERR_USAGE: it is none; ERR_NFC_ABSENT: there is no such device;
 * ERR_PERMISSION; ERR_LOCKED: another process uses it; ERR_NFC_MUTE: it does not answer. The words
 * are in trouble_text().
 */
enum err port_open(const char *connstring, struct port *out) MUST_CHECK;
void port_close(struct port *p);

/*
 * The error of a call of libnfc: ERR_TIMEOUT, ERR_NFC_LOST (reading
 * or writing failed), ERR_PROTOCOL ...; ERR_OK for 0 and more.
 */
enum err port_err(int libnfc);

#endif
