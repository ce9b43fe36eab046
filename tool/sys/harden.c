#include "tool/sys/harden.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/secret.h"

#define SECURE_HEAP_BYTES (256 * 1024)

static struct {
	bool done;
	struct rlimit core;
	mode_t mask;
} before;

/* Else the first file that is opened would take the number, and get what is said to people. */
static void fill_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* the wrong way round, so that its use is an error and no silence */
		int flags = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;

		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags) != fd)
			abort();
	}
}

void harden_process(void)
{
	struct rlimit no_core;

	fill_standard();
	before.done = getrlimit(RLIMIT_CORE, &before.core) == 0;
	/* what this process may have is left to the programs that it starts */
	no_core = (struct rlimit){0, before.done ? before.core.rlim_max : 0};
	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	before.mask = umask(077);
	secret_heap_start(SECURE_HEAP_BYTES);
}

void harden_undo(void)
{
	if (!before.done)
		return;
	setrlimit(RLIMIT_CORE, &before.core);
	umask(before.mask);
}
