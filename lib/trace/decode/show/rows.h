/*
 * rows: what exchanges mean, a file for each family of commands. For lib/trace/decode/show alone.
 *
 * A row has two functions: the parameters in a few words, for the line of an exchange; and all of
 * it, as a tree. Either may be NULL.
 */
#ifndef TWINKEY_TRACE_DECODE_SHOW_ROWS_H
#define TWINKEY_TRACE_DECODE_SHOW_ROWS_H

#include "lib/trace/decode/item.h"
#include "lib/trace/decode/show/say.h"

struct show {
	void (*what)(const struct decode_item *item, struct wbuf *words);
	void (*tell)(const struct decode_item *item, const struct tree *t);
};

/* By enum command_id. */
extern const struct show show_select, show_status, show_binary, show_record, show_search,
	show_increase;
extern const struct show show_pin, show_authenticate, show_run_algorithm, show_channel;
extern const struct show show_store_data;
extern const struct show show_make_file, show_delete_file, show_object, show_terminal_capability,
	show_identity, show_get_data;
extern const struct show show_terminal_profile, show_fetch, show_terminal_response, show_envelope;
extern const struct show show_install, show_load, show_delete, show_registry, show_set_status,
	show_put_key, show_initialize_update, show_external_authenticate;

#endif
