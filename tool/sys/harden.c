#include "tool/sys/harden.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/secret.h"

#define SECURE_HEAP_BYTES (256 * 1024)

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
	static const struct rlimit no_core = {0, 0};

	fill_standard();
	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	umask(077);
	secret_heap_start(SECURE_HEAP_BYTES);
}
