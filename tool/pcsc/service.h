/*
 * service: the PC/SC service (pcscd): a context of it, and what its errors mean. Its calls block:
 * see tool/sys/aside.h.
 */
#ifndef TWINKEY_TOOL_PCSC_SERVICE_H
#define TWINKEY_TOOL_PCSC_SERVICE_H

#include <stdbool.h>

#include <winscard.h>

#include "lib/base/err.h"

struct service {
	SCARDCONTEXT context;
	bool is_open;
};

/*
 * ERR_NO_SERVICE; ERR_SERVICE_DEAD: its socket is there and nobody listens; ERR_PERMISSION: the
 * socket is not for this user; ERR_POLKIT: the service refuses this user.
 */
enum err service_open(struct service *s) MUST_CHECK;
void service_close(struct service *s);
/* Of a call that finds or opens something: ERR_NO_READER, ERR_READER_BUSY, ERR_MUTE ... */
enum err service_error(LONG code);
/* Of a call in the middle of work, when what is missing was there before: ERR_CARD_LOST ... */
enum err service_error_within(LONG code);

#endif
