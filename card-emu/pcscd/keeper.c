#include "card-emu/pcscd/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "card-emu/pcscd/confine.h"
#include "lib/base/bytes.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"

#define SOCKET_FD  3 /* SD_LISTEN_FDS_START, sd_listen_fds(3) */
#define PATIENCE_S 2

/* Only these of the descriptors stay. */
static void keep_files(int socket, int log)
{
	/* in this order none is overwritten, and there are no more of them than before */
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	dup2(socket, SOCKET_FD);
	fcntl(SOCKET_FD, F_SETFD, 0); /* it may have had the number */
	close(STDIN_FILENO);
	(void)!open("/dev/null", O_RDONLY);
	closefrom(SOCKET_FD + 1);
}

/* The service: becomes the program. */
static void become(const struct keeper_task *task)
{
	static const char *const strange[] = {"PCSCLITE_FILTER_IGNORE_READER_NAMES",
					      "PCSCLITE_FILTER_EXTEND_READER_NAMES"};
	char pid[16];
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	keep_files(task->socket, task->log);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGTERM, SIG_DFL); /* that of the keeper is not for this program's handler */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	for (size_t i = 0; i < ARRAY_LEN(strange); i++)
		unsetenv(
			strange[i]); /* they are about the machine's readers, and could mean ours */
	if (confine_pcscd()) {
		dprintf(STDERR_FILENO, "this kernel, or what runs this container, allows no "
				       "seccomp filter, without which pcscd would change /run: "
				       "allow it, or use a service that runs by --port\n");
	} else {
		execv(task->program, (char *const *)(uintptr_t)task->argv);
		dprintf(STDERR_FILENO, "%s cannot be run: %s\n", task->program,
			err_text(errno_err(errno)));
	}
	_exit(127);
}

/* First the polite word; false: it has not ended. */
static bool end_by(pid_t pid, int number)
{
	const struct timespec patience = {.tv_sec = PATIENCE_S};
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	kill(pid, number);
	do {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return true;
	} while (sigtimedwait(&child, NULL, &patience) == SIGCHLD || errno == EINTR);
	return false;
}

/* The keeper itself: a process group of its own, so that a Ctrl-C reaches neither it nor pcscd. */
static void keep_service(const struct keeper_task *task, int life)
{
	sigset_t all;
	pid_t pid;
	bool ended;
	char octet;

	setpgid(0, 0);
	signal(SIGCHLD, SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	pid = fork();
	if (pid == 0)
		become(task);
	keep_files(life, task->log);
	while (read(SOCKET_FD, &octet, 1) < 0 && errno == EINTR)
		;
	ended = pid <= 0 || waitpid(pid, NULL, WNOHANG) != 0;
	if (!ended && !end_by(pid, SIGTERM))
		end_by(pid, SIGKILL);
	file_remove_tree(task->folder);
	_exit(ended);
}

enum err keeper_start(const struct keeper_task *task, struct keeper *out)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return ERR_MEMORY;
	out->pid = fork();
	if (out->pid == 0) {
		close(fds[1]);
		keep_service(task, fds[0]);
	}
	close(fds[0]);
	out->life = fds[1];
	if (out->pid > 0)
		return ERR_OK;
	close(out->life);
	return ERR_MEMORY;
}

enum err keeper_end(struct keeper *k)
{
	int status = 0;

	close(k->life);
	while (waitpid(k->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status ? ERR_SERVICE_LOST : ERR_OK;
}
