/*
 * change: what is other in one list of readers than in another, as one thing after the other.
 */
#ifndef TWINKEY_HOST_TRANSPORT_PCSC_CHANGE_H
#define TWINKEY_HOST_TRANSPORT_PCSC_CHANGE_H

#include "tool/pcsc/reader.h"

/* A reader that changed its place in the list has not changed; cards swapped unseen go and come. */
void change_each(const struct reader_list *before, const struct reader_list *after,
		 const struct reader_watcher *watcher);

#endif
