#include "lib/trace/diff/meaning.h"

#include <string.h>

#include "lib/trace/decode/rsp/es10.h"

#define SFI_IN_P1 0x80 /* of READ BINARY and its kin: the path has the file */
#define MODE_MASK 0x07 /* of P2 of READ RECORD and its kin, table 11.10 */

enum part {
	PLACE = 1, /* the file or application */
	P1 = 2,
	P2 = 4,
	OFFSET = 8,   /* P1 and P2 without a short identifier */
	RECORD = 16,  /* the same of records */
	MESSAGE = 32, /* the function that it carries; or the place, and what it is else */
	WORDS_ = 64,  /* its words, up to a colon */
	WAY_P1 = 128, /* how, not what */
	WAY_P2 = 256,
};

static const struct row {
	enum command_id id;
	unsigned parts;
} rows[] = {
	/* the path says what was selected, by whatever */
	{COMMAND_SELECT, PLACE | WAY_P1},
	{COMMAND_GSM_SELECT, PLACE | WAY_P1 | WAY_P2},
	{COMMAND_READ_BINARY, PLACE | OFFSET},
	{COMMAND_UPDATE_BINARY, PLACE | OFFSET},
	{COMMAND_READ_RECORD, PLACE | RECORD},
	{COMMAND_UPDATE_RECORD, PLACE | RECORD},
	{COMMAND_SEARCH_RECORD, PLACE},
	{COMMAND_INCREASE, PLACE | WAY_P1},
	/* the number of the channel is the card's to choose */
	{COMMAND_MANAGE_CHANNEL, P1 | WAY_P2},
	{COMMAND_GET_CHALLENGE, 0},
	/* P1 has a bit for the last block, P2 counts them */
	{COMMAND_STORE_DATA, MESSAGE | WAY_P1 | WAY_P2},
	{COMMAND_TERMINAL_PROFILE, 0},
	{COMMAND_GSM_TERMINAL_PROFILE, 0},
	{COMMAND_TERMINAL_CAPABILITY, 0},
	{COMMAND_FETCH, WORDS_},
	{COMMAND_GSM_FETCH, WORDS_},
	{COMMAND_TERMINAL_RESPONSE, WORDS_},
	{COMMAND_GSM_TERMINAL_RESPONSE, WORDS_},
	{COMMAND_ENVELOPE, WORDS_},
	{COMMAND_GSM_ENVELOPE, WORDS_},
	{COMMAND_INITIALIZE_UPDATE, PLACE | P1},
	{COMMAND_GP_EXTERNAL_AUTHENTICATE, PLACE},
	{COMMAND_DELETE, PLACE | P2 | WORDS_},
	{COMMAND_DELETE_FILE, PLACE | WORDS_},
	{COMMAND_RETRIEVE_DATA, PLACE | P2 | WORDS_},
};

static unsigned parts_of(const struct command *command)
{
	for (size_t i = 0; command && i < ARRAY_LEN(rows); i++) {
		if (command == &command_table[rows[i].id])
			return rows[i].parts;
	}
	return PLACE | P1 | P2;
}

static enum meaning_of of_parameter(const struct command *command, unsigned has, unsigned way)
{
	unsigned parts = parts_of(command);

	if (parts & way)
		return MEANING_WAY;
	return parts & (has | OFFSET | RECORD) ? MEANING_ELSEWHERE : MEANING_SAYS;
}

enum meaning_of meaning_of_p1(const struct command *command)
{
	return of_parameter(command, P1, WAY_P1);
}

enum meaning_of meaning_of_p2(const struct command *command)
{
	return of_parameter(command, P2, WAY_P2);
}

static void put_string(struct wbuf *out, const char *text)
{
	wbuf_put(out, slice_make(text, strlen(text) + 1));
}

/* A function of an ISD-R is one, whether the trace shows its selection or not. */
static void put_message(const struct decode_item *item, struct wbuf *out)
{
	uint32_t tag = es10_tag(item->data);

	if (apdu_is_secured(item->exchange->apdu.cla))
		tag = 0;
	if (tag <= UINT8_MAX && strcmp(item->view.path, "ISD-R") != 0)
		put_string(out, item->view.path);
	wbuf_u32(out, tag);
}

static void put_words_of(const struct decode_item *item, struct wbuf *out)
{
	wbuf_put(out, slice_make(item->what, strcspn(item->what, ":")));
	wbuf_u8(out, 0);
}

static void put_parameters(unsigned parts, const struct apdu *a, struct wbuf *out)
{
	if (parts & P1)
		wbuf_u8(out, a->p1);
	if (parts & P2)
		wbuf_u8(out, a->p2);
	if (parts & OFFSET) {
		wbuf_u8(out, a->p1 & SFI_IN_P1 && a->cla != CLA_GSM ? 0 : a->p1);
		wbuf_u8(out, a->p2);
	}
	if (parts & RECORD) {
		wbuf_u8(out, a->p1);
		wbuf_u8(out, a->p2 & MODE_MASK);
	}
}

static void put_exchange(const struct decode_item *item, struct wbuf *out)
{
	const struct apdu *a = &item->exchange->apdu;
	unsigned parts = parts_of(item->command);

	if (item->command)
		wbuf_u8(out, (uint8_t)(item->command - command_table));
	else
		put_string(out, item->name);
	wbuf_u8(out, item->exchange->malformed != ERR_OK);
	wbuf_u8(out, apdu_is_secured(a->cla));
	put_parameters(parts, a, out);
	if (item->exchange->sw == SW_CHANNEL_NOT_SUPPORTED)
		return; /* nothing is selected on a channel that is not there */
	if (parts & PLACE)
		put_string(out, item->view.path);
	if (parts & MESSAGE)
		put_message(item, out);
	if (parts & WORDS_)
		put_words_of(item, out);
}

void meaning_put(const struct decode_item *item, struct wbuf *out)
{
	wbuf_u8(out, item->event ? 'E' : 'X');
	if (item->event)
		wbuf_u8(out, (uint8_t)item->event->kind);
	else
		put_exchange(item, out);
}
