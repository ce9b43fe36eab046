/*
 * find: the reader that holds the card with a number. Each card is asked for it, together with
 * whoever uses it, and left as it is.
 */
#ifndef TWINKEY_HOST_TRANSPORT_PCSC_FIND_H
#define TWINKEY_HOST_TRANSPORT_PCSC_FIND_H

#include "host/transport/pcsc/choice.h"

/*
 * By wish->identify, in the cards of the list; *picked: the place there. ERR_NO_SUCH_CARD: none
 * that could be asked has the number; ERR_AMBIGUOUS: several have it. wish->said has what each of
 * them is, and which could not be asked. ERR_UNSUPPORTED: there is nobody who can ask.
 */
enum err find_number(struct transport_wish *wish, const struct choice *c,
		     const struct reader_list *l, size_t *picked) MUST_CHECK;

#endif
