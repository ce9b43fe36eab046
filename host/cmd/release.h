/*
 * release: what release and run share.
 */
#ifndef TWINKEY_HOST_CMD_RELEASE_H
#define TWINKEY_HOST_CMD_RELEASE_H

#include "host/terminal/relay.h"

/* Says why relay_reseal() or relay_release() failed; the exit code. */
int cmd_release_fail(const struct uicc *u, const struct operator_link *op, const struct relay *r,
		     enum err e);

#endif
