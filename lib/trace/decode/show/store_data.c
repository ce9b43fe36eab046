/* store_data: STORE DATA and GET DATA, by what they carry */
#include "lib/trace/decode/rsp/es10.h"
#include "lib/trace/decode/show/rows.h"

static void what_store_data(const struct decode_item *item, struct wbuf *words)
{
	uint32_t tag = es10_tag(item->data);
	const char *name = es10_function(tag);

	if (name)
		show_say(words, "%s", name);
	else if (tag)
		show_say(words, "tag %X", tag);
}

static void tell_store_data(const struct decode_item *item, const struct tree *t)
{
	es10_tell(item->data, true, t);
	es10_tell(item->answer, false, t);
}

const struct show show_store_data = {what_store_data, tell_store_data};

static void what_get_data(const struct decode_item *item, struct wbuf *words)
{
	const struct apdu *a = &item->exchange->apdu;

	show_say(words, "tag %02X%02X", a->p1, a->p2);
}

const struct show show_get_data = {what_get_data, NULL};
