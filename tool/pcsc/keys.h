/*
 * keys: what a reader with keys says itself, in place of a card's status word, when a PIN is typed
 * there (PC/SC part 10, 2.5.2): nothing has come to the card.
 */
#ifndef TWINKEY_TOOL_PCSC_KEYS_H
#define TWINKEY_TOOL_PCSC_KEYS_H

#define KEYS_TIMEOUT   0x6400
#define KEYS_CANCELLED 0x6401
#define KEYS_DIFFER    0x6402 /* the new PIN was typed otherwise the second time */
#define KEYS_LENGTH    0x6403
#define KEYS_INVALID   0x6480

#endif
