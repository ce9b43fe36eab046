/* open: what the subcommands say of a folder that they cannot open. */
#include "card-emu/cmd.h"
#include "card-emu/store/store.h"

int cmd_fail_open(enum err e, const char *dir)
{
	switch (e) {
	case ERR_LOCKED: return tool_fail(e, "%s (process %ld)", dir, store_lock_holder(dir));
	case ERR_NOT_FOUND:
		return tool_fail(e, "there is no card in '%s' (make one with: twinkey-card create)",
				 dir);
	default: return tool_fail(e, "%s", dir);
	}
}
