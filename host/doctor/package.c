#include "host/doctor/package.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool/sys/path.h"

extern char **environ;

/* Starts dpkg-query with out as its standard output. */
static bool start_query(const char *root, const char *name, int out, pid_t *pid)
{
	char where[PATH_CAP + sizeof("--root=/")];
	char *argv[] = {(char[]){"dpkg-query"},	 where,
			(char[]){"--show"},	 (char[]){"--showformat=${Version}"},
			(char *)(uintptr_t)name, NULL};
	posix_spawn_file_actions_t actions;
	int failed;

	snprintf(where, sizeof(where), "--root=%s/", root);
	if (posix_spawn_file_actions_init(&actions))
		return false;
	failed = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) ||
		 posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY,
						  0) ||
		 posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY,
						  0) ||
		 posix_spawnp(pid, "dpkg-query", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return !failed;
}

/* Until the other end is closed; what is more than cap is read and dropped. */
static void read_all(int fd, char *out, size_t cap)
{
	char rest[256];
	size_t len = 0;

	for (;;) {
		bool full = len + 1 >= cap;
		ssize_t n =
			full ? read(fd, rest, sizeof(rest)) : read(fd, out + len, cap - 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (!full)
			len += (size_t)n;
	}
	out[len] = 0;
}

bool package_version(const char *root, const char *name, char *out, size_t cap)
{
	int ends[2], status = -1;
	pid_t pid = -1;

	*out = 0;
	if (pipe2(ends, O_CLOEXEC))
		return false;
	if (!start_query(root, name, ends[1], &pid))
		pid = -1;
	close(ends[1]);
	if (pid > 0) {
		read_all(ends[0], out, cap);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(ends[0]);
	if (status)
		*out = 0;
	return *out;
}
