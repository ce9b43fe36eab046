/*
 * emulate: a PN53x as a contactless card, inside the fence. For tool/nfc/target.c alone, which says
 * what the messages are.
 */
#ifndef TWINKEY_TOOL_NFC_EMULATE_H
#define TWINKEY_TOOL_NFC_EMULATE_H

#include "tool/nfc/event.h"

#define EMULATE_CONNSTRING_MAX 1024

struct fence_child;

struct emulate_setup {
	char connstring[EMULATE_CONNSTRING_MAX];
};

/*
 * The fence's work; ctx is the setup. From the parent come the historical octets, then answers. To
 * it go events: an octet of enum target_event, and the command behind TARGET_COMMAND.
 */
enum err emulate_work(void *ctx, struct fence_child *child);

#endif
