#include "host/trace/keys.h"

#include "lib/trace/keys/keys.h"
#include "tool/cli/program.h"
#include "tool/sys/secret_file.h"
#include "tool/sys/trouble.h"

enum err card_keys_read(const char *path, struct card_keys **out)
{
	struct wbuf text = wbuf_grow(CARD_KEYS_TEXT_MAX);
	struct card_keys_error why;
	enum err e = ERR_OK;

	if (path)
		e = secret_file_read(path, tool_cancel(), &text);
	if (path && !e) {
		e = card_keys_parse(wbuf_slice(&text), out, &why);
		if (e == ERR_VALUE)
			e = trouble_set(e, "line %u: %s", why.line, why.why);
	}
	wbuf_free(&text);
	return e;
}
