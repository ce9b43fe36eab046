#include "tests/unit/support/sql_cut.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define TABLES_MAX 16
#define DIED	   57 /* exit code of the process */

/* The system's own, but for the writes; one table for each that it uses. */
static struct methods {
	sqlite3_io_methods own;
	const sqlite3_io_methods *of;
} tables[TABLES_MAX];
static sqlite3_vfs vfs, *real;
static unsigned left; /* writes until death */

static const sqlite3_io_methods *original(const sqlite3_file *f)
{
	return ((const struct methods *)(const void *)f->pMethods)->of;
}

static int cut_write(sqlite3_file *f, const void *data, int n, sqlite3_int64 at)
{
	if (--left == 0) {
		(void)!original(f)->xWrite(f, data, n / 2, at);
		_exit(DIED);
	}
	return original(f)->xWrite(f, data, n, at);
}

/* Nobody waits for the disk: the process dies, not the machine. */
static int cut_sync(sqlite3_file *f, int flags)
{
	(void)f, (void)flags;
	return SQLITE_OK;
}

static int cut_open(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
	int code = real->xOpen(real, name, f, flags, out);

	(void)v;
	if (code || !f->pMethods)
		return code;
	for (size_t i = 0; i < TABLES_MAX; i++) {
		if (!tables[i].of) {
			tables[i].of = f->pMethods;
			tables[i].own = *f->pMethods;
			tables[i].own.xWrite = cut_write;
			tables[i].own.xSync = cut_sync;
		}
		if (tables[i].of == f->pMethods) {
			f->pMethods = &tables[i].own;
			return SQLITE_OK;
		}
	}
	return SQLITE_ERROR;
}

static int run(unsigned nth, bool (*act)(void *ctx), void *ctx)
{
	real = sqlite3_vfs_find(NULL);
	vfs = *real;
	vfs.zName = "cut";
	vfs.xOpen = cut_open;
	left = nth;
	if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
		return 1;
	return act(ctx) ? 0 : 1;
}

bool sql_cut_at(unsigned nth, bool (*act)(void *ctx), void *ctx)
{
	int status = 0;
	pid_t pid = fork();

	CU_ASSERT_FATAL(pid >= 0);
	if (pid == 0)
		_exit(run(nth, act, ctx));
	CU_ASSERT_FATAL(waitpid(pid, &status, 0) == pid);
	CU_ASSERT_FATAL(WIFEXITED(status));
	CU_ASSERT_FATAL(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == DIED);
	return WEXITSTATUS(status) == DIED;
}
