/*
 * choice: which PC/SC reader a person means.
 *
 *   ""                    the first that holds a card
 *   INDEX                 the reader at this place of the list: digits alone
 *   atr=HEX               the card whose ATR is this or begins so
 *   iccid=DIGITS          the card with this ICCID; its check digit may be left out
 *   eid=DIGITS            the eUICC with this EID
 *   name=TEXT, or TEXT    the reader with this name; else one whose name begins so; else one
 *                         whose name has it in it. Upper and lower case are one. Of several the
 *                         first that holds a card.
 */
#ifndef TWINKEY_HOST_TRANSPORT_PCSC_CHOICE_H
#define TWINKEY_HOST_TRANSPORT_PCSC_CHOICE_H

#include "tool/pcsc/reader.h"
#include "host/transport/wish.h"

enum choice_kind { CHOICE_FIRST, CHOICE_INDEX, CHOICE_NAME, CHOICE_ATR, CHOICE_ICCID, CHOICE_EID };

struct choice {
	enum choice_kind kind;
	unsigned index;
	const char *text; /* of the name, or digits; borrowed */
	uint8_t atr[READER_ATR_MAX];
	size_t atr_len;
};

/* ERR_USAGE: no ATR, or no ICCID or EID. */
enum err choice_parse(const char *text, struct choice *out) MUST_CHECK;
/* The card must be asked for its number. */
bool choice_asks_card(const struct choice *c);
/* The number that a card gave is the one. */
bool choice_is_number(const struct choice *c, const char *number);
/*
 * By what the list shows. *picked: its place there; *rivals: how many others would do as well (they
 * hold a card). ERR_NO_READER: none fits; ERR_NO_CARD: what fits has no card; ERR_MUTE: or one that
 * is mute, the first such at *picked. Not for choice_asks_card().
 */
enum err choice_pick(const struct choice *c, const struct reader_list *l, size_t *picked,
		     size_t *rivals) MUST_CHECK;

#endif
