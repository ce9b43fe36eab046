/*
 * confine: what a pcscd of one's own may not do.
 *
 * pcscd makes /run/pcscd and a file there, and removes them when it ends, whichever socket it was
 * given; and it takes the readers of the machine for itself. Both belong to the machine's own
 * service. So it is kept (seccomp) from making, changing or removing a name of the file system,
 * from listing folders, which is how it looks for devices and their drivers, and from binding a
 * socket.
 */
#ifndef TWINKEY_CARD_PCSCD_CONFINE_H
#define TWINKEY_CARD_PCSCD_CONFINE_H

#include "lib/base/err.h"

/*
 * For this process and all that it becomes, for good; it gets no new privileges. ERR_UNSUPPORTED:
 * the kernel does not do that.
 */
enum err confine_pcscd(void) MUST_CHECK;

#endif
