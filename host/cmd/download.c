/* profile download, and load, its other name */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/lpa.h"
#include "tool/cli/prompt.h"
#include "host/cmd/shared/say.h"
#include "host/terminal/lpa/download.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/lpa/notify.h"
#include "host/terminal/uicc.h"
#include "lib/profile/services.h"
#include "lib/rsp/activation.h"
#include "lib/rsp/es10a.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es8p.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"
#include "tool/sys/secret_file.h"
#include "tool/sys/trouble.h"

#define SMDP_ADDRESS	"testsmdpplus1.example.com"
#define RETRIES		2
#define RETRIES_MAX	100
#define BACKOFF_MS	1000
#define CONSENT_WAIT_MS 300000
#define CAPABILITY_BITS 32
#define ANSWER_MAX	16

static struct {
	const char *matching_id, *address, *code_file, *imei;
	unsigned retries;
	bool yes;
} opt = {.retries = RETRIES};

static void on_step(void *ctx, unsigned step, unsigned steps, const char *what)
{
	(void)ctx;
	tool_progress(step, steps, "%s", what);
}

/* A line that is written over; only where there is somebody to see it. */
static void on_segment(void *ctx, unsigned segments, size_t bytes, size_t total)
{
	(void)ctx;
	if (tool_json() || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r    %zu of %zu octets, segment %u%s", bytes, total, segments,
		bytes == total ? "\n" : "");
}

static void show_offer(const struct es8p_metadata *m)
{
	char iccid[CMD_ICCID_TEXT], name[TEXT_LINE_MAX], provider[TEXT_LINE_MAX];

	cmd_iccid_text(m->iccid, iccid);
	tool_say("The manager offers this profile:\n"
		 "    name      %s\n"
		 "    provider  %s\n"
		 "    ICCID     %s",
		 text_line(m->profile_name, name), text_line(m->service_provider, provider), iccid);
	if (m->has_ppr && m->ppr & RSP_PPR1)
		tool_say("    Its policy rules: once enabled it cannot be disabled.");
	if (m->has_ppr && m->ppr & RSP_PPR2)
		tool_say("    Its policy rules: it cannot be deleted.");
}

/* Who runs this without a terminal, or with --yes, has said yes by running it. */
static enum lpa_consent on_offer(void *ctx, const struct lpa_offer *offer)
{
	uint8_t octets[ANSWER_MAX];
	struct wbuf line = wbuf_init(octets, sizeof(octets));
	enum err e;

	(void)ctx;
	show_offer(offer->metadata);
	if (offer->strong && !opt.yes && (tool_json() || !isatty(STDIN_FILENO))) {
		tool_warn("its policy rules bind: give --yes to install it");
		return LPA_POSTPONE;
	}
	if (opt.yes || tool_json() || !isatty(STDIN_FILENO))
		return LPA_ACCEPT;
	e = tool_prompt("Install it? [y]es, [n]o and end the order, [l]ater: ", false,
			CONSENT_WAIT_MS, &line);
	if (e)
		return e == ERR_TIMEOUT ? LPA_CONSENT_TIMEOUT : LPA_POSTPONE;
	switch (slice_at(wbuf_slice(&line), 0)) {
	case 'y':
	case 'Y': return LPA_ACCEPT;
	case 'n':
	case 'N': return LPA_REJECT;
	default: return LPA_POSTPONE;
	}
}

static enum err on_confirmation_code(void *ctx, struct wbuf *code)
{
	const char *env = getenv("TWINKEY_CONFIRMATION_CODE");
	enum err e = ERR_OK;

	(void)ctx;
	if (opt.code_file) {
		e = secret_file_read(opt.code_file, tool_cancel(), code);
		if (e)
			tool_warn("%s: %s", opt.code_file,
				  *trouble_of(e) ? trouble_of(e) : err_text(e));
	} else if (env) {
		wbuf_put(code, slice_str(env));
	} else if (!tool_json() && isatty(STDIN_FILENO)) {
		e = tool_prompt("Confirmation code: ", true, CONSENT_WAIT_MS, code);
	} else {
		tool_warn("give --confirmation-code-file FILE or TWINKEY_CONFIRMATION_CODE");
	}
	while (!e && code->len && strchr("\r\n", code->ptr[code->len - 1]))
		wbuf_cut(code, code->len - 1);
	return e ? e : wbuf_done(code);
}

/* Also after a failure: the result of an installation that failed, or what an earlier run left. */
static struct lpa_report send_reports(struct lpa *l, const struct es9p_network *net)
{
	struct lpa_report report = {0};
	enum err e = lpa_send_notifications(l, net, &report);

	if (e || report.kept)
		tool_warn("a notification stays on the card (later: twinkey notification send): %s",
			  e ? err_text(e) : report.message);
	return report;
}

/* Neither card nor manager is out of reach, and the user hasn't had enough. */
static bool can_report(enum err e)
{
	return e == ERR_OK || e == ERR_REFUSED || e == ERR_EXISTS;
}

/*
 * What the eUICC does not announce, where that is why something is not in use: the report names an
 * element alone, and the package is encrypted.
 */
static void tell_missing(struct lpa *l)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10b_euicc_info2 info;
	char line[512] = "";
	size_t n = 0;

	enum err e = lpa_info2(l, &der, &info);

	for (unsigned bit = 0; !e && bit < CAPABILITY_BITS; bit++) {
		const struct service_row *row = service_of_bit(bit);

		if (row && !(info.uicc_capability & RSP_BIT(bit)) &&
		    n + strlen(row->name) + 3 < sizeof(line))
			n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s", n ? ", " : "",
					      row->name);
	}
	if (n)
		tool_say("    this eUICC does not have, of what a profile can need: %s", line);
	wbuf_free(&der);
}

static bool is_missing(uint16_t status)
{
	return status == PE_NOT_SUPPORTED || status == PE_RUNTIME_NOT_SUPPORTED ||
	       status == PE_LIB_NOT_SUPPORTED || status == PE_TEMPLATE_NOT_SUPPORTED ||
	       status == PE_FEATURE_NOT_SUPPORTED;
}

/* What of the profile is not there, or not in use. */
static json_t *tell_notes(struct lpa *l, const struct lpa_loaded *loaded)
{
	json_t *list = json_array();
	bool missing = false;

	for (size_t i = 0; i < loaded->note_count; i++) {
		const struct pe_note *note = &loaded->notes[i];
		char what[32] = "the header";

		if (note->has_id)
			snprintf(what, sizeof(what), "element %u", note->id);
		missing = missing || is_missing(note->status);
		tool_say("    not all of %s is in use: %s (PEStatus %u)", what,
			 pe_status_text(note->status), note->status);
		json_array_append_new(
			list, json_pack("{s:i, s:o*}", "status", (int)note->status, "element",
					note->has_id ? json_integer(note->id) : NULL));
	}
	if (missing && !tool_json())
		tell_missing(l);
	return list;
}

static int download(struct lpa *l, struct lpa_download *d)
{
	struct lpa_loaded loaded;
	char iccid[CMD_ICCID_TEXT];
	struct lpa_report report = {0};
	json_t *notes = NULL;
	enum err e = lpa_download(l, d, &loaded);
	int code = TOOL_OK;

	if (e) {
		code = cmd_fail(lpa_failure(l, e, "profile download"));
	} else {
		cmd_iccid_text(SLICE_OF(loaded.iccid), iccid);
		tool_say(
			"%s loaded: %zu octets in %u pieces (enable it: twinkey profile enable %s)",
			iccid, loaded.bytes, loaded.segments, iccid);
		notes = tell_notes(l, &loaded);
	}
	if (can_report(e))
		report = send_reports(l, d->network);
	if (!e && tool_json())
		tool_print_json(json_pack(
			"{s:s, s:i, s:I, s:i, s:i, s:i, s:O}", "iccid", iccid, "segments",
			(int)loaded.segments, "bytes", (json_int_t)loaded.bytes, "attempts",
			(int)loaded.attempts, "notificationsSent", (int)report.sent,
			"notificationsKept", (int)report.kept, "notes", notes));
	json_decref(notes);
	return code;
}

/* The way that the eUICC itself knows: its default SM-DP+ (SGP.22 3.1.3, without a code). */
static int default_address(struct lpa *l, struct activation *a)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10a_configured_addresses addresses = {0};
	enum err e = lpa_addresses(l, &der, &addresses);
	struct slice dp = activation_trim(addresses.default_dp);
	int code = TOOL_OK;

	if (e)
		code = cmd_fail(lpa_failure(l, e, "the eUICC's addresses"));
	else if (!dp.len)
		code = tool_usage("give an activation code, or --matching-id; the eUICC has no "
				  "default SM-DP+");
	else if (slice_text(dp, a->address, sizeof(a->address)))
		code = tool_fail_said(ERR_LENGTH, "the eUICC's default SM-DP+ is too long for a "
						  "host name: set another by chip default-smdp");
	wbuf_free(&der);
	return code;
}

static int take_arguments(int argc, char **argv, struct activation *a)
{
	const char *why = "";

	if (argc && (opt.matching_id || opt.address))
		return tool_usage("the activation code says the address and the matching id");
	if (opt.retries > RETRIES_MAX)
		return tool_usage("--retries takes at most %d", RETRIES_MAX);
	if (argc) {
		enum err e = activation_parse(argv[0], a, &why);

		return e ? tool_usage("'%s' is no activation code: %s", argv[0], why) : TOOL_OK;
	}
	if (!opt.matching_id && !opt.address)
		return TOOL_OK; /* the eUICC's default address */
	if (opt.address && !activation_is_address(slice_str(opt.address)))
		return tool_usage("'%s' is no host name", opt.address);
	if ((opt.address && strlen(opt.address) >= sizeof(a->address)) ||
	    (opt.matching_id && strlen(opt.matching_id) >= sizeof(a->matching_id)))
		return tool_usage("the address or the matching id is too long");
	snprintf(a->address, sizeof(a->address), "%s", opt.address ? opt.address : SMDP_ADDRESS);
	snprintf(a->matching_id, sizeof(a->matching_id), "%s",
		 opt.matching_id ? opt.matching_id : "");
	return TOOL_OK;
}

/* 15 or 16 digits in swapped nibbles (TS 23.003 6.2, SGP.22 4.2) */
static bool take_imei(const char *text, uint8_t imei[static LPA_IMEI_LEN])
{
	struct wbuf w = wbuf_init(imei, LPA_IMEI_LEN);
	size_t n = strlen(text);

	if ((n != 15 && n != 16) || strspn(text, "0123456789") != n)
		return false;
	for (size_t i = 0; i < n; i += 2)
		wbuf_u8(&w, (uint8_t)((i + 1 < n ? text[i + 1] - '0' : 15) << 4 | (text[i] - '0')));
	return !wbuf_done(&w);
}

/* Before the session begins: a code that cannot be read would end it. */
static int check_code_file(void)
{
	enum err e = opt.code_file ? secret_file_check(opt.code_file) : ERR_OK;

	return e ? tool_fail(e, "--confirmation-code-file %s", opt.code_file) : TOOL_OK;
}

static int run_download(int argc, char **argv)
{
	struct activation a = {.address = ""};
	uint8_t imei[LPA_IMEI_LEN];
	struct lpa_download d = {.activation = &a,
				 .network = &cmd_globals.network,
				 .imei = opt.imei ? imei : NULL,
				 .retries = opt.retries,
				 .backoff_ms = BACKOFF_MS,
				 .consent = on_offer,
				 .confirmation_code = on_confirmation_code,
				 .step = on_step,
				 .retry = cmd_lpa_retry,
				 .segment = on_segment};
	struct uicc *u;
	struct lpa *l = NULL;
	int code = take_arguments(argc, argv, &a);

	if (!code)
		code = check_code_file();
	if (!code && opt.imei && !take_imei(opt.imei, imei))
		code = tool_usage("an IMEI has 15 digits, or 16 with its version");
	if (!code)
		code = cmd_lpa_open(&u, &l);
	if (code)
		return code;
	if (!*a.address)
		code = default_address(l, &a);
	if (!code)
		code = download(l, &d);
	return cmd_lpa_close(&u, &l, code);
}

static const struct tool_option options[] = {
	{"matching-id", 0, OPT_STRING, "ID", "The profile's matching id, instead of a code",
	 &opt.matching_id},
	{"smdp-address", 0, OPT_STRING, "NAME", "The manager's name (default: " SMDP_ADDRESS ")",
	 &opt.address},
	{"confirmation-code-file", 0, OPT_STRING, "FILE",
	 "Read the confirmation code there (or give TWINKEY_CONFIRMATION_CODE)", &opt.code_file},
	{"imei", 0, OPT_STRING, "DIGITS", "Tell the manager this IMEI", &opt.imei},
	{"retries", 0, OPT_UINT, "N", "Begin anew so often when the connection breaks (default: 2)",
	 &opt.retries},
	{"yes", 'y', OPT_FLAG, NULL, "Install without asking", &opt.yes},
	OPT_END,
};

#define DETAILS                                                                                    \
	"CODE is an activation code, LPA:1$ADDRESS$MATCHING-ID[$OID[$1]]; without one, and "       \
	"without "                                                                                 \
	"an\naddress, the eUICC's default SM-DP+ is asked. On a terminal the profile is shown "    \
	"and\n"                                                                                    \
	"installed only after a yes; elsewhere running the command is the yes. When it is\n"       \
	"interrupted, card and manager forget the session, and it can be run again."

const struct tool_command cmd_download[] = {
	{"profile download", "[CODE]", 0, 1, "Download a profile and install it", DETAILS, options,
	 run_download},
	{"profile load", "[CODE]", 0, 1, "The same as profile download", DETAILS, options,
	 run_download},
};
const size_t cmd_download_count = ARRAY_LEN(cmd_download);
