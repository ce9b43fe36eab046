#include "tool/pcsc/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEM_MAX (READER_NAME_MAX + 2 * READER_ATR_MAX + 64)

const char *reader_state_text(enum reader_state s)
{
	static const char *const texts[] = {
		[READER_EMPTY] = "empty",
		[READER_CARD] = "card",
		[READER_MUTE] = "mute",
		[READER_BROKEN] = "broken",
	};

	return texts[s];
}

const char *reader_use_text(enum reader_use u)
{
	static const char *const texts[] = {
		[READER_FREE] = "free",
		[READER_SHARED] = "shared",
		[READER_EXCLUSIVE] = "exclusive",
	};

	return texts[u];
}

const char *reader_change_text(enum reader_change c)
{
#define READER_CHANGE_TEXT(value, name) [value] = (name),
	static const char *const texts[] = {READER_CHANGES(READER_CHANGE_TEXT)};

	return texts[c];
}

struct slice reader_atr(const struct reader *r)
{
	return slice_make(r->atr, r->atr_len);
}

static int item_text(const struct reader *r, char text[static ITEM_MAX])
{
	char hex[2 * READER_ATR_MAX + 1] = "";

	if (hex_encode(reader_atr(r), hex, sizeof(hex)))
		hex[0] = 0;
	return snprintf(text, ITEM_MAX, "%u: %s (%s%s%s%s)", r->index, r->name,
			reader_state_text(r->state), *hex ? ", ATR " : "", hex,
			r->use == READER_EXCLUSIVE ? ", in use" : "");
}

void reader_list_text(const struct reader_list *l, char *text, size_t cap)
{
	char item[ITEM_MAX];
	size_t at = 0;

	text[0] = 0;
	for (size_t i = 0; i < l->count; i++) {
		size_t n = (size_t)item_text(&l->items[i], item);

		if (at + n + sizeof(", ...") > cap) {
			snprintf(text + at, cap - at, "...");
			return;
		}
		at += (size_t)snprintf(text + at, cap - at, "%s%s", i ? ", " : "", item);
	}
}

void reader_list_free(struct reader_list *l)
{
	free(l->items);
	*l = (struct reader_list){0};
}
