#include "tests/pn532/lines.h"

#include <string.h>
#include <unistd.h>

bool lines_hear(void (*obey)(void *ctx, char *line), void *ctx)
{
	static char text[2048];
	static size_t len;
	ssize_t n = read(STDIN_FILENO, text + len, sizeof(text) - len - 1);
	char *end;

	if (n <= 0)
		return false;
	len += (size_t)n;
	text[len] = 0;
	while ((end = strchr(text, '\n'))) {
		*end = 0;
		obey(ctx, text);
		len -= (size_t)(end + 1 - text);
		memmove(text, end + 1, len + 1);
	}
	if (len == sizeof(text) - 1)
		len = 0;
	return true;
}
