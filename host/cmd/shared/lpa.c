#include "host/cmd/shared/lpa.h"

#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/open.h"
#include "host/cmd/shared/say.h"
#include "host/terminal/isdr.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/lpa/notify.h"
#include "tool/cli/program.h"

int cmd_lpa_on(struct uicc *u, struct lpa **l)
{
	struct isdr isdr = {.text = cmd_globals.isdr_aid};

	return cmd_isdr_aid(&isdr.aid) ? cmd_fail(isdr_open(u, &isdr, l))
				       : TOOL_USAGE; /* said before */
}

int cmd_lpa_open(struct uicc **u, struct lpa **l)
{
	int code = cmd_open(u);

	if (code)
		return code;
	code = cmd_lpa_on(*u, l);
	return code ? cmd_close(u, code) : TOOL_OK;
}

int cmd_lpa_close(struct uicc **u, struct lpa **l, int code)
{
	lpa_close(l);
	return cmd_close(u, code);
}

void cmd_tell_report(const struct lpa_report *r)
{
	if (r->untold && !tool_json())
		tool_warn("the manager has not been told yet: twinkey notification send");
	if (r->err)
		tool_warn("the notifications stay on the card: %s", err_text(r->err));
	else if (r->kept)
		tool_warn("%u notification%s on the card (later: twinkey notification send): %s",
			  r->kept, r->kept == 1 ? " stays" : "s stay", r->message);
}

static void tell_report(void *ctx, const struct lpa_report *r)
{
	(void)ctx;
	cmd_tell_report(r);
}

struct lpa_delivery cmd_delivery(void)
{
	struct lpa_delivery d = {.network = &cmd_globals.network, .report = tell_report};

	if (!cmd_isdr_aid(&d.isdr_aid))
		d.isdr_aid = SLICE_EMPTY; /* said before */
	return d;
}

void cmd_lpa_report(struct lpa *l)
{
	struct lpa_delivery d = cmd_delivery();

	lpa_deliver(l, &d);
}

void cmd_lpa_retry(void *ctx, unsigned attempt, unsigned attempts, const char *why)
{
	(void)ctx;
	if (!tool_json())
		tool_warn("retrying (try %u of %u): %s", attempt, attempts, why);
}
