/*
 * nfc: the card as a contactless one, through a PN53x in target mode (ISO 14443-4 type A).
 *
 * Of the program, not of libtwinkey-card.a: it needs libnfc (tool/nfc).
 */
#ifndef TWINKEY_CARD_NFC_H
#define TWINKEY_CARD_NFC_H

#include <stdbool.h>

#include "card-emu/card.h"

enum nfc_event {
	NFC_READY,    /* the reader works; no field is there */
	NFC_IN_FIELD, /* another reader has selected the card, which is as after power on */
	NFC_RELEASED, /* it was deselected, or the field is gone: the card has no power */
	NFC_AWAITED   /* the reader cannot be used now, and is tried again; why says it */
};

struct nfc_options {
	const char *connstring; /* as libnfc has them */
	struct cancel *cancel;	/* ends the service; from cancel_open(), or NULL */
	void (*event)(void *ctx, enum nfc_event event, enum err why); /* may be NULL */
	void *ctx;
};

struct nfc_link;

/* To be called before a card is opened: what runs libnfc has none of its secrets. */
enum err nfc_link_open(const struct nfc_options *o, struct nfc_link **out) MUST_CHECK;
void nfc_link_close(struct nfc_link **l);
/*
 * Serves the card, which was opened as CARD_TCL, until there is a wish to stop: ERR_CANCELLED. A
 * reader that is absent, taken, mute or pulled is tried again, from five times a second to every
 * two seconds, and NFC_AWAITED is told once for each cause. Any other error is one that trying
 * again does not cure: ERR_PERMISSION, ERR_USAGE, ERR_UNSUPPORTED (this reader cannot be a card).
 */
enum err nfc_link_serve(struct nfc_link *l, struct card *card) MUST_CHECK;

#endif
