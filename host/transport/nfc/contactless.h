/*
 * contactless: the ATR that stands for a card without contacts (PC/SC part 3, 3.1.3.2.3.1):
 * 3B 8n 80 01, n octets of what the card says of itself, and the check octet.
 */
#ifndef TWINKEY_HOST_TRANSPORT_NFC_CONTACTLESS_H
#define TWINKEY_HOST_TRANSPORT_NFC_CONTACTLESS_H

#include "lib/base/bytes.h"

#define CONTACTLESS_ATR_MAX 20

/*
 * Type A: its historical octets, of which 15 fit. ats: without its length TL; empty where the card
 * has none. ERR_ATR: it is none that ISO/IEC 14443-4 5.2 knows.
 */
enum err contactless_atr_a(struct slice ats, struct wbuf *atr) MUST_CHECK;
/* Type B: application data (4), protocol info (3), and 0: the length of its buffer is not said. */
enum err contactless_atr_b(struct slice application, struct slice protocol,
			   struct wbuf *atr) MUST_CHECK;

#endif
