#include "host/operator/cmd/shared/no_vector.h"

#include "host/operator/policy/decide.h"
#include "host/operator/store/store.h"
#include "tool/cli/program.h"

/* Of which state, and what comes next. */
int cmd_say_no_vector(struct operator_store *s, const char *imsi, enum err e)
{
	struct subscriber sub;
	int which = 1;

	if (e == ERR_WRONG_STATE && subscriber_by_imsi(s, imsi, &sub, &which) == ERR_OK)
		return tool_fail_said(e,
				      "no vector for IMSI %s, subscription %d of a subscriber that "
				      "is %s: %s",
				      imsi, which, state_name(sub.state), state_step(sub.state));
	if (e == ERR_NOT_FOUND)
		return tool_fail_said(
			e,
			"no vector: no subscriber has IMSI %s (twinkey-operator subscriber list)",
			imsi);
	return tool_fail(e, "no vector for IMSI %s", imsi);
}
