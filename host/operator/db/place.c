#include "host/operator/db/place.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/bytes.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/secret_file.h"

#define LEAVING "\nleaving "

bool db_place_is_server(const char *place)
{
	return strncmp(place, "postgres:", 9) == 0 || strncmp(place, "postgresql:", 11) == 0;
}

/* Cuts the second line off. 0: there is none, or it is another one. */
static int64_t take_leaving(char *text)
{
	char *second = strstr(text, LEAVING);
	char *end = NULL;
	long long when = second ? strtoll(second + sizeof(LEAVING) - 1, &end, 10) : 0;

	if (when <= 0 || *end)
		return 0;
	*second = 0;
	return when;
}

static enum err read_place(const char *path, char out[static DB_PLACE_CAP], int64_t *leaving)
{
	struct wbuf line = wbuf_grow(DB_PLACE_CAP);
	enum err e = secret_file_read(path, NULL, &line);

	*leaving = 0;
	while (!e && line.len && strchr("\r\n \t", line.ptr[line.len - 1]))
		wbuf_cut(&line, line.len - 1);
	if (!e)
		e = slice_text(wbuf_slice(&line), out, DB_PLACE_CAP) ? ERR_VALUE : ERR_OK;
	if (!e)
		*leaving = take_leaving(out);
	if (!e && (strchr(out, '\n') || !db_place_is_server(out)))
		e = ERR_VALUE;
	wbuf_free(&line);
	return e;
}

enum err db_place_find(const char *dir, const char *name, char out[static DB_PLACE_CAP])
{
	static const char *const files[] = {DB_PLACE_FILE, "../" DB_PLACE_FILE};
	char path[PATH_CAP];
	int64_t leaving;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		enum err e = path_join(dir, files[i], path, sizeof(path));

		if (!e && access(path, F_OK) != 0)
			continue;
		if (!e)
			e = read_place(path, out, &leaving);
		return !e && leaving ? ERR_DB_LEAVING : e;
	}
	return path_join(dir, name, out, DB_PLACE_CAP);
}

/* second: "" or the second line */
static enum err write_place(const char *dir, const char *place, const char *second)
{
	struct wbuf line = wbuf_grow(2 * DB_PLACE_CAP);
	char path[PATH_CAP];
	enum err e = path_join(dir, DB_PLACE_FILE, path, sizeof(path));

	wbuf_put(&line, slice_str(place));
	wbuf_put(&line, slice_str(second));
	wbuf_put(&line, slice_str("\n"));
	if (!e)
		e = strlen(place) > DB_PLACE_MAX ? ERR_SPACE : wbuf_done(&line);
	if (!e)
		e = file_replace(path, wbuf_slice(&line), 0600, NULL);
	wbuf_free(&line);
	return e;
}

enum err db_place_tell(const char *dir, const char *place)
{
	char path[PATH_CAP];
	enum err e = path_join(dir, DB_PLACE_FILE, path, sizeof(path));

	if (e || place)
		return e ? e : write_place(dir, place, "");
	if (unlink(path) && errno != ENOENT)
		return errno_err(errno);
	return file_sync_folder_of(path);
}

enum err db_place_leave(const char *dir, const char *place, int64_t when)
{
	char second[sizeof(LEAVING) + 20];

	snprintf(second, sizeof(second), LEAVING "%" PRId64, when);
	return write_place(dir, place, second);
}

enum err db_place_left(const char *dir, char place[static DB_PLACE_CAP], int64_t *when)
{
	char path[PATH_CAP];
	enum err e = path_join(dir, DB_PLACE_FILE, path, sizeof(path));

	if (!e && access(path, F_OK) != 0)
		e = ERR_NOT_FOUND;
	if (!e)
		e = read_place(path, place, when);
	return !e && !*when ? ERR_NOT_FOUND : e;
}
