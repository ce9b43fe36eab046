#include "tool/harden.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/secret.h"

#define SECURE_HEAP_BYTES (256 * 1024)

static volatile sig_atomic_t interrupt_seen;
static int interrupt_pipe[2] = {-1, -1};

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

static void on_signal(int number)
{
	ssize_t n;

	if (interrupt_seen) /* nobody looks at the flag: the next one ends the process */
		signal(number, SIG_DFL);
	interrupt_seen = 1;
	n = write(interrupt_pipe[1], "", 1); /* wakes poll(); a full pipe has woken it already */
	(void)n;
}

static void catch_both(void)
{
	struct sigaction sa = {.sa_handler = on_signal};

	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

void interrupt_catch(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	if (interrupt_pipe[0] >= 0)
		return;
	if (pipe(interrupt_pipe) != 0)
		abort();
	for (int i = 0; i < 2; i++) {
		fcntl(interrupt_pipe[i], F_SETFD, FD_CLOEXEC);
		fcntl(interrupt_pipe[i], F_SETFL, O_NONBLOCK);
	}
	catch_both();
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, NULL);
}

bool interrupted(void)
{
	return interrupt_seen != 0;
}

bool interrupt_take(void)
{
	bool seen = interrupted();
	char drain[16];

	while (read(interrupt_pipe[0], drain, sizeof(drain)) > 0)
		;
	interrupt_seen = 0;
	if (interrupt_pipe[0] >= 0)
		catch_both(); /* of two, the second has let go of the next */
	return seen;
}

void interrupt_again(void)
{
	on_signal(SIGINT);
}

int interrupt_fd(void)
{
	return interrupt_pipe[0];
}
