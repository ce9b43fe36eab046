/*
 * What SELECT leaves behind: current directory, EF, record pointer and application, after every
 * pair of steps from several beginnings, against a model that knows nothing of the card's code. Its
 * tables of what a file identifier reaches are written by hand, as TS 102 221 table 8.1 and TS
 * 51.011 table 2 are.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/uicc/apdu.h"
#include "tests/unit/support/card_fixture.h"
#include "tests/unit/card/tree_fixture.h"

#define USIM_AID  "a0000000871002ff01"
#define ISIM_AID  "a0000000871004ff01"
#define USIM2_AID "a0000000871002ff02"
#define ISDR_AID  "a0000005591010ffffffff8900000100"
#define KRA_AID	  "f05457494e4b455901"

/* Of the model: "" where there is none. */
struct state {
	char df[32], ef[32];
	unsigned record;
	char app[40]; /* AID */
	char adf[8];
};

/* The applications in the order in which an AID is looked for. */
static const struct {
	const char *aid, *adf;
} applications[] = {
	{ISDR_AID, ""}, {KRA_AID, ""}, {USIM_AID, "7FF0"}, {ISIM_AID, "7FF1"}, {USIM2_AID, "7FF2"}};

/* What a FID reaches from a directory, class 0X; "FID=PATH". 7FFF stands in apply_fid(). */
#define FROM_ANYWHERE "3f00=3F00 "
#define FIRST_LEVEL   "7f10=3F007F10 7f20=3F007F20 7f30=3F007F30 "
#define USIM_FILES                                                                                 \
	"6f07=7FF06F07 6f38=7FF06F38 6f3c=7FF06F3C 6f3d=7FF06F3D 6f80=7FF06F80 6f82=7FF06F82 "     \
	"6f90=7FF06F90 6fa0=7FF06FA0 "
static const struct {
	const char *df, *uicc, *gsm; /* gsm: what class A0 reaches besides */
} reach[] = {
	{"3F00",
	 FROM_ANYWHERE FIRST_LEVEL "2f00=3F002F00 2fe2=3F002FE2 2f05=3F002F05 2f06=3F002F06", ""},
	{"3F007F10", FROM_ANYWHERE FIRST_LEVEL "6f3a=3F007F106F3A 5f50=3F007F105F50", USIM_FILES},
	{"3F007F105F50", FROM_ANYWHERE "4f20=3F007F105F504F20 5f50=3F007F105F50 7f10=3F007F10", ""},
	{"3F007F20",
	 FROM_ANYWHERE FIRST_LEVEL "6f38=3F007F206F38 6f39=3F007F206F39 6fae=3F007F206FAE",
	 USIM_FILES "5f3b=7FF05F3B"},
	{"3F007F30", FROM_ANYWHERE FIRST_LEVEL "6f01=3F007F306F01", ""},
	{"7FF0", FROM_ANYWHERE FIRST_LEVEL USIM_FILES "5f3b=7FF05F3B", ""},
	{"7FF05F3B", FROM_ANYWHERE "4f20=7FF05F3B4F20 5f3b=7FF05F3B", "7f20=3F007F20"},
	{"7FF1", FROM_ANYWHERE FIRST_LEVEL "6f02=7FF16F02", ""},
	{"7FF2", FROM_ANYWHERE FIRST_LEVEL "6f07=7FF26F07", ""},
};

static const struct tree_node *node_of(const char *path)
{
	for (size_t i = 0; i < tree_node_count; i++) {
		if (strcmp(tree_nodes[i].path, path) == 0)
			return &tree_nodes[i];
	}
	return NULL;
}

static bool is_dir(const char *path)
{
	return node_of(path)->kind == UICC_DF;
}

/* The record pointer after an EF was selected. */
static unsigned pointer_of(const char *ef)
{
	return node_of(ef)->kind == UICC_CYCLIC ? 1 : 0;
}

static bool look_up(const char *list, const char *fid, char path[static 32])
{
	char key[8];
	const char *at;

	snprintf(key, sizeof(key), "%s=", fid);
	at = strstr(list, key);
	if (!at)
		return false;
	snprintf(path, 32, "%.*s", (int)strcspn(at + 5, " "), at + 5);
	return true;
}

static void leave_applet(struct state *s)
{
	if (!*s->adf)
		s->app[0] = 0;
}

/* path becomes current, found in directory dir. */
static void go(struct state *s, const char *dir, const char *path)
{
	bool directory = is_dir(path);
	char df[32]; /* dir may be that of the state */

	snprintf(df, sizeof(df), "%s", directory ? path : dir);
	leave_applet(s);
	memcpy(s->df, df, sizeof(df));
	snprintf(s->ef, sizeof(s->ef), "%s", directory ? "" : path);
	s->record = directory ? 0 : pointer_of(path);
}

static uint16_t apply_fid(struct state *s, const char *fid, bool gsm)
{
	char path[32], df[32];

	snprintf(df, sizeof(df), "%s", s->df);
	for (size_t i = 0; i < ARRAY_LEN(reach); i++) {
		if (strcmp(reach[i].df, s->df) != 0)
			continue;
		if (look_up(reach[i].uicc, fid, path) || (gsm && look_up(reach[i].gsm, fid, path)))
			return go(s, df, path), SW_OK;
	}
	if (!gsm && strcmp(fid, "7fff") == 0 && *s->adf) {
		snprintf(path, sizeof(path), "%s", s->adf);
		return go(s, path, path), SW_OK;
	}
	return gsm ? SW_GSM_NOT_FOUND : SW_FILE_NOT_FOUND;
}

/* The path without its last identifier; of an ADF: the MF. */
static bool up(const char *path, char out[static 32])
{
	size_t len = strlen(path);

	if (strcmp(path, "3F00") == 0)
		return false;
	snprintf(out, 32, "%.*s", len == 4 ? 4 : (int)len - 4, len == 4 ? "3F00" : path);
	return true;
}

static uint16_t apply_path(struct state *s, const char *from, const char *rest)
{
	char path[64], dir[32];

	if (strncmp(rest, "7fff", 4) == 0) {
		from = s->adf;
		rest += 4;
	}
	snprintf(path, sizeof(path), "%s", from);
	for (size_t i = 0; rest[i]; i++) {
		size_t n = strlen(path);

		path[n] = rest[i] >= 'a' ? (char)(rest[i] - 'a' + 'A') : rest[i];
		path[n + 1] = 0;
	}
	if (!*from || !node_of(path))
		return SW_FILE_NOT_FOUND;
	if (is_dir(path) || !up(path, dir))
		snprintf(dir, sizeof(dir), "%.31s", path);
	go(s, dir, path);
	return SW_OK;
}

static uint16_t apply_aid(struct state *s, const char *aid, char which, bool end)
{
	int current = -1, hit = -1;

	for (int i = 0; i < (int)ARRAY_LEN(applications); i++) {
		if (strcmp(applications[i].aid, s->app) == 0)
			current = i;
	}
	for (int i = 0; i < (int)ARRAY_LEN(applications); i++) {
		bool first = hit < 0;

		if (strncmp(applications[i].aid, aid, strlen(aid)) != 0)
			continue;
		if ((which == 'f' && first) || which == 'l' ||
		    (which == 'n' && first && i > current) ||
		    (which == 'p' && (current < 0 || i < current)))
			hit = i;
	}
	if (hit < 0)
		return SW_FILE_NOT_FOUND;
	if (end && hit != current)
		return SW_CONDITIONS;
	*s = (struct state){.df = "3F00"};
	if (end)
		return SW_OK;
	snprintf(s->app, sizeof(s->app), "%s", applications[hit].aid);
	if (*applications[hit].adf) {
		snprintf(s->adf, sizeof(s->adf), "%s", applications[hit].adf);
		snprintf(s->df, sizeof(s->df), "%s", s->adf);
	}
	return SW_OK;
}

/* A step's form, and what the model makes of it. */
enum form { FID, FID_GSM, CHILD, PARENT, PATH_MF, PATH_DF, AID, END, SFI_BINARY, SFI_RECORD, MOVE };

struct step {
	enum form form;
	const char *text; /* data; of AID and END with the occurrence in front */
};

static const struct step steps[] = {{FID, "3f00"},
				    {FID, "2f00"},
				    {FID, "2fe2"},
				    {FID, "7f10"},
				    {FID, "7f20"},
				    {FID, "7f30"},
				    {FID, "5f50"},
				    {FID, "5f3b"},
				    {FID, "4f20"},
				    {FID, "6f3a"},
				    {FID, "6f38"},
				    {FID, "6f39"},
				    {FID, "6f07"},
				    {FID, "6f3d"},
				    {FID, "6f80"},
				    {FID, "6f90"},
				    {FID, "6f02"},
				    {FID, "7fff"},
				    {FID, "7ff0"},
				    {FID, "6f01"},
				    {FID, "6f99"},
				    {FID_GSM, "3f00"},
				    {FID_GSM, "2fe2"},
				    {FID_GSM, "7f10"},
				    {FID_GSM, "7f20"},
				    {FID_GSM, "5f50"},
				    {FID_GSM, "5f3b"},
				    {FID_GSM, "4f20"},
				    {FID_GSM, "6f3a"},
				    {FID_GSM, "6f38"},
				    {FID_GSM, "6f39"},
				    {FID_GSM, "6f07"},
				    {FID_GSM, "6f80"},
				    {FID_GSM, "7fff"},
				    {FID_GSM, "7ff0"},
				    {FID_GSM, "6f02"},
				    {FID_GSM, "6f99"},
				    {CHILD, "7f10"},
				    {CHILD, "5f50"},
				    {CHILD, "5f3b"},
				    {CHILD, "2fe2"},
				    {PARENT, ""},
				    {PATH_MF, "7f10"},
				    {PATH_MF, "7f106f3a"},
				    {PATH_MF, "7f105f504f20"},
				    {PATH_MF, "2f00"},
				    {PATH_MF, "7fff6f38"},
				    {PATH_MF, "7fff5f3b4f20"},
				    {PATH_MF, "7fff"},
				    {PATH_MF, "7ff06f38"},
				    {PATH_MF, "7f106f99"},
				    {PATH_DF, "5f50"},
				    {PATH_DF, "5f504f20"},
				    {PATH_DF, "6f38"},
				    {PATH_DF, "5f3b4f20"},
				    {PATH_DF, "7f20"},
				    {AID, "f" USIM_AID},
				    {AID, "f" ISIM_AID},
				    {AID, "fa0000000871002"},
				    {AID, "la0000000871002"},
				    {AID, "na0000000871002"},
				    {AID, "pa0000000871002"},
				    {AID, "na0000000"},
				    {AID, "pa0000000"},
				    {AID, "f" ISDR_AID},
				    {AID, "f" KRA_AID},
				    {AID, "fa0000000871009"},
				    {AID, "l"},
				    {AID, "n"},
				    {END, "f" USIM_AID},
				    {END, "f" ISIM_AID},
				    {END, "f" KRA_AID},
				    {END, "la0000000871002"},
				    {SFI_BINARY, "02"},
				    {SFI_BINARY, "07"},
				    {SFI_BINARY, "01"},
				    {SFI_RECORD, "01"},
				    {SFI_RECORD, "13"},
				    {SFI_RECORD, "20"},
				    {MOVE, "02"},
				    {MOVE, "03"}};

/* The EF with this SFI in the current directory; NULL: none. */
static const struct tree_node *with_sfi(const struct state *s, unsigned sfi)
{
	size_t len = strlen(s->df);

	for (size_t i = 0; i < tree_node_count; i++) {
		const struct tree_node *n = &tree_nodes[i];

		if (n->kind != UICC_DF && n->sfi == sfi && strlen(n->path) == len + 4 &&
		    strncmp(n->path, s->df, len) == 0)
			return n;
	}
	return NULL;
}

static bool has_records(const struct tree_node *n)
{
	return n->kind == UICC_LINEAR || n->kind == UICC_CYCLIC;
}

/* READ RECORD next (2) or previous (3) of the current EF */
static uint16_t apply_move(struct state *s, unsigned mode)
{
	const struct tree_node *n;
	unsigned last;

	if (!*s->ef)
		return SW_NO_EF_SELECTED;
	n = node_of(s->ef);
	if (!has_records(n))
		return SW_COMMAND_INCOMPATIBLE;
	last = n->records;
	if (n->kind == UICC_LINEAR && s->record == (mode == 2 ? last : 1))
		return SW_RECORD_NOT_FOUND;
	if (mode == 2)
		s->record = s->record % last + 1;
	else
		s->record = s->record > 1 ? s->record - 1 : last;
	return SW_OK;
}

static uint16_t apply_sfi(struct state *s, unsigned sfi, bool records)
{
	const struct tree_node *n = with_sfi(s, sfi);

	if (!n)
		return SW_FILE_NOT_FOUND;
	go(s, s->df, n->path);
	if (has_records(n) != records)
		return SW_COMMAND_INCOMPATIBLE;
	return records ? apply_move(s, 2) : SW_OK;
}

/* While an applet is selected, its channel knows no file commands. */
static bool applet(const struct state *s)
{
	return *s->app && !*s->adf;
}

static uint16_t apply(struct state *s, const struct step *step)
{
	char path[32], df[32];
	struct state before = *s;
	uint16_t sw = SW_OK;

	snprintf(df, sizeof(df), "%s", s->df);
	switch (step->form) {
	case FID: return apply_fid(s, step->text, false);
	case FID_GSM: return apply_fid(s, step->text, true);
	case CHILD:
		sw = apply_path(s, df, step->text);
		if (sw == SW_OK && *s->ef) {
			*s = before;
			sw = SW_FILE_NOT_FOUND;
		}
		return sw;
	case PARENT:
		if (!up(df, path))
			return SW_FILE_NOT_FOUND;
		go(s, path, path);
		return SW_OK;
	case PATH_MF: return apply_path(s, "3F00", step->text);
	case PATH_DF: return apply_path(s, df, step->text);
	case AID: return apply_aid(s, step->text + 1, *step->text, false);
	case END: return apply_aid(s, step->text + 1, *step->text, true);
	case SFI_BINARY:
	case SFI_RECORD:
		if (applet(s))
			return SW_INS_NOT_SUPPORTED;
		return apply_sfi(s, (unsigned)atoi(step->text), step->form == SFI_RECORD);
	case MOVE:
		return applet(s) ? SW_INS_NOT_SUPPORTED : apply_move(s, (unsigned)atoi(step->text));
	}
	return sw;
}

/* The step as a command on this channel. */
static void write_command(const struct step *step, unsigned channel, char out[static 96])
{
	static const char occurrences[] = "flnp";
	const char *text = step->text;
	unsigned len = (unsigned)strlen(text) / 2, p2;
	unsigned number = (unsigned)atoi(text);

	switch (step->form) {
	case FID: snprintf(out, 96, "%02xa4000c02%s", channel, text); break;
	case FID_GSM: snprintf(out, 96, "a0a4000002%s", text); break;
	case CHILD: snprintf(out, 96, "%02xa4010c02%s", channel, text); break;
	case PARENT: snprintf(out, 96, "%02xa4030c00", channel); break;
	case PATH_MF: snprintf(out, 96, "%02xa4080c%02x%s", channel, len, text); break;
	case PATH_DF: snprintf(out, 96, "%02xa4090c%02x%s", channel, len, text); break;
	case AID:
	case END:
		p2 = (unsigned)(strchr(occurrences, *text) - occurrences);
		p2 |= step->form == END ? 0x4C : 0x0C;
		len = (unsigned)strlen(text + 1) / 2;
		snprintf(out, 96, "%02xa404%02x%02x%s", channel, p2, len, text + 1);
		break;
	case SFI_BINARY: snprintf(out, 96, "%02xb0%02x0001", channel, 0x80 | number); break;
	case SFI_RECORD:
		snprintf(out, 96, "%02xb200%02x00", channel, (number << 3 | 2) & 0xFF);
		break;
	case MOVE: snprintf(out, 96, "%02xb200%02x00", channel, number); break;
	}
}

/* Sends, with the right length when the card names it; what came last, "" when it is good. */
static const char *send(struct card *card, const char *command)
{
	char again[96];
	const char *got = fixture_send(card, command);

	if (strncmp(got, "6c", 2) != 0)
		return got;
	snprintf(again, sizeof(again), "%.8s%.2s", command, got + 2);
	return fixture_send(card, again);
}

static uint16_t sw_of(const char *response)
{
	size_t n = strlen(response);

	return (uint16_t)strtoul(response + n - 4, NULL, 16);
}

/* What happened until now, for the message of a failure. */
static char story[2048];

static void differ(const char *what, const char *got, const char *want)
{
	fprintf(stderr, "\n%s: %s: got %s, want %s\n", story, what, got, want);
	CU_FAIL("the card and the model differ");
}

static void expect_status(struct card *card, const struct state *s, unsigned channel)
{
	char command[96], want[64];
	const struct tree_node *n = node_of(s->df);
	const char *got;

	snprintf(command, sizeof(command), "%02xf2000000", 0x80 | channel);
	got = send(card, command);
	if (strlen(s->df) == 4 && strcmp(s->df, "3F00") != 0)
		snprintf(want, sizeof(want), "8409%s", n->content);
	else
		snprintf(want, sizeof(want), "8302%.4s", s->df + strlen(s->df) - 4);
	for (char *c = want; *c; c++)
		*c = *c >= 'A' && *c <= 'F' ? (char)(*c - 'A' + 'a') : *c;
	if (!strstr(got, want))
		differ("directory", got, want);
	snprintf(command, sizeof(command), "%02xf2000100", 0x80 | channel);
	got = send(card, command);
	snprintf(want, sizeof(want), "84%02x%s9000", (unsigned)strlen(s->app) / 2, s->app);
	if (*s->app ? strcmp(got, want) != 0 : strcmp(got, "6985") != 0)
		differ("application", got, *s->app ? want : "6985");
}

/* Its first octet tells which EF is current; of records, which is. */
static void expect_ef(struct card *card, const struct state *s, unsigned channel)
{
	const struct tree_node *n = *s->ef ? node_of(s->ef) : NULL;
	char command[96], want[64];
	const char *got;

	snprintf(command, sizeof(command), "%02xb0000001", channel);
	snprintf(want, sizeof(want), "%.2s9000", n ? n->content : "");
	if (!n)
		snprintf(want, sizeof(want), "6986");
	else if (n->kind != UICC_TRANSPARENT)
		snprintf(want, sizeof(want), "6981");
	got = send(card, command);
	if (strcmp(got, want) != 0)
		differ("EF", got, want);
	if (!n || !has_records(n))
		return;
	snprintf(command, sizeof(command), "%02xb2000400", channel);
	got = send(card, command);
	snprintf(want, sizeof(want), "%.*s9000", 2 * n->record_len,
		 n->content + (s->record ? 2 * n->record_len * (s->record - 1) : 0));
	if (!s->record)
		snprintf(want, sizeof(want), "6a83");
	if (strcmp(got, want) != 0)
		differ("record", got, want);
}

static void probe(struct card *card, const struct state *s, unsigned channel)
{
	char verify[32];

	snprintf(verify, sizeof(verify), "%02x2000010831323334ffffffff", channel);
	if (!applet(s) && strcmp(fixture_send(card, verify), "9000") != 0)
		CU_FAIL("PIN");
	expect_status(card, s, channel);
	if (!applet(s))
		expect_ef(card, s, channel);
}

static void take(struct card *card, struct state *s, const struct step *step, unsigned channel)
{
	char command[96];
	uint16_t want = apply(s, step), got;
	size_t n = strlen(story);

	write_command(step, channel, command);
	snprintf(story + n, sizeof(story) - n, "%s ", command);
	got = sw_of(send(card, command));
	if (step->form == FID_GSM && want == SW_OK)
		got = (got & 0xFF00) == SW_GSM_RESPONSE ? SW_OK : got;
	if (got != want) {
		char a[8], b[8];

		snprintf(a, sizeof(a), "%04x", got);
		snprintf(b, sizeof(b), "%04x", want);
		differ("status word", a, b);
	}
}

static void begin(struct card *card, struct state *s)
{
	card_reset(card);
	*s = (struct state){.df = "3F00"};
	story[0] = 0;
	fixture_send(card, "002000010831323334ffffffff");
}

/* Every pair of steps, from the reset and from places that a step or two do not reach. */
static void pairs(void)
{
	static const struct step starts[][3] = {
		{{FID, "3f00"}, {FID, "3f00"}, {FID, "3f00"}},
		{{AID, "f" USIM_AID}, {FID, "6f3d"}, {MOVE, "02"}},
		{{AID, "f" USIM_AID}, {FID, "5f3b"}, {FID, "4f20"}},
		{{AID, "f" ISIM_AID}, {FID, "7f10"}, {FID, "5f50"}},
		{{FID_GSM, "7f20"}, {FID_GSM, "6f80"}, {MOVE, "02"}},
		{{AID, "f" USIM_AID}, {FID_GSM, "7f20"}, {FID_GSM, "5f3b"}},
		{{AID, "f" KRA_AID}, {AID, "f" KRA_AID}, {AID, "f" KRA_AID}},
	};
	struct card *card = tree_card();
	unsigned count = 0, failed = CU_get_number_of_failures();

	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		for (size_t a = 0; a < ARRAY_LEN(steps); a++) {
			for (size_t b = 0; b < ARRAY_LEN(steps); b++) {
				struct state s;

				begin(card, &s);
				for (size_t k = 0; k < ARRAY_LEN(starts[i]); k++)
					take(card, &s, &starts[i][k], 0);
				take(card, &s, &steps[a], 0);
				take(card, &s, &steps[b], 0);
				probe(card, &s, 0);
				count++;
				if (CU_get_number_of_failures() > failed + 20)
					goto out;
			}
		}
	}
	printf("(%u pairs) ", count);
out:
	card_close(&card);
}

static void open_channel(struct card *card, const char *command, const char *want)
{
	const char *got = fixture_send(card, command);

	if (strcmp(got, want) != 0)
		differ("channel", got, want);
}

static bool of_class_gsm(const struct step *s)
{
	return s->form == FID_GSM;
}

/* A channel that another opens, after each pair of steps there: it begins in that directory, with
 * that ADF; one that the basic channel opens begins in the MF. What it does leaves the other. */
static void channels(void)
{
	struct card *card = tree_card();
	unsigned failed = CU_get_number_of_failures();

	for (size_t a = 0; a < ARRAY_LEN(steps); a++) {
		for (size_t b = 0; b < ARRAY_LEN(steps); b++) {
			struct state s, fresh, mf = {.df = "3F00"};

			if (of_class_gsm(&steps[a]) || of_class_gsm(&steps[b]))
				continue;
			begin(card, &s);
			open_channel(card, "0070000001", "019000");
			take(card, &s, &steps[a], 1);
			take(card, &s, &steps[b], 1);
			open_channel(card, "0170000001", "029000");
			open_channel(card, "0070000001", "039000");
			fresh = s;
			fresh.ef[0] = 0;
			fresh.record = 0;
			leave_applet(&fresh);
			probe(card, &fresh, 2);
			probe(card, &mf, 3);
			take(card, &mf, &(const struct step){PATH_MF, "7f106f3a"}, 3);
			probe(card, &mf, 3);
			probe(card, &s, 1);
			if (CU_get_number_of_failures() > failed + 20)
				goto out;
		}
	}
out:
	card_close(&card);
}

/* Long walks over four channels, each in a state of its own; every step is followed by a look at
 * one of them. The order is the same each time. */
static void walks(void)
{
	enum { WALKS = 1500, LENGTH = 24, CHANNELS = 4 };
	struct card *card = tree_card();
	unsigned failed = CU_get_number_of_failures();
	uint32_t random = 1;

	for (unsigned i = 0; i < WALKS && CU_get_number_of_failures() <= failed; i++) {
		struct state s[CHANNELS];

		begin(card, &s[0]);
		for (unsigned c = 1; c < CHANNELS; c++) {
			char want[16];

			snprintf(want, sizeof(want), "%02x9000", c);
			open_channel(card, "0070000001", want);
			s[c] = (struct state){.df = "3F00"};
		}
		for (unsigned k = 0; k < LENGTH; k++) {
			const struct step *step;
			unsigned channel;

			random = random * 1664525u + 1013904223u;
			step = &steps[(random >> 8) % ARRAY_LEN(steps)];
			channel = of_class_gsm(step) ? 0 : random >> 30;
			take(card, &s[channel], step, channel);
			channel = (random >> 4) % CHANNELS;
			probe(card, &s[channel], channel);
		}
	}
	card_close(&card);
}

/* A profile without DF.GSM: class A0 finds the USIM's ADF in its place (TS 51.011 6.5). */
static void usim_as_gsm(void)
{
	static const char *const exchanges[][2] = {
		{"a0a40000027f20", "9f16"},
		{"a0c0000016", "000000007f200200000000000931010f0400838a838a9000"},
		{"a0a40000026f07", "9f0f"},
		{"a0f2000016", "000000007f200200000000000931010f0400838a838a9000"},
		{"a0a40000027f20", "9f16"},
		{"a02000010831323334ffffffff", "9000"},
		{"a0a40000025f3b", "9f16"},
		{"a0a40000022fe2", "9404"},
		{"a08800001023553cbe9637a89d218ae64dae47bf35", "9f0c"},
		{"a0a40000027f20", "9f16"},
		{"a0a40000022fe2", "9404"},
		{"a0a40000027f10", "9f16"},
		{"a0a40000026f07", "9f0f"},
		{"a0a40000025f3b", "9404"},
		{"a0a40000027f20", "9f16"},
		{"a0a40000023f00", "9f16"},
		{"a0a40000022fe2", "9f0f"},
	};
	struct card *card = tree_card_without("3F007F20");

	for (size_t i = 0; i < ARRAY_LEN(exchanges); i++)
		ASSERT_APDU(card, exchanges[i][0], exchanges[i][1]);
	card_close(&card);
}

TEST_SUITE(select_pairs, {"the USIM as DF.GSM", usim_as_gsm}, {"long walks over channels", walks},
	   {"every pair of steps", pairs}, {"a channel after every pair of steps", channels})
