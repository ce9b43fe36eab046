#include "card-emu/pcscd/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>

#include <seccomp.h>

#include "lib/base/bytes.h"

/*
 * A call that fails so; flags: only with one of these in the argument at. By name: the library
 * knows calls that the headers of this machine do not, and the other way round.
 */
static const struct denied {
	const char *call;
	int error;
	uint64_t flags;
	unsigned at;
} denials[] = {
	{"mkdir", EEXIST, 0, 0}, /* so that it goes on */
	{"mkdirat", EEXIST, 0, 0},
	{"open", EACCES, O_CREAT, 1},
	{"openat", EACCES, O_CREAT, 2},
	{"open", ENOTDIR, O_DIRECTORY, 1},
	{"openat", ENOTDIR, O_DIRECTORY, 2},
	{"openat2", ENOSYS, 0, 0}, /* its flags are behind a pointer; who calls it knows openat */
	{"creat", EACCES, 0, 0},
	{"mknod", EACCES, 0, 0},
	{"mknodat", EACCES, 0, 0},
	{"link", EACCES, 0, 0},
	{"linkat", EACCES, 0, 0},
	{"symlink", EACCES, 0, 0},
	{"symlinkat", EACCES, 0, 0},
	{"unlink", EACCES, 0, 0},
	{"unlinkat", EACCES, 0, 0},
	{"rmdir", EACCES, 0, 0},
	{"rename", EACCES, 0, 0},
	{"renameat", EACCES, 0, 0},
	{"renameat2", EACCES, 0, 0},
	{"chmod", EACCES, 0, 0},
	{"fchmodat", EACCES, 0, 0},
	{"fchmodat2", ENOSYS, 0, 0},
	{"chown", EACCES, 0, 0},
	{"lchown", EACCES, 0, 0},
	{"fchownat", EACCES, 0, 0},
	{"truncate", EACCES, 0, 0},
	{"bind", EACCES, 0, 0},
	{"listen", EACCES, 0, 0},
	{"io_uring_setup", ENOSYS, 0, 0}, /* a way around all of these */
};

static int deny(scmp_filter_ctx filter, const struct denied *d)
{
	struct scmp_arg_cmp flags = {
		.arg = d->at, .op = SCMP_CMP_MASKED_EQ, .datum_a = d->flags, .datum_b = d->flags};

	int call = seccomp_syscall_resolve_name(d->call);

	if (call == __NR_SCMP_ERROR) /* younger than the library */
		return 0;
	return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((unsigned)d->error), call,
				      d->flags ? 1 : 0, &flags);
}

enum err confine_pcscd(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = filter ? 0 : -ENOMEM;

	for (size_t i = 0; i < ARRAY_LEN(denials) && !r; i++)
		r = deny(filter, &denials[i]);
	if (!r)
		r = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return r ? ERR_UNSUPPORTED : ERR_OK;
}
