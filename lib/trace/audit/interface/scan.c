/* scan: SCN, who tries one after the other what a card has */
#include "lib/trace/audit/print.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/place.h"
#include "lib/uicc/fid.h"

#define END   2	 /* octets of an AID in which they differ */
#define TRIES 32 /* different values of a kind that are told apart */

/*
 * From so many different ones on it is a scan. A modem that starts asks for 10 to 20 files and
 * applications that a card need not have, but they are of the standards; a middleware for smart
 * cards tries the AIDs and classes of some 20 kinds of cards, twelve of which OpenSC counts up.
 */
enum {
	MANY_CLASSES = 8,
	MANY_INSTRUCTIONS = 12,
	MANY_APPLICATIONS = 28,
	MANY_ALIKE = 20,    /* that differ from the one before in their last octets alone */
	MANY_FILES = 16,    /* that no standard has */
	MANY_IN_ROW = 12,   /* that count up, found or not ... */
	STRANGE_IN_ROW = 4, /* ... of which so many no standard has, and are not there */
	MANY_SFIS = 12,
	MANY_RECORDS = 8, /* of one file, behind its end */
	MANY_OBJECTS = 16,
	MANY_CLOSED = 16
};

enum {
	SCAN_CLASS,
	SCAN_INSTRUCTION,
	SCAN_APPLICATION,
	SCAN_FILE,
	SCAN_PATH,
	SCAN_SFI,
	SCAN_RECORD,
	SCAN_OBJECT,
	SCAN_CLOSED
};

static const struct finding_rule rules[] = {
	[SCAN_CLASS] =
		RULE("SCN-01", WARNING, "ETSI TS 102 221 10.1.1, 10.2.1.5 (6E00)",
		     "nobody tries which classes a card has",
		     "Class after class is refused by 6E00: a scan for commands that its maker "
		     "left in the card.",
		     "Find out who does it. A card may lock itself after some of them."),
	[SCAN_INSTRUCTION] = RULE("SCN-02", WARNING, "ETSI TS 102 221 10.1.2, 10.2.1.5 (6D00)",
				  "nobody tries which instructions a card has",
				  "Instruction after instruction is refused by 6D00: a scan for "
				  "commands that are in no document, as for tests or for loading.",
				  "Find out who does it; see which ones were not refused."),
	[SCAN_APPLICATION] = RULE("SCN-03", WARNING, "ETSI TS 102 221 11.1.1, ISO 7816-4 8.2.1.2",
				  "nobody tries which applications a card has",
				  "Many different AIDs are asked for that are not there.",
				  "Find out who does it; the list of EF.DIR is the way to know."),
	[SCAN_FILE] =
		RULE("SCN-04", WARNING, "ETSI TS 102 221 8.3, 11.1.1",
		     "nobody tries which files a card has beside the standard's",
		     "Many identifiers are asked for that no standard has, and that are not "
		     "there: a search for files of the operator or of the card's maker.",
		     "Find out who does it; see which ones were found, and whether their access "
		     "rules hold."),
	[SCAN_PATH] = RULE("SCN-05", WARNING, "ETSI TS 102 221 8.4.2, 11.1.1",
			   "nobody tries which paths a card has beside the standard's",
			   "Many paths are asked for that no standard has, and that are not there.",
			   "As for identifiers: find out who does it, and what was found."),
	[SCAN_SFI] = RULE("SCN-06", WARNING, "ETSI TS 102 221 8.4.3, 11.1.3, 11.1.5",
			  "nobody tries which short identifiers a directory has",
			  "Reads by many short identifiers were refused, because there is no such "
			  "file: a way to get at files without selecting them.",
			  "Find out who does it."),
	[SCAN_RECORD] =
		RULE("SCN-07", WARNING, "ETSI TS 102 221 11.1.5",
		     "nobody reads far behind the last record of a file",
		     "Many records of a file were asked for that are not there. A terminal "
		     "knows from the FCP how many there are, and stops at the first refusal.",
		     "Find out who does it; mend a host that does not read the FCP."),
	[SCAN_OBJECT] = RULE("SCN-08", WARNING, "GlobalPlatform 11.3, ISO 7816-4 7.4.2",
			     "nobody tries which data objects a card has",
			     "GET DATA for many tags that the card has not: a search for what its "
			     "maker or issuer keeps there.",
			     "Find out who does it; see which tags were answered."),
	[SCAN_CLOSED] = RULE("SCN-09", WARNING, "ETSI TS 102 221 9, 10.2.1.5 (6982)",
			     "nobody goes from file to file that he may not read or write",
			     "Access to many different files was refused because no PIN or key was "
			     "verified: somebody looks for one that was left open.",
			     "Find out who does it; verify the PIN before files are read."),
};

/* Different values, as fingerprints, up to TRIES of them */
struct tries {
	uint32_t prints[TRIES];
	unsigned count;
	bool told;
	struct audit_spot first;
};

struct scan {
	struct tries classes, instructions, applications, files, paths, sfis, records, objects,
		closed;
	uint32_t file; /* that records are of */
	uint32_t aid;  /* the last one that was refused, but for its end */
	struct tries alike;
	uint16_t fid; /* the last one that was asked for */
	unsigned in_row, strange;
	struct audit_spot row_at;
};

struct limit {
	unsigned rule, many;
	const char *of;
};

static void count_try(struct audit_run *r, const struct audit_step *s, struct tries *t,
		      const struct limit *limit, uint32_t print)
{
	struct audit_spot pair[2];

	for (unsigned i = 0; i < t->count; i++) {
		if (t->prints[i] == print)
			return;
	}
	if (!t->count)
		t->first = s->spot;
	if (t->count < TRIES)
		t->prints[t->count++] = print;
	if (t->count < limit->many || t->told)
		return;
	t->told = true;
	pair[0] = t->first;
	pair[1] = s->spot;
	audit_find_pair(r, &rules[limit->rule], pair, "%u different %s so far", t->count,
			limit->of);
}

static bool is_not_there(uint16_t sw)
{
	switch (sw) {
	case SW_FILE_NOT_FOUND:
	case SW_GSM_NOT_FOUND:
	case SW_FUNCTION_NOT_SUPPORTED:
	case SW_SELECT_FAILED:
	case SW_WRONG_P1P2: return true;
	default: return false;
	}
}

/* AIDs that count up: whoever knows what he looks for has no such list. */
static void take_alike(struct audit_run *r, struct scan *f, const struct audit_step *s)
{
	static const struct limit alike = {SCAN_APPLICATION, MANY_ALIKE, "AIDs that are alike"};
	struct slice aid = s->x->apdu.data;
	uint32_t begin = print_of_octets((uint32_t)aid.len,
					 slice_sub(aid, 0, aid.len < END ? 0 : aid.len - END));

	if (begin != f->aid)
		f->alike = (struct tries){.told = f->alike.told};
	f->aid = begin;
	f->alike.told |= f->applications.told;
	count_try(r, s, &f->alike, &alike, print_of_octets(0, aid));
	f->applications.told |= f->alike.told;
}

static bool is_of_standard(const struct audit_step *s)
{
	const struct place *p = s->item->view.place;

	return s->item->view.ef || (!p->has_ef && place_directory(p) != EF_NOWHERE);
}

/* Identifiers that count up, as the last part of a path, too */
static void take_row(struct audit_run *r, struct scan *f, const struct audit_step *s)
{
	struct slice data = s->x->apdu.data;
	uint16_t fid = (uint16_t)slice_uint(slice_sub(data, data.len < 2 ? 0 : data.len - 2, 2), 2);
	struct audit_spot pair[2] = {f->row_at, s->spot};

	if (f->in_row && fid == f->fid)
		return; /* once more */
	if (!f->in_row || fid != f->fid + 1) {
		f->in_row = f->strange = 0;
		f->row_at = s->spot;
	}
	f->fid = fid;
	f->in_row++;
	f->strange += is_not_there(s->x->sw) && !is_of_standard(s);
	if (f->in_row < MANY_IN_ROW || f->strange < STRANGE_IN_ROW || f->files.told)
		return;
	f->files.told = true;
	audit_find_pair(r, &rules[SCAN_FILE], pair, "%u identifiers so far that count up",
			f->in_row);
}

static void take_select(struct audit_run *r, struct scan *f, const struct audit_step *s)
{
	static const struct limit applications = {SCAN_APPLICATION, MANY_APPLICATIONS, "AIDs"},
				  files = {SCAN_FILE, MANY_FILES, "identifiers"},
				  paths = {SCAN_PATH, MANY_FILES, "paths"};
	const struct apdu *a = &s->x->apdu;
	const struct place *p = s->item->view.place;
	uint32_t print = print_of_octets(0, a->data);

	if (!a->data.len)
		return;
	if (a->p1 != SELECT_AID)
		take_row(r, f, s);
	if (!is_not_there(s->x->sw))
		return;
	if (a->p1 == SELECT_AID) {
		count_try(r, s, &f->applications, &applications, print);
		take_alike(r, f, s);
	} else if (is_of_standard(s)) {
		return;
	} else if (a->p1 == SELECT_PATH_MF || a->p1 == SELECT_PATH_DF) {
		count_try(r, s, &f->paths, &paths, print);
	} else {
		count_try(r, s, &f->files, &files, print_of_octets(p->path[p->depth - 1], a->data));
	}
}

/* TS 102 221 11.1.3, 11.1.5: the short identifier stands in P1, or in the upper bits of P2 */
static unsigned sfi_in(const struct audit_step *s)
{
	const struct apdu *a = &s->x->apdu;

	if (s->id == COMMAND_READ_BINARY)
		return a->p1 & 0x80 ? a->p1 & 0x1F : 0;
	return s->id == COMMAND_READ_RECORD ? a->p2 >> 3 : 0;
}

static void take_read(struct audit_run *r, struct scan *f, const struct audit_step *s)
{
	static const struct limit sfis = {SCAN_SFI, MANY_SFIS, "short identifiers"},
				  records = {SCAN_RECORD, MANY_RECORDS, "records"};
	const struct place *p = s->item->view.place;
	uint32_t file = print_of_octets(sfi_in(s), slice_str(s->item->view.path));
	bool of_records = s->id == COMMAND_READ_RECORD || s->id == COMMAND_GSM_READ_RECORD;

	if (sfi_in(s) && (s->x->sw == SW_FILE_NOT_FOUND || s->x->sw == SW_WRONG_P1P2))
		count_try(r, s, &f->sfis, &sfis, sfi_in(s) << 16 | p->path[p->depth - 1]);
	if (!of_records)
		return;
	if (f->file != file)
		f->records = (struct tries){0};
	f->file = file;
	if (s->x->sw == SW_RECORD_NOT_FOUND || s->x->sw == SW_GSM_OUT_OF_RANGE)
		count_try(r, s, &f->records, &records, s->x->apdu.p1);
}

static bool verifies(const struct audit_step *s)
{
	return s->id < COMMAND_COUNT && command_table[s->id].secret == COMMAND_HIDES_DATA;
}

static void take_refusal(struct audit_run *r, struct scan *f, const struct audit_step *s)
{
	static const struct limit classes = {SCAN_CLASS, MANY_CLASSES, "classes"},
				  instructions = {SCAN_INSTRUCTION, MANY_INSTRUCTIONS,
						  "instructions"},
				  objects = {SCAN_OBJECT, MANY_OBJECTS, "tags"},
				  closed = {SCAN_CLOSED, MANY_CLOSED, "files or ways to them"};
	const struct apdu *a = &s->x->apdu;
	bool gets = s->id == COMMAND_GET_DATA || s->id == COMMAND_ISO_GET_DATA;

	switch (s->x->sw) {
	case SW_CLA_NOT_SUPPORTED: count_try(r, s, &f->classes, &classes, a->cla); break;
	case SW_INS_NOT_SUPPORTED: count_try(r, s, &f->instructions, &instructions, a->ins); break;
	case SW_SECURITY_STATUS:
	case SW_GSM_ACCESS:
		if (s->item->view.place->has_ef && !verifies(s))
			count_try(r, s, &f->closed, &closed,
				  print_of_octets(a->ins, slice_str(s->item->view.path)));
		break;
	default:
		if (gets && s->item->level == STATUS_ERROR)
			count_try(r, s, &f->objects, &objects, (uint32_t)(a->p1 << 8 | a->p2));
		break;
	}
}

static void scan_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct scan *f = state;

	if (!s->x->has_sw || s->x->malformed)
		return;
	switch (s->id) {
	case COMMAND_SELECT:
	case COMMAND_GSM_SELECT: take_select(r, f, s); break;
	case COMMAND_READ_BINARY:
	case COMMAND_READ_RECORD:
	case COMMAND_GSM_READ_RECORD: take_read(r, f, s); break;
	default: break;
	}
	if (!s->good)
		take_refusal(r, f, s);
	else if (verifies(s))
		f->closed = (struct tries){0};
}

const struct audit_family audit_scan = {
	.about = "Scans: who tries what a card has",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct scan),
	.step = scan_step,
};
