/* trace redact */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/globals.h"
#include "host/trace/redact/redact.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"
#include "lib/trace/read/formats.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"
#include "tool/sys/secret_file.h"

#define KEY_MODE 0600
#define KEY_HEX	 (2 * STANDIN_KEY_LEN)

static struct {
	bool keep_network, pcapng;
	const char *output, *key, *from;
} opt;

/* Hex in a file, whole or not at all. */
static enum err create_standin_key(const char *path, uint8_t key[static STANDIN_KEY_LEN])
{
	char hex[KEY_HEX + 2];
	enum err e = random_bytes(key, STANDIN_KEY_LEN);

	if (!e)
		e = hex_encode(slice_make(key, STANDIN_KEY_LEN), hex, sizeof(hex));
	hex[KEY_HEX] = '\n';
	if (!e)
		e = file_create(path, slice_make(hex, KEY_HEX + 1), KEY_MODE, tool_cancel());
	secret_wipe(hex, sizeof(hex));
	return e;
}

static enum err read_standin_key(const char *path, uint8_t key[static STANDIN_KEY_LEN])
{
	struct wbuf file = wbuf_grow(KEY_HEX + 2);
	char hex[KEY_HEX + 1] = "";
	enum err e = secret_file_read(path, tool_cancel(), &file);
	struct slice text = wbuf_slice(&file);

	while (text.len && slice_at(text, text.len - 1) == '\n')
		text = slice_sub(text, 0, text.len - 1);
	if (!e && (text.len != KEY_HEX || slice_text(text, hex, sizeof(hex)) ||
		   hex_decode_exact(hex, key, STANDIN_KEY_LEN)))
		e = ERR_KEY;
	secret_wipe(hex, sizeof(hex));
	wbuf_free(&file);
	return e == ERR_SPACE ? ERR_KEY : e;
}

/* The key of --key, which is made if it is not there; without one, of this run alone. */
static int find_key(uint8_t key[static STANDIN_KEY_LEN])
{
	enum err e;

	if (!opt.key) {
		e = random_bytes(key, STANDIN_KEY_LEN);
		return e ? tool_fail(e, "the key") : TOOL_OK;
	}
	e = read_standin_key(opt.key, key);
	if (e == ERR_NOT_FOUND) {
		e = create_standin_key(opt.key, key);
		if (e == ERR_EXISTS)
			e = read_standin_key(opt.key, key); /* another one was faster */
		else if (!e)
			tool_warn("--key %s: a new key was made", opt.key);
	}
	return e ? tool_fail(e, "--key %s", opt.key) : TOOL_OK;
}

static json_t *kinds_json(const struct redact_result *r)
{
	json_t *kinds = json_object();

	for (int i = 0; i < REDACT_KIND_COUNT; i++) {
		if (r->replaced.kinds[i])
			json_object_set_new(kinds, redact_kind_key((enum redact_kind)i),
					    json_integer((json_int_t)r->replaced.kinds[i]));
	}
	return kinds;
}

static void say_summary(const struct redact_result *r)
{
	if (tool_json()) {
		tool_print_json(json_pack("{s:s, s:s, s:b, s:I, s:I, s:i, s:i, s:o}", "file",
					  opt.output, "from", r->format->name, "text", r->as_text,
					  "exchanges", (json_int_t)r->exchanges, "leftOut",
					  (json_int_t)r->left_out, "proved", (int)r->values,
					  "byPlace", (int)r->places, "replaced", kinds_json(r)));
		return;
	}
	for (int i = 0; i < REDACT_KIND_COUNT; i++) {
		if (r->replaced.kinds[i])
			tool_say("%8" PRIu64 "  %s", r->replaced.kinds[i],
				 redact_kind_words((enum redact_kind)i));
	}
	tool_say(
		"%s (mode 0600): %zu exchanges; none of %u values is left in any form; %u were too "
		"short to be looked for and were replaced where they stood",
		opt.output, r->exchanges, r->values, r->places);
}

static void say_warnings(const char *path, const struct redact_result *r)
{
	if (r->was_sealed)
		tool_warn("%s is sealed; what was written is not", path);
	if (r->left_out)
		tool_warn("%zu faults of %s are not in what was written", r->left_out, path);
	if (r->as_text)
		tool_warn("what is no exchange was kept as it is but for these values: read it "
			  "before you share it, or give --pcapng");
}

static int say_failure(enum err e, const char *path, const struct redact_result *r)
{
	static const char nothing[] = "nothing was written";
	char form[SEARCH_FORM_TEXT_MAX];

	if (e == ERR_CORRUPT && r->left) {
		search_form_text(r->what.form, form);
		return tool_fail_said(e, "%s: %s would be left in %s %" PRIu64 " (%s): %s%s", path,
				      redact_kind_words(r->what.kind),
				      !r->number   ? "the file at octet"
				      : r->as_text ? "line"
						   : "frame",
				      r->number ? r->number : r->what.at, form, nothing,
				      r->as_text ? "; try --pcapng" : "");
	}
	if (e == ERR_CORRUPT)
		return tool_fail_said(e, "%s: %s: %s%s", path,
				      r->unlike ? "its exchanges would not be the same"
						: "a value was not found again where it was read",
				      nothing, r->as_text ? "; try --pcapng" : "");
	if (e == ERR_UNSUPPORTED)
		return tool_fail_said(e, "%s: it is of no form that is known: name it by --from",
				      path);
	if (e == ERR_SPACE)
		return tool_fail_said(e,
				      "%s: it is too large: it has more than 512 MiB, or some ten "
				      "thousands of different values; cut it",
				      path);
	if (e == ERR_EXISTS)
		return tool_fail(e, "--output %s", opt.output);
	return tool_fail(e, "%s", path);
}

static int run_redact(int argc, char **argv)
{
	uint8_t key[STANDIN_KEY_LEN];
	struct redact_result result;
	struct redact_job job = {.from = argv[0],
				 .to = opt.output,
				 .maker = {SLICE_OF(key), opt.keep_network},
				 .anew = cmd_globals.force,
				 .pcapng = opt.pcapng,
				 .cancel = tool_cancel()};
	enum err e;
	int code;

	(void)argc;
	if (!opt.output || strcmp(opt.output, "-") == 0)
		return tool_usage("give --output FILE: what is written is read again");
	job.format = opt.from ? trace_format_named(opt.from) : NULL;
	if (opt.from && !job.format)
		return tool_usage("--from %s: there is no such form of trace", opt.from);
	e = redact_may_write(&job);
	if (e)
		return tool_fail(e, "--output %s", opt.output);
	code = tool_may_replace("--output", opt.output, cmd_globals.force);
	if (code == TOOL_OK)
		code = find_key(key);
	if (code != TOOL_OK)
		return code;
	e = redact(&job, &result);
	secret_wipe(key, sizeof(key));
	if (e)
		return say_failure(e, argv[0], &result);
	say_warnings(argv[0], &result);
	say_summary(&result);
	return TOOL_OK;
}

static const struct tool_option redact_options[] = {
	{"output", 'o', OPT_STRING, "FILE", "Where to write it", &opt.output},
	{"key", 0, OPT_STRING, "KEYFILE",
	 "One value has one stand-in under one key; it is made if it is not there", &opt.key},
	{"keep-network", 0, OPT_FLAG, NULL,
	 "Keep which networks these are (MCC and MNC, issuer of the ICCID, SPN)",
	 &opt.keep_network},
	{"pcapng", 0, OPT_FLAG, NULL, "Write pcapng, also of a log of text", &opt.pcapng},
	{"from", 0, OPT_STRING, "FORMAT", "The form of the trace, which else is found", &opt.from},
	OPT_END,
};

const struct tool_command cmd_trace_redact[] = {
	{"trace redact", "FILE", 1, 1, "Make a trace fit to be shared",
	 "Identities (IMSI, ICCID, EID, IMEI, telephone numbers), keys, PINs, challenges and\n"
	 "responses, places, addresses, names, messages, and what tells certificates and sessions\n"
	 "apart are replaced wherever they stand and in whatever form: same length, right check\n"
	 "digits, the same each time. Then what was written is read again and searched for each\n"
	 "of them; if one is left, there is no file, and the exit code is 1.\n"
	 "\n"
	 "A log of text stays a text, a capture becomes pcapng with the exchanges alone. A seal "
	 "is\n"
	 "lost. FILE is '-' for standard input.",
	 redact_options, run_redact},
};
const size_t cmd_trace_redact_count = ARRAY_LEN(cmd_trace_redact);
