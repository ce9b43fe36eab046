/* confine: what a pcscd of one's own cannot do, and that it can do the rest */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "card-emu/pcscd/confine.h"
#include "tool/sys/file.h"

static int make_file(void)
{
	return open("new", O_WRONLY | O_CREAT, 0600);
}

static int open_folder(void)
{
	return open(".", O_RDONLY | O_DIRECTORY);
}

static int make_folder(void)
{
	return mkdir("new", 0700);
}

static int make_fifo(void)
{
	return mkfifo("new", 0600);
}

static int make_link(void)
{
	return link("file", "new");
}

static int make_symlink(void)
{
	return symlink("file", "new");
}

static int remove_file(void)
{
	return unlink("file");
}

static int remove_folder(void)
{
	return rmdir("folder");
}

static int rename_file(void)
{
	return rename("file", "new");
}

static int change_mode(void)
{
	return chmod("file", 0);
}

static int change_owner(void)
{
	return chown("file", getuid(), getgid());
}

static int cut_file(void)
{
	return truncate("file", 0);
}

static int bind_socket(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "new"};

	return bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&at, sizeof(at));
}

static int listen_at_once(void) /* the kernel gives it a port */
{
	return listen(socket(AF_INET, SOCK_STREAM, 0), 1);
}

static const struct {
	int (*call)(void);
	int error;
} denied[] = {
	{make_file, EACCES},   {open_folder, ENOTDIR},	 {make_folder, EEXIST},
	{make_fifo, EACCES},   {make_link, EACCES},	 {make_symlink, EACCES},
	{remove_file, EACCES}, {remove_folder, EACCES},	 {rename_file, EACCES},
	{change_mode, EACCES}, {change_owner, EACCES},	 {cut_file, EACCES},
	{bind_socket, EACCES}, {listen_at_once, EACCES},
};

/* 0; 1 and up: what went through, or failed otherwise. */
static int try_all(void)
{
	int fds[2];

	if (confine_pcscd())
		return 100;
	for (size_t i = 0; i < ARRAY_LEN(denied); i++) {
		errno = 0;
		if (denied[i].call() != -1 || errno != denied[i].error)
			return (int)i + 1;
	}
	return open("file", O_RDWR) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) ? 101 : 0;
}

static void test_denied(void)
{
	char folder[] = "/tmp/twinkey-unit-XXXXXX";
	int status = -1;
	pid_t pid;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	pid = fork();
	if (pid == 0) {
		if (chdir(folder) || close(creat("file", 0600)) || mkdir("folder", 0700))
			_exit(102);
		_exit(try_all());
	}
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_TRUE(WIFEXITED(status));
	CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
	file_remove_tree(folder);
}

TEST_SUITE(confine, {"what it cannot do", test_denied})
