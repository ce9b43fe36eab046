/*
 * trouble: what is wrong, in words, where the error's own sentence says too little.
 *
 * Who finds it sets it (the store of a card, a folder that is not safe ...), the command shows it
 * in front of nothing else: "WHERE: TEXT". Of the thread, until the next trouble_forget().
 */
#ifndef TWINKEY_TOOL_TROUBLE_H
#define TWINKEY_TOOL_TROUBLE_H

/* The text begins with the thing, in the words of the folder's owner; it holds no secret. */
void trouble_set(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void trouble_forget(void);
/* "" when nothing was set. */
const char *trouble_text(void);

#endif
