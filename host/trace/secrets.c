#include "host/trace/secrets.h"

#include "lib/trace/audit/secrets.h"
#include "tool/cli/program.h"
#include "tool/sys/secret_file.h"
#include "tool/sys/trouble.h"

enum err secrets_read(const char *path, struct audit_secrets *out)
{
	struct wbuf text = wbuf_grow(NEEDLES_FILE_MAX);
	struct needles_fault why;
	enum err e = path ? secret_file_read(path, tool_cancel(), &text) : ERR_OK;

	*out = (struct audit_secrets){0};
	if (!e) {
		e = audit_secrets_open(wbuf_slice(&text), out, &why);
		if (e == ERR_VALUE)
			e = trouble_set(e, "line %u: %s", why.line, why.why);
	}
	wbuf_free(&text);
	return e;
}
