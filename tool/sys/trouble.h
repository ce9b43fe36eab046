/*
 * trouble: what is wrong, in words, where the error's own sentence says too little.
 *
 * Who finds it sets it (the store of a card, a folder that is not safe ...); tool_fail() says it in
 * the place of the sentence of that error. Of the thread, until the next trouble_forget().
 */
#ifndef TWINKEY_TOOL_TROUBLE_H
#define TWINKEY_TOOL_TROUBLE_H

#include "lib/base/err.h"

/* Gives e. The text begins with the thing, in the words of its owner; it holds no secret. */
enum err trouble_set(enum err e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void trouble_forget(void);
/* What was set for this error, "" when nothing was. */
const char *trouble_of(enum err e);
/* What was set, for whatever error. */
const char *trouble_text(void);

#endif
