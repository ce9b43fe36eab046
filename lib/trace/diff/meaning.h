/*
 * meaning: what an exchange is about, so that two of different traces can be told to be the same
 * one: the command, the file or application, and those of its parameters that say what is wanted;
 * not the channel's number, the way a file was selected, or the answer.
 */
#ifndef TWINKEY_TRACE_DIFF_MEANING_H
#define TWINKEY_TRACE_DIFF_MEANING_H

#include "lib/trace/decode/item.h"

/* Appends octets that are equal for exchanges of one meaning, and for no others. */
void meaning_put(const struct decode_item *item, struct wbuf *out);

/* A parameter of the header that is not part of the meaning. */
enum meaning_of {
	MEANING_ELSEWHERE, /* it is part of the meaning, or of the path */
	MEANING_WAY,	   /* it says how, and not what: another one does the same */
	MEANING_SAYS,	   /* another one is another command */
};
/* command may be NULL */
enum meaning_of meaning_of_p1(const struct command *command);
enum meaning_of meaning_of_p2(const struct command *command);

#endif
