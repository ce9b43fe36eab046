/* profile prepare, subscriber sim-file */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/pki/release_key.h"
#include "lib/crypto/ec.h"
#include "host/operator/release/prepare.h"
#include "host/operator/release/second_profile.h"
#include "host/operator/smdp/es2p.h"
#include "host/operator/smdp/store/import.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/store/store.h"
#include "lib/base/base64.h"
#include "lib/crypto/symmetric.h"
#include "lib/profile/build.h"
#include "lib/profile/simfile.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/secret_file.h"
#include "tool/sys/trouble.h"

#define CODES_FILE_MAX 64
#define SIM_FILE_MAX   2048

static struct {
	const char *imsi, *out, *address, *sealed_out, *codes_file;
	char pin[PROFILE_CODE_MAX + 1], puk[PROFILE_CODE_MAX + 1];
	bool two_profiles;
} opt = {.pin = "1234", .puk = "12345678"};

static int print_prepared(const struct subscriber *sub, const char *id, size_t octets,
			  struct slice sealed)
{
	char code[256], iccid[21];
	json_t *o;

	profile_iccid_text(sub->iccid, iccid);
	snprintf(code, sizeof(code), "LPA:1$%s$%s", opt.address, id);
	if (tool_json()) {
		o = json_pack("{s:s, s:s, s:s, s:I, s:i}", "activationCode", code, "iccid", iccid,
			      "matchingId", id, "octets", (json_int_t)octets, "keyId",
			      (int)sub->key_id);
		if (sealed.len)
			json_object_set_new(o, "sealedCode", json_base64(sealed));
		tool_print_json(o);
		return TOOL_OK;
	}
	if (sealed.len)
		tool_say("Prepared a profile of %zu octets with the first subscription; the code "
			 "of the second profile is sealed under key %u in '%s'.",
			 octets, sub->key_id, opt.sealed_out);
	else
		tool_say("Prepared a profile of %zu octets, its second subscription sealed under "
			 "key %u.",
			 octets, sub->key_id);
	tool_say("  ICCID            %s", iccid);
	tool_say("  activation code  %s", code);
	return TOOL_OK;
}

/* The package for the manager; in two-profile mode the sealed code of the second one too. */
static enum err build(struct operator_store *s, const struct subscriber *sub, struct wbuf *upp,
		      struct wbuf *sealed)
{
	const struct prepare_codes codes = {opt.pin, opt.puk};
	struct ec_key *release = NULL;
	enum err e;

	if (opt.two_profiles) {
		e = prepare_single(s, sub, &(struct prepare_choice){1, sub->iccid, &codes}, upp);
		return e ? e : second_profile_seal(s, sub, opt.address, sealed);
	}
	e = release_key_load(cmd_dir, &release);
	if (!e)
		e = prepare_package(s, sub, &codes, release, upp);
	ec_key_free(&release);
	return e;
}

/* The sealed code as a line of base64: it travels with the activation code. */
static enum err write_sealed(struct slice sealed)
{
	struct wbuf text = wbuf_grow(2 * SECOND_CODE_LEN_MAX);
	enum err e;

	base64_put(&text, sealed);
	wbuf_u8(&text, '\n');
	e = wbuf_done(&text);
	if (!e)
		e = file_write(opt.sealed_out, wbuf_slice(&text), 0644, tool_cancel());
	wbuf_free(&text);
	return e;
}

/* What goes beside the manager: the sealed code and the package, where they are asked for. */
static enum err write_files(struct slice upp, struct slice sealed)
{
	const char *path = opt.sealed_out;
	enum err e = path ? write_sealed(sealed) : ERR_OK;

	if (!e && opt.out) {
		path = opt.out;
		e = file_write(path, upp, 0600, tool_cancel());
	}
	return e ? trouble_set(e, "cannot write '%s' (%s)", path, err_text(e)) : ERR_OK;
}

/* The manager takes the profile once: the files are in place before it does, or it does not. */
static enum err hand_over(const struct subscriber *sub, const char *id, struct slice upp,
			  struct slice sealed)
{
	struct wbuf metadata = wbuf_grow(1024);
	struct smdp_import in = {.iccid = sub->iccid, .upp = upp};
	struct smdp_store *manager = NULL;
	struct es2p_call call;
	char path[PATH_CAP];
	enum err e = path_join(cmd_dir, "manager", path, sizeof(path));

	if (!e)
		e = prepare_metadata(sub, sub->iccid, opt.address, &metadata);
	if (!e)
		e = smdp_store_open(path, tool_cancel(), &manager);
	if (!e)
		e = smdp_store_begin(manager);
	if (!e) {
		in.metadata = wbuf_slice(&metadata);
		call = (struct es2p_call){.store = manager, .actor = "operator", .now = cmd_now()};
		e = es2p_add_profile(&call, &in, id);
		if (!e)
			e = write_files(upp, sealed);
		e = smdp_store_end(manager, e);
	}
	smdp_store_close(&manager);
	wbuf_free(&metadata);
	return e;
}

/* A code of 4 (PUK: 8) to 8 digits on a line of its own; the line is taken off. */
static bool take_code(struct cursor *c, size_t min, char code[static PROFILE_CODE_MAX + 1])
{
	size_t n = 0;

	while (cursor_left(c)) {
		uint8_t ch = cursor_u8(c);

		if (ch == '\n')
			break;
		if (ch == '\r')
			continue;
		if (n == PROFILE_CODE_MAX)
			return false;
		code[n++] = (char)ch;
	}
	code[n] = 0;
	return profile_digits(code, min, PROFILE_CODE_MAX);
}

/* --codes-file: PIN and PUK are no arguments, which everybody on the machine can read. */
static int read_codes(void)
{
	struct wbuf text = wbuf_grow(CODES_FILE_MAX);
	struct cursor c;
	enum err e;
	bool good;

	if (!opt.codes_file)
		return TOOL_OK;
	e = secret_file_read(opt.codes_file, tool_cancel(), &text);
	c = cursor_of(wbuf_slice(&text));
	good = !e && take_code(&c, 4, opt.pin) && take_code(&c, PROFILE_CODE_MAX, opt.puk) &&
	       !cursor_left(&c);
	wbuf_free(&text);
	if (e)
		return tool_fail(e, "cannot read '%s'", opt.codes_file);
	return good ? TOOL_OK
		    : tool_fail_said(
			      ERR_VALUE,
			      "'%s' does not hold a PIN of 4 to 8 digits and a PUK of 8, a line "
			      "each",
			      opt.codes_file);
}

static int run_prepare(int argc, char **argv)
{
	struct wbuf upp = wbuf_grow(PROFILE_PACKAGE_MAX), sealed = wbuf_grow(SECOND_CODE_LEN_MAX);
	char id[SMDP_MATCHING_ID_MAX + 1] = "";
	struct operator_store *s = NULL;
	struct subscriber sub = {0};
	enum err e = ERR_OK;
	int code;

	(void)argc, (void)argv;
	if (opt.two_profiles != (opt.sealed_out != NULL))
		return tool_usage("--two-profiles and --sealed-out FILE go together");
	code = tool_may_write(opt.sealed_out, true);
	if (!code)
		code = tool_may_write(opt.out, true);
	if (!code)
		code = read_codes();
	if (!code)
		code = cmd_store_open(&s);
	if (!code)
		code = cmd_subscriber(s, opt.imsi, &sub, NULL);
	if (!code)
		e = cmd_address(&opt.address);
	if (!code && !e)
		e = build(s, &sub, &upp, &sealed);
	if (!code && !e)
		e = es2p_new_matching_id(id);
	if (!code && !e)
		e = hand_over(&sub, id, wbuf_slice(&upp), wbuf_slice(&sealed));
	if (!code && opt.two_profiles && e == ERR_UNSUPPORTED)
		code = tool_fail_said(
			e,
			"the second key of %s is of a mode that needs the key-release "
			"application: no second profile can have it",
			opt.imsi);
	else if (!code && e == ERR_EXISTS)
		code = tool_fail_said(e, "the profile of %s was prepared before", opt.imsi);
	else if (!code && e)
		code = tool_fail(e, "cannot prepare the profile of %s", opt.imsi);
	else if (!code)
		code = print_prepared(&sub, id, upp.len, wbuf_slice(&sealed));
	wbuf_free(&upp);
	wbuf_free(&sealed);
	operator_store_close(&s);
	return code;
}

/* One line "name = hex" of a secret. */
static void put_hex_line(struct wbuf *w, const char *name, struct slice value)
{
	char hex[65];

	wbuf_put(w, slice_str(name));
	wbuf_put(w, slice_str(" = "));
	if (hex_encode(value, hex, sizeof(hex)))
		wbuf_fail(w, ERR_SPACE);
	wbuf_put(w, slice_str(hex));
	wbuf_u8(w, '\n');
	secret_wipe(hex, sizeof(hex));
}

static void put_line(struct wbuf *w, const char *name, const char *value)
{
	wbuf_put(w, slice_str(name));
	wbuf_put(w, slice_str(" = "));
	wbuf_put(w, slice_str(value));
	wbuf_u8(w, '\n');
}

static void put_number_line(struct wbuf *w, const char *name, unsigned value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	put_line(w, name, text);
}

/* What lib/profile/simfile.h reads of a key */
static void put_key(struct wbuf *w, const struct subscriber *sub,
		    const struct subscriber_keys *keys)
{
	enum aka_algorithm algorithm = sub->algorithm[0];
	const struct aka_shape *shape = &keys->shape[0];

	put_line(w, "algorithm", simfile_algorithm(algorithm));
	put_hex_line(w, "k", secret_slice(keys->k[0]));
	if (algorithm != AKA_XOR)
		put_hex_line(w, algorithm == AKA_TUAK ? "topc" : "opc", secret_slice(keys->opc[0]));
	if (shape->iterations)
		put_number_line(w, "keccak_iterations", shape->iterations);
	if (shape->res_len)
		put_number_line(w, "res_bits", 8 * (unsigned)shape->res_len);
	if (shape->has_ind_bits)
		put_number_line(w, "ind_bits", shape->ind_bits);
}

static int run_sim_file(int argc, char **argv)
{
	struct wbuf w = wbuf_grow(SIM_FILE_MAX);
	struct subscriber_keys keys = {0};
	struct operator_store *s = NULL;
	struct subscriber sub = {0};
	char iccid[21];
	enum err e = ERR_OK;
	int code;

	(void)argc, (void)argv;
	if (!opt.out)
		return tool_usage("--out is missing");
	code = tool_may_write(opt.out, false);
	if (!code)
		code = cmd_store_open(&s);
	if (!code)
		code = cmd_subscriber(s, opt.imsi, &sub, NULL);
	if (!code)
		e = subscriber_keys_load(s, sub.id, &keys);
	if (!code && !e) {
		profile_iccid_text(sub.iccid, iccid);
		wbuf_put(&w, slice_str("# Subscription 1 for a test card. SECRET: it holds K.\n"));
		put_line(&w, "imsi", sub.imsi[0]);
		put_line(&w, "iccid", iccid);
		put_key(&w, &sub, &keys);
		put_line(&w, "pin", opt.pin);
		e = wbuf_done(&w);
	}
	if (!code && !e)
		e = file_write(opt.out, wbuf_slice(&w), 0600, tool_cancel());
	wbuf_free(&w);
	subscriber_keys_free(&keys);
	operator_store_close(&s);
	if (!code && e)
		return tool_fail(e, "cannot write '%s'", opt.out);
	if (!code && tool_json())
		tool_print_json(json_pack("{s:o}", "file", json_text(slice_str(opt.out))));
	else if (!code)
		tool_say("Subscription 1 is in '%s'%s: it holds K1.", opt.out,
			 tool_mode_of(opt.out));
	return code;
}

static const struct tool_option prepare_options[] = {
	{"imsi", 0, OPT_STRING, "DIGITS", "Either IMSI of the subscriber", &opt.imsi},
	{"smdp-address", 0, OPT_STRING, "NAME",
	 "The subscription manager's name in the activation code (default: that of init)",
	 &opt.address},
	{"codes-file", 0, OPT_STRING, "FILE",
	 "PIN and PUK that the card leaves with, a line each (default: 1234, 12345678)",
	 &opt.codes_file},
	{"two-profiles", 0, OPT_FLAG, NULL,
	 "For an eUICC without key-release application: a second profile instead of a sealed part",
	 &opt.two_profiles},
	{"sealed-out", 0, OPT_STRING, "FILE",
	 "Where the sealed code of the second profile goes (base64)", &opt.sealed_out},
	{"out", 0, OPT_STRING, "FILE", "Also write the package, unprotected (0600; it holds K1)",
	 &opt.out},
	OPT_END,
};

static const struct tool_option sim_options[] = {
	{"imsi", 0, OPT_STRING, "DIGITS", "Either IMSI of the subscriber", &opt.imsi},
	{"out", 0, OPT_STRING, "FILE", "The new file (0600)", &opt.out},
	OPT_END,
};

const struct tool_command cmd_profile[] = {
	{"profile prepare", "", 0, 0, "Build a subscriber's profile and hand it to the manager",
	 NULL, prepare_options, run_prepare},
	{"subscriber sim-file", "", 0, 0, "Write subscription 1 as a SIM in text form, for tests",
	 NULL, sim_options, run_sim_file},
};
const size_t cmd_profile_count = ARRAY_LEN(cmd_profile);
