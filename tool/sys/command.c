#include "tool/sys/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/bytes.h"
#include "tool/sys/cancel.h"
#include "tool/sys/errno.h"
#include "tool/sys/harden.h"
#include "tool/sys/path.h"

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
	sigset_t mask; /* before */
	unsigned alarms;
};

static bool interrupted; /* SIGINT ended the command */

static int heard_number(size_t i)
{
	return i < ARRAY_LEN(passed_on)	   ? passed_on[i]
	       : i == ARRAY_LEN(passed_on) ? SIGALRM
					   : SIGCHLD;
}

static enum err open_ears(struct ears *e)
{
	struct sigaction sa = {.sa_sigaction = on_heard, .sa_flags = SA_SIGINFO | SA_RESTART};
	sigset_t heard;

	e->alarms = 0;
	if (pipe2(e->pipe, O_CLOEXEC | O_NONBLOCK))
		return ERR_MEMORY;
	heard_fd = e->pipe[1];
	sigemptyset(&sa.sa_mask);
	sigemptyset(&heard);
	for (size_t i = 0; i < HEARD_MAX; i++) {
		sigaddset(&heard, heard_number(i));
		sigaction(heard_number(i), &sa, &e->before[i]);
		if (heard_number(i) == SIGHUP && e->before[i].sa_handler == SIG_IGN)
			sigaction(SIGHUP, &e->before[i], NULL); /* as nohup(1) wants it */
	}
	/* whoever started this may have them blocked, and SIGCHLD would never be heard */
	pthread_sigmask(SIG_UNBLOCK, &heard, &e->mask);
	return ERR_OK;
}

static void close_ears(struct ears *e)
{
	for (size_t i = 0; i < HEARD_MAX; i++)
		sigaction(heard_number(i), &e->before[i], NULL);
	pthread_sigmask(SIG_SETMASK, &e->mask, NULL);
	close(e->pipe[0]);
	close(e->pipe[1]);
}

/* The child: becomes the command, or tells errno. */
static void become(char **argv, int tell)
{
	int failure;
	ssize_t n;

	harden_undo();
	execvp(argv[0], argv);
	failure = errno;
	n = write(tell, &failure, sizeof(failure));
	(void)n;
	_exit(COMMAND_NO_PROGRAM);
}

/*
 * No folder of PATH has it, as far as this user can look: execvp() says EACCES for a folder that it
 * may not enter as well as for a file that it may not run.
 */
static bool is_nowhere(const char *name)
{
	const char *p = strchr(name, '/') ? "" : getenv("PATH");
	char path[PATH_CAP];

	if (!p || !*p)
		return false;
	for (; *p; p += p[strcspn(p, ":")] ? strcspn(p, ":") + 1 : strcspn(p, ":")) {
		int n = snprintf(path, sizeof(path), "%.*s/%s", (int)strcspn(p, ":"), p, name);

		if (n > 0 && n < (int)sizeof(path) && access(path, F_OK) == 0)
			return false;
	}
	return true;
}

/* code: set when there is such a program and it does not run, or none. */
static enum err spawn(char **argv, pid_t *pid, int *code)
{
	int fds[2], failure = 0;
	sigset_t all, mask;
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC))
		return ERR_MEMORY;
	sigfillset(&all); /* what comes meanwhile is for the command, and not for our handlers */
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	*pid = fork();
	if (*pid == 0)
		become(argv, fds[1]);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
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
	if (failure == EACCES && is_nowhere(argv[0]))
		failure = ENOENT;
	*code = failure == ENOENT ? COMMAND_NOT_FOUND : COMMAND_NO_PROGRAM;
	return failure == ENOEXEC ? ERR_NO_FILE : errno_err(failure);
}

/* A terminal signals a group of processes; when it hangs up, the leader of the session alone. */
static bool has_reached(const struct heard *h, pid_t pid)
{
	return h->from_terminal && getpgid(pid) == getpgrp() &&
	       !(h->number == SIGHUP && getsid(0) == getpid());
}

/* What a signal has to do with the command. */
static void act_on(const struct heard *h, pid_t pid, unsigned *alarms)
{
	if (h->number == SIGALRM) {
		kill(pid, (*alarms)++ ? SIGKILL : SIGTERM);
		alarm(GRACE_S);
	} else if (h->number != SIGCHLD && !has_reached(h, pid)) {
		kill(pid, h->number);
	}
}

static int attend(struct ears *e, pid_t pid)
{
	struct pollfd p = {.fd = e->pipe[0], .events = POLLIN};
	int status;

	for (;;) {
		struct heard h;
		pid_t ended = waitpid(pid, &status, WNOHANG);

		if (ended == pid || (ended < 0 && errno != EINTR))
			break;
		poll(&p, 1, -1);
		while (read(p.fd, &h, sizeof(h)) == sizeof(h))
			act_on(&h, pid, &e->alarms);
	}
	if (e->alarms)
		alarm(0);
	interrupted = WIFSIGNALED(status) && WTERMSIG(status) == SIGINT;
	if (WIFSIGNALED(status) && !(e->alarms == 1 && WTERMSIG(status) == SIGTERM))
		return COMMAND_SIGNAL + WTERMSIG(status);
	return e->alarms ? COMMAND_TIMED_OUT : WEXITSTATUS(status);
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
	if (ears.alarms)
		raise(SIGALRM); /* the time is over for what is still to do as well */
	return code;
}

void command_die_alike(void)
{
	sigset_t set;

	if (!interrupted)
		return;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	signal(SIGINT, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(SIGINT);
}
