/* toolkit: TERMINAL PROFILE, FETCH, TERMINAL RESPONSE, ENVELOPE */
#include "lib/trace/decode/cat/cat.h"
#include "lib/trace/decode/show/rows.h"

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

static void tell_envelope(const struct decode_item *item, const struct tree *t)
{
	cat_tell(item->data, t);
	if (item->answer.len) {
		t->open(t->ctx, &(struct tree_node){
					.key = "answer", .name = "Answer", .raw = item->answer});
		t->close(t->ctx);
	}
}

const struct show show_envelope = {what_envelope, tell_envelope};
