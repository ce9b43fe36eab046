/*
 * show: an exchange by its command's name, its parameters in a few words, and all of it as a tree.
 */
#ifndef TWINKEY_TRACE_DECODE_SHOW_H
#define TWINKEY_TRACE_DECODE_SHOW_H

#include "lib/trace/decode/item.h"

const char *show_event_name(const struct trace_event *e);
/* Of an exchange. */
void show_name(const struct decode_item *item, char out[static DECODE_NAME_MAX]);
void show_what(const struct decode_item *item, char out[static DECODE_WHAT_MAX]);
/* There may be secured packets in it. */
bool show_may_have_packets(const struct decode_item *item);
void show_tell(const struct decode_item *item, const struct tree *t);

#endif
