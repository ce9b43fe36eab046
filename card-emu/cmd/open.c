/* open: what the subcommands say of a folder that they cannot open, or of what it lacks. */
#include <unistd.h>

#include "card-emu/cmd/cmd.h"
#include "card-emu/store/store.h"
#include "tool/sys/folder.h"
#include "tool/sys/trouble.h"

static int fail_locked(const char *dir)
{
	long holder = store_lock_holder(dir);

	if (holder == getpid())
		return tool_fail_said(ERR_LOCKED, "%s: this card is given twice: leave it out once",
				      dir);
	return holder > 0 ? tool_fail(ERR_LOCKED, "%s (process %ld)", dir, holder)
			  : tool_fail(ERR_LOCKED, "%s", dir);
}

int cmd_fail_open(enum err e, const char *dir)
{
	if (e == ERR_LOCKED)
		return fail_locked(dir);
	if (e == ERR_NOT_FOUND && !*trouble_of(e))
		return tool_fail_said(
			ERR_NO_CARD,
			"there is no card in '%s' (make one with: twinkey-card create)", dir);
	return tool_fail(e, "%s", dir);
}

void cmd_warn_open(const char *dir)
{
	if (*folder_warning())
		tool_warn("%s", folder_warning());
	if (*trouble_text())
		tool_warn("%s: %s", dir, trouble_text());
}
