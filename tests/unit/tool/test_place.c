/* Where output goes: what stands at a path that a person names stays what it is. */
#include "tests/unit/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool/sys/file.h"
#include "tool/sys/local.h"
#include "tool/sys/trouble.h"
#include "tests/unit/support/tamper.h"

#define NOBODY 65534

static const char *at(const char *name)
{
	static char path[100];

	snprintf(path, sizeof(path), "%s/%s", test_dir(), name);
	return path;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? 0 : st.st_mode;
}

static bool holds(const char *path, const char *text)
{
	struct wbuf w = wbuf_grow(100);
	bool same = file_read(path, NULL, &w) == ERR_OK && slice_is(wbuf_slice(&w), text);

	wbuf_free(&w);
	return same;
}

static void put(const char *path, const char *text, mode_t mode)
{
	ASSERT_ERR(file_write(path, slice_str(text), mode, NULL), ERR_OK);
}

/* Started, and closed again. */
static enum err start(const char *path, bool anew)
{
	int fd = -1;
	enum err e = file_start(path, anew, NULL, &fd);

	if (!e)
		close(fd);
	return e;
}

static void test_devices(void)
{
	static const char *const names[] = {"/dev/null", "/dev/full"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		mode_t before = mode_of(names[i]);

		CU_ASSERT_TRUE(S_ISCHR(before));
		if (access(names[i], W_OK)) {
			printf("(skipped: %s may not be written here) ", names[i]);
			continue;
		}
		ASSERT_ERR(file_may_write(names[i], false), ERR_OK);
		ASSERT_ERR(file_write(names[i], slice_str("x"), 0600, NULL), i ? ERR_FULL : ERR_OK);
		ASSERT_ERR(start(names[i], false), ERR_OK);
		ASSERT_ERR(start(names[i], true), ERR_OK);
		CU_ASSERT_EQUAL(mode_of(names[i]), before);
	}
}

static void test_fifo(void)
{
	const char *path = at("fifo");
	char got[16] = "";
	int fd;

	CU_ASSERT_FATAL(mkfifo(path, 0644) == 0 && chmod(path, 0644) == 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	put(path, "first", 0600);
	ASSERT_ERR(start(path, true), ERR_OK);
	CU_ASSERT_EQUAL(read(fd, got, sizeof(got)), 5);
	CU_ASSERT_STRING_EQUAL(got, "first");
	close(fd);
	CU_ASSERT_EQUAL(mode_of(path), S_IFIFO | 0644);
}

/* What is open is written to as it is, whatever it is. */
static void test_open(void)
{
	char file[160], name[32];
	struct stat before, after;
	int fd;

	snprintf(file, sizeof(file), "%s", at("open"));
	fd = open(file, O_RDWR | O_CREAT, 0644);
	CU_ASSERT_TRUE_FATAL(fd >= 0 && fstat(fd, &before) == 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	ASSERT_ERR(file_may_write(name, false), ERR_OK);
	put(name, "text", 0600);
	CU_ASSERT_TRUE(holds(file, "text"));
	CU_ASSERT_TRUE(stat(file, &after) == 0 && after.st_ino == before.st_ino &&
		       after.st_mode == before.st_mode);
	close(fd);
	ASSERT_ERR(file_may_write(name, false), ERR_NOT_FOUND);
	ASSERT_ERR(file_may_write("/dev/stderr", false), ERR_OK);
}

/* A name that is none, and a folder that cannot take a file, are told before anything is done. */
static void test_names(void)
{
	static char longest[300], path[400];
	static const struct {
		const char *name;
		enum err e;
		const char *says;
	} rows[] = {
		{"gone/file", ERR_NOT_FOUND, "/gone' is not there: make it"},
		{"plain/file", ERR_NOT_FOUND, "/plain' is no folder: name another"},
		{"new/", ERR_NOT_FOUND, "/new' is not there: make it"},
		{"closed/file", ERR_PERMISSION, "/closed' (mode 0500): name another"},
		{longest, ERR_LONG_NAME, ""},
	};

	const char *dir = test_dir();

	memset(longest, 'a', sizeof(longest) - 1);
	snprintf(path, sizeof(path), "%s/plain", dir);
	put(path, "x", 0600);
	snprintf(path, sizeof(path), "%s/closed", dir);
	CU_ASSERT_EQUAL_FATAL(mkdir(path, 0500), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].e == ERR_PERMISSION && geteuid() == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, rows[i].name);
		ASSERT_ERR(file_may_write(path, true), rows[i].e);
		CU_ASSERT_PTR_NOT_NULL(strstr(trouble_of(rows[i].e), rows[i].says));
		ASSERT_ERR(file_write(path, SLICE_EMPTY, 0600, NULL), rows[i].e);
		ASSERT_ERR(start(path, true), rows[i].e);
	}
	ASSERT_ERR(file_may_write("", true), ERR_NOT_FOUND);
	CU_ASSERT_STRING_EQUAL(trouble_of(ERR_NOT_FOUND), "the name of the file is empty");
}

/* Killed in the middle of it: what was there is there, and nothing beside it. */
static void test_killed(void)
{
	const char *dir = test_dir();
	struct dirent **names = NULL;
	char path[160];
	int n, status = 0;
	pid_t child;

	if (!tamper_needs_files())
		return;
	snprintf(path, sizeof(path), "%s/file", dir);
	put(path, "old", 0600);
	child = fork();
	if (child == 0) {
		const struct rlimit none = {0, 0}, small = {2, 2};

		setrlimit(RLIMIT_CORE, &none);
		setrlimit(RLIMIT_FSIZE, &small);
		signal(SIGXFSZ, SIG_DFL);
		_exit(file_write(path, slice_str("new content"), 0600, NULL) ? 1 : 0);
	}
	CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
	CU_ASSERT(holds(path, "old"));
	n = scandir(dir, &names, NULL, alphasort);
	CU_ASSERT_EQUAL(n, 3); /* . and .. and the file */
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

static void test_links(void)
{
	const char *path = at("link");
	char file[160], nowhere[160];

	snprintf(file, sizeof(file), "%s.file", path);
	snprintf(nowhere, sizeof(nowhere), "%s.nowhere", path);
	put(file, "old", 0600);
	CU_ASSERT_FATAL(symlink(file, path) == 0 && symlink("gone", nowhere) == 0);
	put(path, "new", 0600);
	CU_ASSERT_TRUE(S_ISLNK(mode_of(path)));
	CU_ASSERT_TRUE(holds(file, "new"));
	ASSERT_ERR(start(path, false), ERR_EXISTS);
	ASSERT_ERR(start(path, true), ERR_OK);
	CU_ASSERT_TRUE(S_ISLNK(mode_of(path)));
	CU_ASSERT_TRUE(holds(file, ""));
	ASSERT_ERR(file_write(nowhere, SLICE_EMPTY, 0600, NULL), ERR_NO_FILE);
	ASSERT_ERR(start(nowhere, true), ERR_NO_FILE);
	ASSERT_ERR(file_may_write(nowhere, true), ERR_NO_FILE);
}

/* A folder, a socket and another user's file are no place for output. */
static void test_refused(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	const char *dir = test_dir(), *theirs = "/etc/passwd";
	int s = socket(AF_UNIX, SOCK_STREAM, 0);
	mode_t before;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", at("s"));
	CU_ASSERT_FATAL(bind(s, (struct sockaddr *)&a, sizeof(a)) == 0);
	ASSERT_ERR(file_write(a.sun_path, SLICE_EMPTY, 0600, NULL), ERR_NO_FILE);
	CU_ASSERT_TRUE(S_ISSOCK(mode_of(a.sun_path)));
	close(s);
	ASSERT_ERR(file_write(dir, SLICE_EMPTY, 0600, NULL), ERR_NO_FILE);
	ASSERT_ERR(start(dir, true), ERR_NO_FILE);
	ASSERT_ERR(file_may_write(dir, true), ERR_NO_FILE);
	if (geteuid() == 0) {
		theirs = at("theirs");
		put(theirs, "theirs", 0644);
		CU_ASSERT_FATAL(chown(theirs, NOBODY, NOBODY) == 0);
	}
	before = mode_of(theirs);
	ASSERT_ERR(file_write(theirs, SLICE_EMPTY, 0600, NULL), ERR_OWNER);
	ASSERT_ERR(start(theirs, true), ERR_OWNER);
	ASSERT_ERR(file_may_write(theirs, true), ERR_OWNER);
	CU_ASSERT_EQUAL(mode_of(theirs), before);
}

/* A file is replaced as a whole: who has the old one open keeps it. */
static void test_whole(void)
{
	const char *path = at("f");
	char old[160];

	snprintf(old, sizeof(old), "%s.old", path);
	put(path, "old", 0644);
	CU_ASSERT_EQUAL(mode_of(path), S_IFREG | 0644);
	CU_ASSERT_FATAL(link(path, old) == 0);
	put(path, "new", 0600);
	CU_ASSERT_EQUAL(mode_of(path), S_IFREG | 0600);
	CU_ASSERT_TRUE(holds(path, "new") && holds(old, "old"));
	ASSERT_ERR(file_may_write(path, false), ERR_EXISTS);
	ASSERT_ERR(start(path, false), ERR_EXISTS);
	CU_ASSERT_TRUE(holds(path, "new"));
	ASSERT_ERR(start(path, true), ERR_OK);
	CU_ASSERT_TRUE(holds(path, ""));
	CU_ASSERT_EQUAL(mode_of(path), S_IFREG | 0600);
}

/* With standard output and error in files: what went to which. */
static void into_stdout(const char *name, const char *out, const char *err)
{
	int status = -1;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		int o = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
		int e = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		dup2(o, STDOUT_FILENO);
		dup2(e, STDERR_FILENO);
		if (printf("before ") < 0 || file_may_write(name, false) || printf("said ") < 0 ||
		    file_write(name, slice_str("one "), 0600, NULL) ||
		    file_write(name, slice_str("two"), 0600, NULL) || puts("later") < 0)
			_exit(1);
		fflush(NULL);
		_exit(0);
	}
	waitpid(child, &status, 0);
	CU_ASSERT_EQUAL(status, 0);
}

static void test_standard_output(void)
{
	char out[100], err[120];
	const char *const names[] = {"-", "/dev/stdout", "/proc/self/fd/1", out};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(out, sizeof(out), "%s", at("out"));
		snprintf(err, sizeof(err), "%s.err", out);
		into_stdout(names[i], out, err);
		CU_ASSERT_TRUE(holds(out, "before one two"));
		CU_ASSERT_TRUE(holds(err, "said later\n"));
	}
}

/* A socket that is in use is left alone, also when its server has no time to take callers. */
static void test_socket_in_use(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int busy = socket(AF_UNIX, SOCK_STREAM, 0), callers[4];
	struct local_socket s, again;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", at("s"));
	CU_ASSERT_FATAL(bind(busy, (struct sockaddr *)&a, sizeof(a)) == 0);
	CU_ASSERT_FATAL(listen(busy, 1) == 0);
	for (size_t i = 0; i < ARRAY_LEN(callers); i++) {
		callers[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(callers[i], (struct sockaddr *)&a, sizeof(a)))
			CU_ASSERT_EQUAL(errno, EAGAIN);
	}
	ASSERT_ERR(local_listen(a.sun_path, SOCK_STREAM, NULL, &s), ERR_LOCKED);
	ASSERT_ERR(local_listen(a.sun_path, SOCK_DGRAM, NULL, &s),
		   ERR_LOCKED); /* of another type */
	CU_ASSERT_TRUE(S_ISSOCK(mode_of(a.sun_path)));
	for (size_t i = 0; i < ARRAY_LEN(callers); i++)
		close(callers[i]);
	close(busy);
	CU_ASSERT_FATAL(local_listen(a.sun_path, SOCK_DGRAM, NULL, &s) ==
			ERR_OK); /* it is stale now */
	CU_ASSERT_EQUAL(mode_of(a.sun_path), S_IFSOCK | 0600);
	ASSERT_ERR(local_listen(a.sun_path, SOCK_DGRAM, NULL, &again), ERR_LOCKED);
	local_remove(&s);
	CU_ASSERT_EQUAL(mode_of(a.sun_path), 0);
	close(s.fd);
}

/* At the end, only what was made is removed. */
static void test_socket_removed(void)
{
	const char *path = at("s");
	struct local_socket first, second;

	ASSERT_ERR(local_listen(path, SOCK_STREAM, NULL, &first), ERR_OK);
	unlink(path); /* somebody else does */
	ASSERT_ERR(local_listen(path, SOCK_STREAM, NULL, &second), ERR_OK);
	local_remove(&first);
	CU_ASSERT_TRUE(S_ISSOCK(mode_of(path)));
	local_remove(&second);
	CU_ASSERT_EQUAL(mode_of(path), 0);
	put(path, "precious", 0600);
	local_remove(&second);
	CU_ASSERT_TRUE(holds(path, "precious"));
	close(first.fd);
	close(second.fd);
}

static void test_no_socket(void)
{
	const char *path = at("precious");
	char nowhere[160];
	struct local_socket s;

	snprintf(nowhere, sizeof(nowhere), "%s.d/s", path);
	put(path, "precious", 0600);
	ASSERT_ERR(local_listen(path, SOCK_STREAM, NULL, &s), ERR_EXISTS);
	ASSERT_ERR(local_listen(test_dir(), SOCK_STREAM, NULL, &s), ERR_EXISTS);
	ASSERT_ERR(local_listen("/dev/null", SOCK_STREAM, NULL, &s), ERR_EXISTS);
	ASSERT_ERR(local_listen(nowhere, SOCK_STREAM, NULL, &s), ERR_NOT_FOUND);
	CU_ASSERT_TRUE(holds(path, "precious"));
	unlink(path);
	CU_ASSERT_FATAL(symlink("gone", path) == 0);
	ASSERT_ERR(local_listen(path, SOCK_STREAM, NULL, &s), ERR_EXISTS);
}

TEST_SUITE(place, {"devices keep their mode", test_devices}, {"a FIFO", test_fifo},
	   {"what is open", test_open}, {"names and folders", test_names},
	   {"killed while it is written", test_killed}, {"links", test_links},
	   {"what is refused", test_refused}, {"a file is replaced as a whole", test_whole},
	   {"standard output", test_standard_output},
	   {"a socket that is in use", test_socket_in_use}, {"a socket's end", test_socket_removed},
	   {"what is no socket", test_no_socket})
