/*
 * say: how subcommands tell people and programs of a card: what failed, and lists of what it has.
 */
#ifndef TWINKEY_HOST_CMD_SAY_H
#define TWINKEY_HOST_CMD_SAY_H

#include <jansson.h>

#include "lib/base/bytes.h"

struct uicc;

/* tool_fail() with the card's status word and its text when e is ERR_CARD. u may be NULL. */
int cmd_fail(const struct uicc *u, enum err e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The USIM was not selected (e): says what the card is instead, and what to do. */
int cmd_no_usim(struct uicc *u, enum err e);

/* The card's answer cannot be understood. */
bool cmd_is_bad_answer(enum err e);
/* Why the card was not understood or refused, and what to do: the status word, or a sentence. */
const char *cmd_card_trouble(const struct uicc *u, enum err e);

#define CMD_ICCID_TEXT 21
/* An ICCID as it is printed; "" for none. */
void cmd_iccid_text(struct slice iccid, char text[static CMD_ICCID_TEXT]);

/* How a list of labels and values is printed. */
#define CMD_LABEL "%-20s"
/* A line for people and a member of the object; nothing when there is no text. */
void cmd_tell(json_t *o, const char *label, const char *key, const char *text);
/* The same of octets; nothing when they are absent (s.ptr NULL). */
void cmd_tell_hex(json_t *o, const char *label, const char *key, struct slice s);

/* Lower-case hex; NULL (and nothing to free) when memory is out. */
char *cmd_hex(struct slice s);

#endif
