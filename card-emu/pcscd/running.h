/*
 * running: the PC/SC service that runs already, and which of its readers has which card.
 */
#ifndef TWINKEY_CARD_PCSCD_RUNNING_H
#define TWINKEY_CARD_PCSCD_RUNNING_H

#include "lib/base/bytes.h"

struct cancel;
struct running;

/* For so many cards. Borrows cancel. No service is asked yet. */
enum err running_open(size_t cards, struct cancel *cancel, struct running **out) MUST_CHECK;
void running_close(struct running **r);
/* Before a card comes: what is in the readers now. What tool/pcsc/lookout.h has. */
enum err running_look(struct running *r) MUST_CHECK;
/*
 * After the service has taken it: the one reader that has had no such card before. ERR_NO_READER:
 * there is none, so that its vpcd is another service's; ERR_AMBIGUOUS: another card came just then.
 * trouble_text() (tool/sys/trouble.h) says so.
 */
enum err running_find(struct running *r, size_t card, struct slice atr) MUST_CHECK;
const char *running_reader(const struct running *r, size_t card);
/* Somebody listens at this port of all addresses of this machine, as far as /proc tells. */
bool running_is_open(unsigned port);

#endif
