#include "host/operator/db/place.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/bytes.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/secret_file.h"

bool db_place_is_server(const char *place)
{
	return strncmp(place, "postgres:", 9) == 0 || strncmp(place, "postgresql:", 11) == 0;
}

static enum err read_place(const char *path, char out[static DB_PLACE_CAP])
{
	struct wbuf line = wbuf_grow(DB_PLACE_CAP);
	enum err e = secret_file_read(path, NULL, &line);

	while (!e && line.len && strchr("\r\n \t", line.ptr[line.len - 1]))
		wbuf_cut(&line, line.len - 1);
	if (!e && (slice_text(wbuf_slice(&line), out, DB_PLACE_CAP) || strchr(out, '\n') ||
		   !db_place_is_server(out)))
		e = ERR_VALUE;
	wbuf_free(&line);
	return e;
}

enum err db_place_find(const char *dir, const char *name, char out[static DB_PLACE_CAP])
{
	static const char *const files[] = {DB_PLACE_FILE, "../" DB_PLACE_FILE};
	char path[PATH_CAP];

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		enum err e = path_join(dir, files[i], path, sizeof(path));

		if (e)
			return e;
		if (access(path, F_OK) == 0)
			return read_place(path, out);
	}
	return path_join(dir, name, out, DB_PLACE_CAP);
}

enum err db_place_tell(const char *dir, const char *place)
{
	struct wbuf line = wbuf_grow(DB_PLACE_CAP);
	char path[PATH_CAP];
	enum err e = path_join(dir, DB_PLACE_FILE, path, sizeof(path));

	if (!e && !place)
		return unlink(path) && errno != ENOENT ? errno_err(errno) : ERR_OK;
	if (!e) {
		wbuf_put(&line, slice_str(place));
		wbuf_put(&line, slice_str("\n"));
		e = wbuf_done(&line);
	}
	if (!e)
		e = file_replace(path, wbuf_slice(&line), 0600, NULL);
	wbuf_free(&line);
	return e;
}
