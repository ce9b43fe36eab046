/* store_data: STORE DATA, by what it carries: ES10 and ES8+ of SGP.22, our key release, or
 * GlobalPlatform's data groups, access rules of an ARA-M */
#include <string.h>

#include "lib/trace/decode/fcp/ara.h"
#include "lib/trace/decode/field/field.h"
#include "lib/trace/decode/place.h"
#include "lib/trace/decode/rsp/es10.h"
#include "lib/trace/decode/show/rows.h"

#define GROUP_LONG 0xFF /* three octets of length */

/* Tags of one octet say something in an ISD-R alone. */
static const char *function_of(const struct decode_item *item)
{
	uint32_t tag = es10_tag(item->data);

	return tag > UINT8_MAX || strcmp(item->view.path, "ISD-R") == 0 ? es10_function(tag) : NULL;
}

static bool has_groups(const struct decode_item *item)
{
	return (item->exchange->apdu.p1 & STORE_DATA_FORMAT) == STORE_DATA_GROUPS;
}

static void what_store_data(const struct decode_item *item, struct wbuf *words)
{
	const char *name = function_of(item);
	uint32_t tag = es10_tag(item->data);

	if (apdu_is_secured(item->exchange->apdu.cla))
		show_say(words, "secure messaging");
	else if (has_groups(item))
		show_say(words, "data group %02X%02X", slice_at(item->data, 0),
			 slice_at(item->data, 1));
	else if (name)
		show_say(words, "%s", name);
	else if (tag)
		show_say(words, "tag %X", tag);
}

/* GlobalPlatform 11.11.3.2: an identifier of two octets, a length of one or three */
static void tell_groups(struct slice data, const struct tree *t)
{
	struct cursor c = cursor_of(data);

	while (cursor_left(&c)) {
		uint16_t id = cursor_u16(&c);
		size_t n = cursor_u8(&c);
		struct slice value;

		if (n == GROUP_LONG)
			n = cursor_u16(&c);
		value = cursor_take(&c, n);
		tree_leaf(t,
			  &(struct tree_node){.key = "group",
					      .name = "Data group",
					      .raw = value,
					      .fault = c.err ? "it is cut" : NULL},
			  "%04X, %zu octets", id, value.len);
		if (c.err)
			return;
	}
}

static void tell_store_data(const struct decode_item *item, const struct tree *t)
{
	static const struct field secured = {.key = "secured",
					     .name = "Data and MAC, perhaps encrypted"};

	if (apdu_is_secured(item->exchange->apdu.cla))
		field_tell(&secured, item->data, t);
	else if (has_groups(item))
		tell_groups(item->data, t);
	else if (item->view.place->application.kind == APPLICATION_ARAM)
		ara_show(item->data, t);
	else
		es10_tell(item->data, true, t);
	es10_tell(item->answer, false, t);
}

const struct show show_store_data = {what_store_data, tell_store_data};
