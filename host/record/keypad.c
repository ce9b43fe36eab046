#include "host/record/keypad.h"

#include <stddef.h>
#include <string.h>

#include <reader.h>
#include "tool/pcsc/keys.h"

#define HEADER_LEN 4 /* CLA, INS, P1, P2 */
#define PIN_LEN	   8 /* TS 102 221 11.1.9 */
#define PIN_OCTET  0xFF
#define CODE_LEN   4
#define SW_LEN	   2

/* What a reader does by a control, by the control's feature. */
enum deed { BEGINS, ENDS, BEGINS_AND_ENDS };

static const struct row {
	uint8_t feature;
	enum deed deed;
	size_t head; /* octets in front of the template */
} rows[] = {
	{FEATURE_VERIFY_PIN_DIRECT, BEGINS_AND_ENDS, offsetof(PIN_VERIFY_STRUCTURE, abData)},
	{FEATURE_MODIFY_PIN_DIRECT, BEGINS_AND_ENDS, offsetof(PIN_MODIFY_STRUCTURE, abData)},
	{FEATURE_VERIFY_PIN_START, BEGINS, offsetof(PIN_VERIFY_STRUCTURE, abData)},
	{FEATURE_MODIFY_PIN_START, BEGINS, offsetof(PIN_MODIFY_STRUCTURE, abData)},
	{FEATURE_VERIFY_PIN_FINISH, ENDS, 0},
	{FEATURE_MODIFY_PIN_FINISH, ENDS, 0},
};

static const struct row *row_of_feature(uint8_t feature)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].feature == feature)
			return &rows[i];
	}
	return NULL;
}

static struct keypad_code *find_code(struct keypad *k, uint32_t code)
{
	for (size_t i = 0; i < k->count; i++) {
		if (k->codes[i].code == code)
			return &k->codes[i];
	}
	return NULL;
}

/* The last reader that names a code decides what it is. */
static void learn_code(struct keypad *k, uint8_t feature, uint32_t code)
{
	struct keypad_code *c = find_code(k, code);

	if (!c && k->count < KEYPAD_CODES_MAX)
		c = &k->codes[k->count++];
	if (c)
		*c = (struct keypad_code){code, feature};
}

/* 2.2: a feature, a length, a code with its high octet first */
static void learn_features(struct keypad *k, struct slice list)
{
	struct cursor c = cursor_of(list);

	while (cursor_left(&c)) {
		uint8_t feature = cursor_u8(&c), len = cursor_u8(&c);
		struct cursor v = cursor_of(cursor_take(&c, len));
		uint32_t code = cursor_u32(&v);

		if (c.err)
			return;
		if (len == CODE_LEN && row_of_feature(feature))
			learn_code(k, feature, code);
	}
}

static void keep_template(struct keypad *k, struct slice template)
{
	struct wbuf w = wbuf_init(k->command, sizeof(k->command));

	wbuf_put(&w, template);
	if (template.len <= HEADER_LEN + 1) {
		wbuf_cut(&w, template.len < HEADER_LEN ? template.len : HEADER_LEN);
		wbuf_u8(&w, PIN_LEN);
		wbuf_fill(&w, PIN_OCTET, PIN_LEN);
	}
	k->command_len = wbuf_done(&w) || template.len < HEADER_LEN ? 0 : w.len;
}

/* 2.5.2: what the reader says itself, in place of a status word: nothing has come to the card */
static bool is_of_reader(struct slice received)
{
	static const uint16_t words[] = {KEYS_TIMEOUT, KEYS_CANCELLED, KEYS_DIFFER, KEYS_LENGTH,
					 KEYS_INVALID};
	struct cursor c = cursor_of(received);
	uint16_t sw = cursor_u16(&c);

	for (size_t i = 0; i < ARRAY_LEN(words) && received.len == SW_LEN; i++) {
		if (sw == words[i])
			return true;
	}
	return false;
}

bool keypad_take(struct keypad *k, const struct keypad_control *c, struct slice *command)
{
	const struct keypad_code *known = find_code(k, c->code);
	const struct row *row = known ? row_of_feature(known->feature) : NULL;

	if (c->code == CM_IOCTL_GET_FEATURE_REQUEST)
		learn_features(k, c->received);
	if (!row)
		return false;
	if (row->deed != ENDS)
		keep_template(k, slice_sub(c->sent, row->head, c->sent.len));
	if (row->deed == BEGINS || !k->command_len)
		return false;
	*command = slice_make(k->command, k->command_len);
	k->command_len = 0;
	return c->received.len >= SW_LEN && !is_of_reader(c->received);
}
