#include "tool/cli/json.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/base64.h"
#include "tool/cli/text.h"

json_t *json_base64(struct slice s)
{
	struct wbuf text = wbuf_grow(s.len / 3 * 4 + 4);
	json_t *value = NULL;

	base64_put(&text, s);
	if (!wbuf_done(&text))
		value = json_stringn_nocheck(text.len ? (const char *)text.ptr : "", text.len);
	wbuf_free(&text);
	return value;
}

enum err json_base64_field(const json_t *object, const char *name, struct wbuf *out)
{
	const json_t *v = json_object_get(object, name);

	if (!json_is_string(v))
		return ERR_TAG;
	return base64_decode(slice_make(json_string_value(v), json_string_length(v)), out);
}

json_t *json_text(struct slice s)
{
	json_t *text = s.ptr ? json_stringn((const char *)s.ptr, s.len) : NULL;
	char *copy = !text && s.ptr ? strndup((const char *)s.ptr, s.len) : NULL;

	if (copy) { /* no UTF-8 */
		text_clean(copy);
		text = json_string(copy);
	}
	free(copy);
	return text;
}

void json_put(struct wbuf *out, json_t *value)
{
	char *text = value ? json_dumps(value, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;

	if (text) {
		wbuf_put(out, slice_str(text));
		wbuf_u8(out, '\n');
	} else {
		wbuf_fail(out, ERR_MEMORY);
	}
	free(text);
	json_decref(value);
}
