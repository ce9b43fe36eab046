#include "tests/support/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/must.h"
#include "tool/sys/local.h"

void scratch_make(const char *place, const char *name, char *path, size_t cap)
{
	if (!place)
		place = getenv("TWINKEY_SCRATCH");
	if (!place)
		place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	MUST((size_t)snprintf(path, cap, "%s/twinkey-%s-XXXXXX", place, name) < cap);
	MUST(mkdtemp(path) != NULL);
}

int scratch_listen(const char *path)
{
	struct local_socket s;

	MUST(local_listen(path, SOCK_STREAM, NULL, &s) == ERR_OK);
	return s.fd;
}
