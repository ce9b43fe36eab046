#include "card-emu/store/journal_damage.h"

#include <inttypes.h>
#include <stdio.h>

#include "card-emu/store/head.h"
#include "card-emu/store/journal_report.h"
#include "tool/sys/trouble.h"

enum err damage_start(void)
{
	return trouble_set(
		ERR_CORRUPT,
		"'journal' does not begin as a card's journal does: restore the whole folder "
		"from a copy, or create the card anew");
}

enum err damage_key(void)
{
	return trouble_set(
		ERR_CORRUPT,
		"'storage.key' does not open 'journal', or the journal has lost its beginning: "
		"restore the whole folder from a copy, or create the card anew");
}

bool damage_no_head(void)
{
	trouble_set(ERR_CORRUPT,
		    "'head' is missing: nothing tells whether the journal has lost its end");
	return false;
}

bool damage_other_head(const struct head *h, bool anchor)
{
	const char *name = anchor ? "the anchor" : "'head'";

	if (!head_newest(h))
		trouble_set(ERR_CORRUPT, "%s is damaged, or of another card", name);
	else if (anchor)
		trouble_set(ERR_CORRUPT,
			    "the folder is older than its anchor, or was used without it");
	else
		trouble_set(ERR_CORRUPT,
			    "'journal' is an older copy, or from another folder: 'head' tells of a "
			    "newer one");
	return false;
}

bool damage_broken(const struct journal_report *r)
{
	trouble_set(ERR_CORRUPT,
		    "'journal' is broken behind commit %" PRIu64
		    ": a record is missing, changed, or in a wrong place",
		    r->number);
	return false;
}

bool damage_behind(const struct journal_report *r, const struct head_point *p, bool anchor)
{
	const char *what =
		anchor ? "the folder is older than its anchor" : "'journal' is cut short";

	if (p->number > r->number)
		trouble_set(ERR_CORRUPT,
			    "%s: it ends at commit %" PRIu64 ", and %" PRIu64 " was made", what,
			    r->number, p->number);
	else
		trouble_set(ERR_CORRUPT, "%s says another commit %" PRIu64 " than 'journal' has",
			    anchor ? "the anchor" : "'head'", p->number);
	return false;
}

bool damage_half_head(bool anchor)
{
	trouble_set(ERR_CORRUPT,
		    "%s is damaged: it may have told of a commit that 'journal' has no more",
		    anchor ? "the anchor" : "'head'");
	return false;
}

bool damage_old_format(const struct head *h, const struct head *anchor)
{
	/* The first head is written when the folder is brought up: that may have been cut short. */
	if ((!h || head_serial(h) <= 1) && (!anchor || head_serial(anchor) <= 1))
		return true;
	trouble_set(ERR_CORRUPT, "'journal' is a copy of the time before 'head' was made");
	return false;
}

void damage_advise(bool sync, bool recover)
{
	char said[512];

	snprintf(said, sizeof(said), "%s", trouble_text());
	if (recover)
		trouble_set(
			ERR_CORRUPT,
			"%s. What was committed behind that is lost: sequence numbers and PIN "
			"tries are what they were then; the old file is kept as journal.damaged",
			said);
	else if (sync)
		trouble_set(ERR_CORRUPT,
			    "%s. A card that is written through does not lose that by a power "
			    "cut: restore the whole folder from a copy, or give up what is missing "
			    "(twinkey-card run --recover, without --sync)",
			    said);
	else
		trouble_set(ERR_CORRUPT,
			    "%s. Restore the whole folder from a copy, or give up what is missing: "
			    "twinkey-card run --recover",
			    said);
}
