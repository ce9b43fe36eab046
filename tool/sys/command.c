#include "tool/sys/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/bytes.h"
#include "tool/sys/cancel.h"
#include "tool/sys/errno.h"
#include "tool/sys/harden.h"

#define GRACE_S 5 /* from SIGTERM to SIGKILL, when the time is over */

static const int passed_on[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
#define HEARD_MAX (ARRAY_LEN(passed_on) + 2) /* and SIGALRM, SIGCHLD */

/* A signal on its way from the handler to the loop. */
struct heard {
	int8_t number;
	bool from_terminal;
};

static volatile sig_atomic_t heard_fd = -1;

static void on_heard(int number, siginfo_t *info, void *context)
{
	struct heard h = {.number = (int8_t)number, .from_terminal = info->si_code == SI_KERNEL};
	int keep = errno;
	ssize_t n = write(heard_fd, &h, sizeof(h));

	(void)n, (void)context; /* a full pipe wakes the loop as well */
	errno = keep;
}

struct ears {
	int pipe[2];
	struct sigaction before[HEARD_MAX];
};

static int heard_number(size_t i)
{
	return i < ARRAY_LEN(passed_on)	   ? passed_on[i]
	       : i == ARRAY_LEN(passed_on) ? SIGALRM
					   : SIGCHLD;
}

static enum err open_ears(struct ears *e)
{
	struct sigaction sa = {.sa_sigaction = on_heard, .sa_flags = SA_SIGINFO | SA_RESTART};

	if (pipe2(e->pipe, O_CLOEXEC | O_NONBLOCK))
		return ERR_MEMORY;
	heard_fd = e->pipe[1];
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < HEARD_MAX; i++) {
		sigaction(heard_number(i), &sa, &e->before[i]);
		if (heard_number(i) == SIGHUP && e->before[i].sa_handler == SIG_IGN)
			sigaction(SIGHUP, &e->before[i], NULL); /* as nohup(1) wants it */
	}
	return ERR_OK;
}

static void close_ears(struct ears *e)
{
	for (size_t i = 0; i < HEARD_MAX; i++)
		sigaction(heard_number(i), &e->before[i], NULL);
	close(e->pipe[0]);
	close(e->pipe[1]);
}

/* The child: becomes the command, or tells errno. */
static void become(char **argv, int tell)
{
	sigset_t none;
	int failure;
	ssize_t n;

	harden_undo();
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(argv[0], argv);
	failure = errno;
	n = write(tell, &failure, sizeof(failure));
	(void)n;
	_exit(COMMAND_NO_PROGRAM);
}

/* code: set when there is such a program and it does not run, or none. */
static enum err spawn(char **argv, pid_t *pid, int *code)
{
	int fds[2], failure = 0;
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC))
		return ERR_MEMORY;
	*pid = fork();
	if (*pid == 0)
		become(argv, fds[1]);
	close(fds[1]);
	if (*pid < 0) {
		close(fds[0]);
		return ERR_MEMORY;
	}
	do
		n = read(fds[0], &failure, sizeof(failure));
	while (n < 0 && errno == EINTR);
	close(fds[0]);
	if (n != sizeof(failure))
		return ERR_OK;
	while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
		;
	*code = failure == ENOENT ? COMMAND_NOT_FOUND : COMMAND_NO_PROGRAM;
	return failure == ENOEXEC ? ERR_NO_FILE : errno_err(failure);
}

/* What a signal has to do with the command. */
static void act_on(const struct heard *h, pid_t pid, unsigned *alarms)
{
	if (h->number == SIGALRM) {
		kill(pid, (*alarms)++ ? SIGKILL : SIGTERM);
		alarm(GRACE_S);
	} else if (h->number != SIGCHLD && !h->from_terminal) {
		kill(pid, h->number);
	}
}

static int attend(const struct ears *e, pid_t pid)
{
	struct pollfd p = {.fd = e->pipe[0], .events = POLLIN};
	unsigned alarms = 0;
	int status;

	for (;;) {
		struct heard h;
		pid_t ended = waitpid(pid, &status, WNOHANG);

		if (ended == pid || (ended < 0 && errno != EINTR))
			break;
		poll(&p, 1, -1);
		while (read(p.fd, &h, sizeof(h)) == sizeof(h))
			act_on(&h, pid, &alarms);
	}
	if (alarms)
		alarm(0);
	if (WIFSIGNALED(status) && !(alarms == 1 && WTERMSIG(status) == SIGTERM))
		return COMMAND_SIGNAL + WTERMSIG(status);
	return alarms ? COMMAND_TIMED_OUT : WEXITSTATUS(status);
}

int command_run(char **argv, struct cancel *cancel, enum err *why)
{
	struct ears ears;
	pid_t pid = -1;
	int code = COMMAND_NOT_RUN;

	*why = open_ears(&ears);
	if (*why)
		return code;
	*why = cancel_check(cancel); /* what came before; from here on it is heard */
	if (!*why)
		*why = spawn(argv, &pid, &code);
	if (!*why)
		code = attend(&ears, pid);
	close_ears(&ears);
	return code;
}
