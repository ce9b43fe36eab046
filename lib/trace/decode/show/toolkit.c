/* toolkit: TERMINAL PROFILE, FETCH, TERMINAL RESPONSE, ENVELOPE */
#include "lib/trace/decode/cat/cat.h"
#include "lib/trace/decode/show/rows.h"
#include "lib/trace/decode/sms/packet.h"

static void tell_profile(const struct decode_item *item, const struct tree *t)
{
	cat_tell_profile(item->data, t);
}

const struct show show_terminal_profile = {NULL, tell_profile};

static void what_fetch(const struct decode_item *item, struct wbuf *words)
{
	char title[CAT_TITLE_MAX];

	cat_proactive_title(item->answer, title);
	show_say(words, "%s", title);
}

static void tell_fetch(const struct decode_item *item, const struct tree *t)
{
	if (item->answer.len)
		cat_tell(item->answer, t);
}

const struct show show_fetch = {what_fetch, tell_fetch};

static void what_response(const struct decode_item *item, struct wbuf *words)
{
	char title[CAT_TITLE_MAX];

	cat_response_title(item->data, title);
	show_say(words, "%s", title);
}

static void tell_response(const struct decode_item *item, const struct tree *t)
{
	cat_tell_objects(item->data, t);
}

const struct show show_terminal_response = {what_response, tell_response};

static void what_envelope(const struct decode_item *item, struct wbuf *words)
{
	char title[CAT_TITLE_MAX];

	cat_envelope_title(item->data, title);
	show_say(words, "%s", title);
}

/* TS 31.115 5: the user data header of a response packet, in the answer to ENVELOPE */
static const uint8_t response_header[] = {2, PACKET_RESPONSE, 0};

static void tell_envelope(const struct decode_item *item, const struct tree *t)
{
	cat_tell(item->data, t);
	if (slice_starts(item->answer, SLICE_OF(response_header))) {
		packet_tell(PACKET_RESPONSE,
			    slice_sub(item->answer, sizeof(response_header), item->answer.len), t);
	} else if (item->answer.len) {
		t->open(t->ctx, &(struct tree_node){
					.key = "answer", .name = "Answer", .raw = item->answer});
		t->close(t->ctx);
	}
}

const struct show show_envelope = {what_envelope, tell_envelope};
