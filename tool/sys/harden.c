#include "tool/sys/harden.h"

#include <fcntl.h>
#include <signal.h>
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
	sigset_t ignored, blocked;
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

/* SIGCHLD that somebody ignored would take the ends of our own children away. */
static void take_signals(void)
{
	struct sigaction sa;

	sigprocmask(SIG_SETMASK, NULL, &before.blocked);
	sigemptyset(&before.ignored);
	for (int n = 1; n < NSIG; n++) {
		if (sigaction(n, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN)
			sigaddset(&before.ignored, n);
	}
	signal(SIGCHLD, SIG_DFL);
}

void harden_process(void)
{
	struct rlimit no_core;

	fill_standard();
	take_signals();
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
	for (int n = 1; n < NSIG; n++)
		signal(n, sigismember(&before.ignored, n) ? SIG_IGN : SIG_DFL);
	sigprocmask(SIG_SETMASK, &before.blocked, NULL);
	if (!before.done)
		return;
	setrlimit(RLIMIT_CORE, &before.core);
	umask(before.mask);
}
