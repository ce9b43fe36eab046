#include "host/transport/pcsc/holders.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/bytes.h"

#define LIBRARY	  "libpcsclite.so"
#define COMM_MAX  64
#define PATH_ROOM 64
#define LINE_ROOM 512

/* Programs that have cards, and that may not let others look into them. */
static const char *const known[] = {"twinkey", "scdaemon", "wpa_supplicant", "eapol_test", "lpac"};

static bool read_name(const char *pid, char name[static COMM_MAX])
{
	char path[PATH_ROOM];
	FILE *f;
	bool good;

	snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
	f = fopen(path, "re");
	good = f && fgets(name, COMM_MAX, f);
	if (f)
		fclose(f);
	if (good)
		name[strcspn(name, "\n")] = 0;
	return good;
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strcmp(name, known[i]) == 0)
			return true;
	}
	return false;
}

static bool uses_library(const char *pid, const char *name)
{
	char line[LINE_ROOM];
	char path[PATH_ROOM];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.16s/maps", pid);
	f = fopen(path, "re");
	if (!f)
		return is_known(name);
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, LIBRARY) != NULL;
	fclose(f);
	return found;
}

void holders_text(char *text, size_t cap)
{
	DIR *d = opendir("/proc");
	size_t at = 0;

	text[0] = 0;
	for (struct dirent *entry; d && (entry = readdir(d));) {
		const char *pid = entry->d_name;
		char name[COMM_MAX];

		if (!isdigit((unsigned char)*pid) || strtol(pid, NULL, 10) == getpid() ||
		    !read_name(pid, name) || !uses_library(pid, name))
			continue;
		at += (size_t)snprintf(text + at, cap - at, "%s%s (process %s)", at ? ", " : "",
				       name, pid);
		if (at >= cap)
			break;
	}
	if (d)
		closedir(d);
}
