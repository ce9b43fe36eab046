/*
 * release: what release and run share.
 */
#ifndef TWINKEY_HOST_CMD_RELEASE_H
#define TWINKEY_HOST_CMD_RELEASE_H

#include "lib/base/err.h"

struct operator_link;
struct relay;
struct uicc;

/*
 * relay_release(). Where the operator has not been told which eUICC has the profile, the card's
 * notifications are delivered, since an LPA may have left them there, and it is asked once more.
 */
enum err cmd_release_relay(struct uicc *u, struct operator_link *op, struct relay *r) MUST_CHECK;
/* Says why relay_reseal() or cmd_release_relay() failed; the exit code. */
int cmd_release_fail(const struct uicc *u, const struct operator_link *op, const struct relay *r,
		     enum err e);

#endif
