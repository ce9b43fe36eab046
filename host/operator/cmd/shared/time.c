#include "host/operator/cmd/shared/time.h"

#include <time.h>

int64_t cmd_now(void)
{
	return (int64_t)time(NULL);
}

const char *cmd_time_text(int64_t at, char text[static CMD_TIME_CAP])
{
	time_t t = (time_t)at;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(text, CMD_TIME_CAP, "%Y-%m-%dT%H:%M:%SZ", &tm))
		text[0] = 0;
	return text;
}
