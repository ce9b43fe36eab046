#include "host/operator/factor/courier.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/bytes.h"
#include "tool/sys/harden.h"

#define CODE_MAX     64
#define ENVIRONMENT  "TWINKEY_ADDRESS="
#define ADDRESS_LINE 192

extern char **environ;

static struct courier_way *free_way(struct courier *c)
{
	for (size_t i = 0; i < COURIER_MAX; i++)
		if (!c->way[i].pid)
			return &c->way[i];
	return NULL;
}

/* What the child is to have, made before fork(): after it nothing may take memory. */
struct parcel {
	const char *command;
	char address[ADDRESS_LINE];
	char **environment;
	int in, null;
};

/* The environment, and one line more. */
static enum err pack(struct parcel *p, const char *command, const char *address)
{
	size_t n = 0, at = 0;

	p->command = command;
	if ((size_t)snprintf(p->address, sizeof(p->address), ENVIRONMENT "%s", address) >=
	    sizeof(p->address))
		return ERR_SPACE;
	while (environ && environ[n])
		n++;
	p->environment = calloc(n + 2, sizeof(char *));
	if (!p->environment)
		return ERR_MEMORY;
	for (size_t i = 0; i < n; i++)
		if (strncmp(environ[i], ENVIRONMENT, strlen(ENVIRONMENT)) != 0)
			p->environment[at++] = environ[i];
	p->environment[at] = p->address;
	return ERR_OK;
}

_Noreturn static void become(const struct parcel *p)
{
	char *argv[] = {(char *)(uintptr_t)p->command, NULL};

	setpgid(0, 0);
	if (dup2(p->in, STDIN_FILENO) < 0 || dup2(p->null, STDOUT_FILENO) < 0 ||
	    dup2(p->null, STDERR_FILENO) < 0)
		_exit(126);
	harden_undo();
	execve(p->command, argv, p->environment);
	_exit(127);
}

/* A code fits any pipe: nobody waits for who reads it. */
static enum err hand_parcel(struct parcel *p, const char *code, pid_t *pid)
{
	int ends[2];
	size_t n = strlen(code);
	enum err e = n <= CODE_MAX && !pipe2(ends, O_CLOEXEC) ? ERR_OK : ERR_IO;

	if (e)
		return e;
	p->in = ends[0];
	if (write(ends[1], code, n) != (ssize_t)n || write(ends[1], "\n", 1) != 1)
		e = ERR_IO;
	close(ends[1]);
	*pid = e ? -1 : fork();
	if (*pid == 0)
		become(p);
	close(ends[0]);
	return *pid < 0 ? ERR_IO : ERR_OK;
}

enum err courier_send(struct courier *c, int64_t subscriber, const char *address, const char *code,
		      int64_t now)
{
	struct parcel p = {.null = -1};
	struct courier_way *way = free_way(c);
	pid_t pid = -1;
	enum err e = c->command ? pack(&p, c->command, address) : ERR_NOT_FOUND;

	if (!e && !way)
		e = ERR_FULL;
	if (!e)
		p.null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (!e && p.null < 0)
		e = ERR_IO;
	if (!e)
		e = hand_parcel(&p, code, &pid);
	if (p.null >= 0)
		close(p.null);
	free(p.environment);
	if (!e)
		*way = (struct courier_way){pid, subscriber, now};
	return e;
}

static void say_why(int status, char why[static COURIER_WHY])
{
	if (WIFSIGNALED(status))
		snprintf(why, COURIER_WHY, "the command was ended by signal %d", WTERMSIG(status));
	else
		snprintf(why, COURIER_WHY, "the command gave %d", WEXITSTATUS(status));
}

/* True: it has ended, and is no more under way. */
static bool has_ended(struct courier_way *w, int64_t now, int *status)
{
	pid_t got;

	if (now - w->begun > COURIER_S || now < w->begun)
		kill(-w->pid, SIGKILL);
	got = waitpid(w->pid, status, WNOHANG);
	if (!got)
		return false;
	if (got < 0)
		*status = 0; /* somebody else has asked for it */
	w->pid = 0;
	return true;
}

bool courier_next_loss(struct courier *c, int64_t now, struct courier_loss *out)
{
	for (size_t i = 0; i < COURIER_MAX; i++) {
		struct courier_way *w = &c->way[i];
		int status = 0;

		if (!w->pid || !has_ended(w, now, &status) || !status)
			continue;
		out->subscriber = w->subscriber;
		say_why(status, out->why);
		return true;
	}
	return false;
}

void courier_end(struct courier *c)
{
	for (size_t i = 0; i < COURIER_MAX; i++) {
		if (!c->way[i].pid)
			continue;
		kill(-c->way[i].pid, SIGKILL);
		waitpid(c->way[i].pid, NULL, 0);
		c->way[i].pid = 0;
	}
}
