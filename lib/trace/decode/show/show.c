#include "lib/trace/decode/show/show.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/decode/show/opened.h"
#include "lib/trace/decode/show/rows.h"

static const struct show *const table[COMMAND_COUNT] = {
	[COMMAND_SELECT] = &show_select,
	[COMMAND_STATUS] = &show_status,
	[COMMAND_READ_BINARY] = &show_binary,
	[COMMAND_UPDATE_BINARY] = &show_binary,
	[COMMAND_READ_RECORD] = &show_record,
	[COMMAND_UPDATE_RECORD] = &show_record,
	[COMMAND_SEARCH_RECORD] = &show_search,
	[COMMAND_INCREASE] = &show_increase,
	[COMMAND_VERIFY_PIN] = &show_pin,
	[COMMAND_CHANGE_PIN] = &show_pin,
	[COMMAND_DISABLE_PIN] = &show_pin,
	[COMMAND_ENABLE_PIN] = &show_pin,
	[COMMAND_UNBLOCK_PIN] = &show_pin,
	[COMMAND_AUTHENTICATE] = &show_authenticate,
	[COMMAND_MANAGE_CHANNEL] = &show_channel,
	[COMMAND_GSM_SELECT] = &show_select,
	[COMMAND_GSM_STATUS] = &show_status,
	[COMMAND_GSM_READ_BINARY] = &show_binary,
	[COMMAND_GSM_UPDATE_BINARY] = &show_binary,
	[COMMAND_GSM_READ_RECORD] = &show_record,
	[COMMAND_GSM_UPDATE_RECORD] = &show_record,
	[COMMAND_GSM_SEEK] = &show_search,
	[COMMAND_GSM_INCREASE] = &show_increase,
	[COMMAND_GSM_VERIFY_CHV] = &show_pin,
	[COMMAND_GSM_CHANGE_CHV] = &show_pin,
	[COMMAND_GSM_DISABLE_CHV] = &show_pin,
	[COMMAND_GSM_ENABLE_CHV] = &show_pin,
	[COMMAND_GSM_UNBLOCK_CHV] = &show_pin,
	[COMMAND_GSM_RUN_ALGORITHM] = &show_run_algorithm,
	[COMMAND_TERMINAL_PROFILE] = &show_terminal_profile,
	[COMMAND_FETCH] = &show_fetch,
	[COMMAND_TERMINAL_RESPONSE] = &show_terminal_response,
	[COMMAND_ENVELOPE] = &show_envelope,
	[COMMAND_GSM_TERMINAL_PROFILE] = &show_terminal_profile,
	[COMMAND_GSM_FETCH] = &show_fetch,
	[COMMAND_GSM_TERMINAL_RESPONSE] = &show_terminal_response,
	[COMMAND_GSM_ENVELOPE] = &show_envelope,
	[COMMAND_CREATE_FILE] = &show_make_file,
	[COMMAND_RESIZE_FILE] = &show_make_file,
	[COMMAND_DELETE_FILE] = &show_delete_file,
	[COMMAND_RETRIEVE_DATA] = &show_object,
	[COMMAND_SET_DATA] = &show_object,
	[COMMAND_TERMINAL_CAPABILITY] = &show_terminal_capability,
	[COMMAND_GET_IDENTITY] = &show_identity,
	[COMMAND_STORE_DATA] = &show_store_data,
	[COMMAND_GET_DATA] = &show_get_data,
	[COMMAND_ISO_GET_DATA] = &show_get_data,
	[COMMAND_INSTALL] = &show_install,
	[COMMAND_LOAD] = &show_load,
	[COMMAND_DELETE] = &show_delete,
	[COMMAND_GET_STATUS] = &show_registry,
	[COMMAND_SET_STATUS] = &show_set_status,
	[COMMAND_PUT_KEY] = &show_put_key,
	[COMMAND_INITIALIZE_UPDATE] = &show_initialize_update,
	[COMMAND_GP_EXTERNAL_AUTHENTICATE] = &show_external_authenticate,
};

static const struct show *row_of(const struct decode_item *item)
{
	if (!item->command || item->exchange->malformed)
		return NULL;
	return table[item->command - command_table];
}

const char *show_event_name(const struct trace_event *e)
{
	static const char *const names[] = {[TRACE_EXCHANGE] = "exchange",
					    [TRACE_RESET] = "reset",
					    [TRACE_PPS] = "PPS",
					    [TRACE_REMOVED] = "removed",
					    [TRACE_FAULT] = "fault"};

	return names[e->kind];
}

void show_name(const struct decode_item *item, char out[static DECODE_NAME_MAX])
{
	if (item->exchange->odd & EXCHANGE_NO_COMMAND)
		snprintf(out, DECODE_NAME_MAX, "masked");
	else if (item->command)
		snprintf(out, DECODE_NAME_MAX, "%s", item->command->name);
	else
		snprintf(out, DECODE_NAME_MAX, "unknown %02X %02X", item->exchange->apdu.cla,
			 item->exchange->apdu.ins);
}

void show_what(const struct decode_item *item, char out[static DECODE_WHAT_MAX])
{
	struct wbuf words = wbuf_init((uint8_t *)out, DECODE_WHAT_MAX - 1);
	const struct show *row = row_of(item);

	if (item->exchange->odd & EXCHANGE_NO_COMMAND)
		show_say(&words, "the trace does not have the command");
	else if (item->exchange->malformed)
		show_say(&words, "not whole, or no command");
	else if (row && row->what)
		row->what(item, &words);
	if (item->exchange->blocks)
		show_say(&words, "%s%u blocks", words.len ? ", " : "", item->exchange->blocks);
	out[words.len] = 0;
}

/* Octets that have no better name. */
static void tell_octets(const struct tree *t, const char *key, const char *name,
			struct slice octets)
{
	if (!octets.len)
		return;
	t->open(t->ctx, &(struct tree_node){.key = key, .name = name, .raw = octets});
	t->close(t->ctx);
}

static void tell_header(const struct decode_item *item, const struct tree *t)
{
	const struct apdu *a = &item->exchange->apdu;
	const uint8_t octets[] = {a->cla, a->ins, a->p1, a->p2};
	char numbers[] = "CLA 00, INS 00, P1 00, P2 00", hex[3];
	struct tree_node node = {.key = "header",
				 .name = item->command ? item->command->clause : "Header",
				 .raw = SLICE_OF(octets),
				 .value = numbers};

	for (size_t i = 0; !t->wordless && i < sizeof(octets); i++) {
		static const uint8_t at[] = {4, 12, 19, 26};

		hex_encode(slice_make(&octets[i], 1), hex, sizeof(hex));
		memcpy(numbers + at[i], hex, 2);
	}
	t->open(t->ctx, &node);
	t->close(t->ctx);
}

static void tell_rest(const struct decode_item *item, const struct tree *t)
{
	const struct show *row = row_of(item);

	if (row && row->tell) {
		row->tell(item, t);
		return;
	}
	tell_octets(t, "data", "Data", item->data);
	tell_octets(t, "answer", "Answer", item->answer);
}

/* The item as if nothing had been wrapped. */
static void tell_unwrapped(const struct decode_item *item, const struct tree *t)
{
	const struct opened *o = item->opened;
	struct exchange x = *item->exchange;
	struct decode_item plain = *item;

	if ((!o->has_data && !o->has_answer) || command_hides(x.apdu.ins) != COMMAND_OPEN)
		return;
	plain.exchange = &x;
	plain.opened = NULL;
	x.apdu.cla = apdu_basic_class(x.apdu.cla);
	if (o->has_data)
		plain.data = x.apdu.data = o->data;
	if (o->has_answer)
		plain.answer = x.answer = o->answer;
	tree_open(t, "unwrapped", "What it wraps", SLICE_EMPTY);
	tell_rest(&plain, t);
	tree_close(t);
}

bool show_may_have_packets(const struct decode_item *item)
{
	uint8_t ins = item->exchange->apdu.ins;

	return ins == INS_ENVELOPE || ins == INS_FETCH || ins == INS_UPDATE_RECORD;
}

void show_tell(const struct decode_item *item, const struct tree *t)
{
	struct opened_tree with;
	struct tree all;

	if (!(item->exchange->odd & EXCHANGE_NO_COMMAND))
		tell_header(item, t);
	if (!item->opened) {
		tell_rest(item, t);
		return;
	}
	all = opened_tree(&with, item->opened, t);
	tell_rest(item, &all);
	opened_tell(item->opened, t);
	tell_unwrapped(item, t);
}
