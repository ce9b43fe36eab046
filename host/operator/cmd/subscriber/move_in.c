/* subscriber import: subscribers of another program, out of one of its files */
#include <stdio.h>
#include <string.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/cmd/subscriber/exchange.h"
#include "host/operator/exchange/complete.h"
#include "host/operator/exchange/convert.h"
#include "host/operator/exchange/formats.h"
#include "host/operator/exchange/record.h"
#include "host/operator/store/store.h"
#include "lib/base/secret.h"
#include "lib/base/utf8.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"
#include "tool/sys/cancel.h"
#include "tool/sys/secret_file.h"

static struct {
	const char *from, *second, *iccid_prefix;
	bool dry_run;
} opt;

struct moving {
	const char *path;
	const struct exchange_format *format;
	struct exchange_list list;
	struct exchange_made made;
};

static int read_file(struct moving *m, struct wbuf *text)
{
	enum err e = secret_file_read(m->path, tool_cancel(), text);

	if (e == ERR_SPACE)
		return tool_fail_said(ERR_LENGTH, "'%s' has more than %u MiB: import it in parts",
				      m->path, EXCHANGE_FILE_MAX >> 20);
	return e ? tool_fail(e, "cannot read '%s'", m->path) : TOOL_OK;
}

static int choose_format(struct moving *m, const struct exchange_input *in)
{
	bool sqlite = slice_starts(in->text, SLICE_OF(EXCHANGE_SQLITE_MAGIC));

	if (sqlite && strcmp(m->path, "-") == 0)
		return tool_fail_said(ERR_UNSUPPORTED,
				      "standard input has an SQLite database: name its file, for a "
				      "part of it may stand in another one beside it");
	m->format = opt.from ? exchange_format_named(opt.from) : exchange_format_of(in);
	if (!m->format && opt.from)
		return exchange_usage("--from", opt.from, false);
	if (!m->format || (opt.from && m->format->is_text == sqlite))
		return tool_fail_said(
			ERR_VALUE,
			"'%s' %s: it is none of osmo-hlr's database, JSON of Open5GS, "
			"free5GC or PyHSS, PyHSS's database, or CSV with a column "
			"imsi; or it was cut (docs/moving-in.md)",
			m->path, opt.from ? "is no file of that format" : "is not known");
	return TOOL_OK;
}

static int read_records(struct moving *m)
{
	struct wbuf text = wbuf_grow(EXCHANGE_FILE_MAX);
	struct exchange_input in = {.path = m->path};
	const struct exchange_plan plan = {.second = opt.second, .iccid_prefix = opt.iccid_prefix};
	enum err e = ERR_OK;
	int code = read_file(m, &text);

	in.text = wbuf_slice(&text);
	if (!code)
		code = choose_format(m, &in);
	if (!code) {
		m->list.place = m->format->place;
		e = m->format->read(&in, &m->list);
	}
	wbuf_free(&text);
	if (code)
		return code;
	if (e == ERR_CORRUPT)
		return tool_fail_said(e, "'%s' is no whole database of %s: was it cut?", m->path,
				      m->format->title);
	if (!e)
		e = exchange_complete(&m->list, &plan, &m->made);
	if (e == ERR_VALUE)
		return tool_usage(
			"--second wants same or an IMSI of 6 to 15 digits, --iccid-prefix "
			"2 to 12 digits");
	return e ? tool_fail(e, "cannot read '%s'", m->path) : TOOL_OK;
}

/* Whoever is in the store already is a fault. */
static enum err find_taken(struct operator_store *s, struct exchange_list *l)
{
	static const char why[] = "belongs to a subscriber who is in the store already";
	struct subscriber other;
	uint8_t iccid[PROFILE_ICCID_LEN];
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < l->count; i++) {
		const struct exchange_record *r = &l->records[i];
		bool one = strcmp(r->half[0].imsi, r->half[1].imsi) == 0;

		for (int h = 0; !e && h < (one ? 1 : 2); h++) {
			e = subscriber_by_imsi(s, r->half[h].imsi, &other, NULL);
			if (!e || e == ERR_CORRUPT)
				exchange_fault(l, r->number, h ? "imsi2" : "imsi", why);
			e = e == ERR_NOT_FOUND || e == ERR_CORRUPT ? ERR_OK : e;
		}
		if (!e)
			e = profile_iccid(r->iccid, iccid);
		if (!e) {
			e = subscriber_by_iccid(s, iccid, &other);
			if (!e || e == ERR_CORRUPT)
				exchange_fault(l, r->number, "iccid", why);
			e = e == ERR_NOT_FOUND || e == ERR_CORRUPT ? ERR_OK : e;
		}
	}
	return e;
}

static enum err make_one(void *ctx, size_t i, struct subscriber *sub, struct subscriber_keys *keys)
{
	const struct moving *m = ctx;
	enum err e = cancel_check(tool_cancel());

	return e ? e : exchange_to_store(&m->list.records[i], sub, keys);
}

static int add_all(struct moving *m)
{
	char evidence[160], path[TEXT_LINE_MAX];
	struct exchange_list *l = &m->list;
	const struct subscriber_batch batch = {.count = l->count,
					       .make = make_one,
					       .ctx = m,
					       .evidence = evidence,
					       .now = cmd_now()};
	const size_t notes = l->note_count, faults = l->faults;
	struct operator_store *s = NULL;
	size_t at = l->count;
	enum err e = ERR_OK;
	int code = cmd_store_open(&s);

	if (code)
		return code;
	text_line(slice_str(m->path), path);
	snprintf(evidence, sizeof(evidence), "%zu subscribers of %s from %.*s", l->count,
		 m->format->title, utf8_fit(path, PATH_SAID_MAX), path);
	OPERATOR_TRANSACTION (s, e) {
		l->note_count = notes; /* it may be done again */
		l->faults = faults;
		e = find_taken(s, l);
		if (!e && !l->faults && !opt.dry_run)
			e = subscriber_add_all(s, &batch, &at);
	}
	operator_store_close(&s);
	if (e && at < l->count)
		return tool_fail(e, "'%s', %s %u: nothing was imported", m->path, l->place,
				 l->records[at].number);
	return e ? tool_fail(e, "'%s': nothing was imported", m->path) : TOOL_OK;
}

static int say_faults(const struct moving *m)
{
	const struct exchange_list *l = &m->list;
	char text[EXCHANGE_NOTE_CAP];
	size_t said = 0;

	for (size_t i = 0; i < l->note_count; i++) {
		if (!l->notes[i].is_fault)
			continue;
		exchange_note_text(l, &l->notes[i], text);
		tool_warn("%s", text);
		said++;
	}
	if (said < l->faults)
		tool_warn("and %zu more", l->faults - said);
	return tool_fail_said(
		ERR_VALUE,
		"'%s' has %zu fault%s: nothing was imported; mend the file, and import "
		"it again",
		m->path, l->faults, l->faults == 1 ? "" : "s");
}

static void say_made(const struct moving *m)
{
	const struct exchange_made *n = &m->made;

	tool_say("Made, as the file has none: %zu ICCIDs, %zu second IMSIs, %zu second keys, %zu "
		 "sealing keys, %zu OPc out of OP.",
		 n->iccids, n->second_imsis, n->second_keys, n->sealing_keys, n->opcs);
	tool_say("Each is PROVISIONED: the AuC serves its first key, for limited access, until its "
		 "second key is released.");
	tool_say("A card without the release application (KRA) cannot take that key, and stays on "
		 "limited access: docs/moving-in.md.");
}

static int say_imported(const struct moving *m)
{
	const struct exchange_list *l = &m->list;
	const struct exchange_made *n = &m->made;
	json_t *warnings = json_array();
	char text[EXCHANGE_NOTE_CAP];

	for (size_t i = 0; i < l->note_count; i++) {
		exchange_note_text(l, &l->notes[i], text);
		json_array_append_new(warnings, json_string(text));
		if (!tool_json())
			tool_warn("warning: %s", text);
	}
	if (tool_json()) {
		tool_print_json(json_pack(
			"{s:s, s:I, s:b, s:{s:I, s:I, s:I, s:I, s:I}, s:o}", "format",
			m->format->name, "imported", (json_int_t)(opt.dry_run ? 0 : l->count),
			"dryRun", opt.dry_run, "made", "iccids", (json_int_t)n->iccids,
			"secondImsis", (json_int_t)n->second_imsis, "secondKeys",
			(json_int_t)n->second_keys, "sealingKeys", (json_int_t)n->sealing_keys,
			"opcs", (json_int_t)n->opcs, "warnings", warnings));
		return TOOL_OK;
	}
	json_decref(warnings);
	if (opt.dry_run) {
		tool_say("%zu subscribers of %s would be imported.", l->count, m->format->title);
		return TOOL_OK;
	}
	tool_say("%zu subscribers of %s are imported.", l->count, m->format->title);
	say_made(m);
	return TOOL_OK;
}

static int run_move_in(int argc, char **argv)
{
	struct moving m = {.path = argv[0]};
	int code;

	(void)argc;
	json_set_alloc_funcs(malloc, secret_block_free);
	code = read_records(&m);
	if (!code && !m.list.faults && !m.list.count)
		code = tool_fail_said(ERR_VALUE, "'%s' has no subscriber", m.path);
	if (!code && !m.list.faults)
		code = add_all(&m);
	if (!code)
		code = m.list.faults ? say_faults(&m) : say_imported(&m);
	exchange_list_free(&m.list);
	return code;
}

static const struct tool_option import_options[] = {
	{"from", 0, OPT_STRING, "FORMAT",
	 "osmo-hlr, open5gs, free5gc, pyhss, pyhss-sqlite or csv (default: what it looks like)",
	 &opt.from},
	{"second", 0, OPT_STRING, "same|IMSI",
	 "IMSI of the second subscription: the first one's, or numbers from this one on (default: "
	 "same)",
	 &opt.second},
	{"iccid-prefix", 0, OPT_STRING, "DIGITS",
	 "An ICCID that the file lacks is this, digits of the IMSI and a check digit (default: a "
	 "random one, and those after it)",
	 &opt.iccid_prefix},
	{"dry-run", 0, OPT_FLAG, NULL, "Say what is wrong with the file, and import nothing",
	 &opt.dry_run},
	OPT_END,
};

const struct tool_command cmd_move_in[] = {
	{"subscriber import", "FILE", 1, 1, "Take over the subscribers of another program",
	 "Reads osmo-hlr's database, JSON of Open5GS, free5GC or PyHSS, PyHSS's database, or CSV; "
	 "-\n"
	 "is standard input. All are imported or none: every fault is told. What a file has not "
	 "is\n"
	 "made: second keys, sealing keys, ICCIDs. Sequence numbers go on.",
	 import_options, run_move_in},
};
const size_t cmd_move_in_count = ARRAY_LEN(cmd_move_in);
