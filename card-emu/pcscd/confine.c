#include "card-emu/pcscd/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>

#include <seccomp.h>

#include "lib/base/bytes.h"

/* A call that fails so; flags: only with one of these in the argument at. */
static const struct denied {
	int call, error;
	uint64_t flags;
	unsigned at;
} denials[] = {
	{SCMP_SYS(mkdir), EEXIST, 0, 0}, /* so that it goes on */
	{SCMP_SYS(mkdirat), EEXIST, 0, 0},
	{SCMP_SYS(open), EACCES, O_CREAT, 1},
	{SCMP_SYS(openat), EACCES, O_CREAT, 2},
	{SCMP_SYS(open), ENOTDIR, O_DIRECTORY, 1},
	{SCMP_SYS(openat), ENOTDIR, O_DIRECTORY, 2},
	{SCMP_SYS(creat), EACCES, 0, 0},
	{SCMP_SYS(unlink), EACCES, 0, 0},
	{SCMP_SYS(unlinkat), EACCES, 0, 0},
	{SCMP_SYS(rename), EACCES, 0, 0},
	{SCMP_SYS(renameat), EACCES, 0, 0},
	{SCMP_SYS(renameat2), EACCES, 0, 0},
	{SCMP_SYS(chmod), EACCES, 0, 0},
	{SCMP_SYS(fchmodat), EACCES, 0, 0},
	{SCMP_SYS(bind), EACCES, 0, 0},
	{SCMP_SYS(listen), EACCES, 0, 0},
};

static int deny(scmp_filter_ctx filter, const struct denied *d)
{
	struct scmp_arg_cmp flags = {
		.arg = d->at, .op = SCMP_CMP_MASKED_EQ, .datum_a = d->flags, .datum_b = d->flags};

	return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((unsigned)d->error), d->call,
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
