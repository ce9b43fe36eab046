/*
 * lookout: somebody who asks the service for its readers, and whom a wish to stop interrupts.
 */
#ifndef TWINKEY_TOOL_PCSC_LOOKOUT_H
#define TWINKEY_TOOL_PCSC_LOOKOUT_H

#include "tool/pcsc/reader.h"

struct cancel;
struct lookout;

/* Borrows cancel. No service is asked yet. */
enum err lookout_open(struct cancel *cancel, struct lookout **out) MUST_CHECK;
void lookout_close(struct lookout **l);
/*
 * The readers, anew; the list lives until the next call. Opens the service where need be; after
 * ERR_SERVICE_LOST, and those of service_open(), it does so again.
 */
enum err lookout_read(struct lookout *l, const struct reader_list **out) MUST_CHECK;
/* Until something of the last list changed, or for ms. May return early. */
enum err lookout_wait(struct lookout *l, unsigned ms) MUST_CHECK;

#endif
