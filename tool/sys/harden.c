#include "tool/sys/harden.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/bytes.h"
#include "lib/base/secret.h"

#define SECURE_HEAP_BYTES (256 * 1024)
#define SIGNALS_MAX	  3 /* what more there are makes no difference */

static volatile sig_atomic_t signals_seen, time_is_up;
static bool gave_up, had_given_up; /* before it was taken */
static unsigned holds;
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
	int keep = errno;
	ssize_t n;

	if (signals_seen) /* nobody looks at the flag: the next one ends the process */
		signal(number, SIG_DFL);
	if (signals_seen < SIGNALS_MAX)
		signals_seen++;
	if (number == SIGALRM)
		time_is_up = 1;
	n = write(interrupt_pipe[1], "", 1); /* wakes poll(); a full pipe has woken it already */
	(void)n;
	errno = keep;
}

static void catch_all(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGALRM};
	struct sigaction sa = {.sa_handler = on_signal};

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		sigaction(numbers[i], &sa, NULL);
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
	catch_all();
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, NULL);
}

bool interrupted(void)
{
	return signals_seen > (holds ? 1 : 0);
}

bool interrupt_insisted(void)
{
	return signals_seen > 1;
}

bool interrupt_take(void)
{
	bool seen = signals_seen != 0;
	char drain[16];

	while (read(interrupt_pipe[0], drain, sizeof(drain)) > 0)
		;
	signals_seen = 0;
	had_given_up = gave_up;
	gave_up = false;
	if (interrupt_pipe[0] >= 0)
		catch_all(); /* of two, the second has let go of the next */
	return seen;
}

void interrupt_again(void)
{
	gave_up = gave_up || had_given_up;
	on_signal(SIGINT);
}

int interrupt_fd(void)
{
	return interrupt_pipe[0];
}

enum err interrupt_check(void)
{
	if (!interrupted())
		return ERR_OK;
	gave_up = true;
	return ERR_CANCELLED;
}

bool interrupt_gave_up(void)
{
	return gave_up;
}

void interrupt_hold(void)
{
	holds++;
}

void interrupt_unhold(void)
{
	holds--;
}

void interrupt_after(unsigned seconds)
{
	alarm(seconds);
}

bool interrupt_timed_out(void)
{
	return time_is_up != 0;
}
