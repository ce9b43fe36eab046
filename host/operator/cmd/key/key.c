/* key: where the keys of the stores come from; the outer key that seals them */
#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/key/key.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/keysource/outer.h"
#include "host/operator/pki/store_keys.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/store/store.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/prompt.h"
#include "tool/sys/trouble.h"

#define CONSENT_WAIT_MS 300000

static struct {
	const char *key, *from;
	bool yes;
} opt;

static json_t *as_json(enum store_key k, const struct store_key_state *s)
{
	json_t *o = json_pack("{s:s, s:s, s:b}", "store", store_key_name(k), "file",
			      store_key_file(k), "sealed", s->sealed);

	if (s->sealed)
		json_object_set_new(o, "key", json_text(slice_str(s->source.text)));
	return o;
}

static void say_state(enum store_key k, const struct store_key_state *s)
{
	if (s->sealed)
		tool_say("%-9s %-20s sealed by the key from %s", store_key_name(k),
			 store_key_file(k), s->source.text);
	else
		tool_say("%-9s %-20s in the clear", store_key_name(k), store_key_file(k));
}

/* What is so now, after a change as well. */
static int show_states(void)
{
	struct store_key_state states[STORE_KEYS];
	json_t *list;

	store_keys_look(cmd_dir, states);
	for (enum store_key k = 0; k < STORE_KEYS; k++) {
		if (states[k].err)
			return tool_fail(states[k].err, "the key file '%s/%s'", cmd_dir,
					 store_key_file(k));
	}
	list = json_array();
	for (enum store_key k = 0; k < STORE_KEYS; k++) {
		if (tool_json())
			json_array_append_new(list, as_json(k, &states[k]));
		else
			say_state(k, &states[k]);
	}
	if (tool_json())
		tool_print_json(json_pack("{s:O}", "stores", list));
	json_decref(list);
	return TOOL_OK;
}

static int run_show(int argc, char **argv)
{
	int code = cmd_folder_check();

	(void)argc, (void)argv;
	return code ? code : show_states();
}

int cmd_key_source(const char *option, const char *text, struct key_source *out)
{
	enum err e = key_source_given(text, out);

	return e == ERR_USAGE ? tool_usage("%s: %s", option, trouble_of(e))
	       : e	      ? tool_fail(e, "%s", option)
			      : TOOL_OK;
}

/* Both stores open with the keys as they are, and are of this version: nobody else has to write the
 * key files then. */
static int check_stores(void)
{
	struct operator_store *s = NULL;
	struct smdp_store *manager = NULL;
	int code = cmd_store_open(&s);

	operator_store_close(&s);
	if (code)
		return code;
	code = cmd_manager_open(&manager);
	smdp_store_close(&manager);
	return code;
}

/* to NULL: in the clear */
static int seal_anew(const struct key_source *to)
{
	struct key_source from;
	int code = opt.from ? cmd_key_source("--from", opt.from, &from) : TOOL_OK;
	enum err e;

	if (!code) /* elsewhere than they say, they cannot be opened so */
		code = opt.from ? cmd_folder_check() : check_stores();
	if (code)
		return code;
	e = store_keys_seal(cmd_dir, to, opt.from ? &from : NULL, tool_cancel());
	return e ? tool_fail(e, "the keys of '%s' are not all %s", cmd_dir,
			     to ? "sealed anew" : "in the clear")
		 : show_states();
}

static int run_seal(int argc, char **argv)
{
	struct key_source to;
	int code;

	(void)argc, (void)argv;
	if (!opt.key)
		return tool_usage("--key is missing: where the key that seals comes from");
	code = cmd_key_source("--key", opt.key, &to);
	return code ? code : seal_anew(&to);
}

/* Nobody puts keys in the clear by a slip of the hand. */
static int ask_consent(void)
{
	uint8_t octets[16];
	struct wbuf line = wbuf_init(octets, sizeof(octets));
	enum err e;

	if (opt.yes)
		return TOOL_OK;
	e = tool_prompt("This writes the keys of the stores in the clear. Type yes: ", false,
			CONSENT_WAIT_MS, &line);
	if (e == ERR_NOT_FOUND)
		return tool_usage("--yes is needed: this writes the keys of the stores in the "
				  "clear");
	return !e && slice_is(wbuf_slice(&line), "yes") ? TOOL_OK
							: tool_fail(ERR_CANCELLED, "key unseal");
}

static int run_unseal(int argc, char **argv)
{
	int code = ask_consent();

	(void)argc, (void)argv;
	return code ? code : seal_anew(NULL);
}

static int run_make(int argc, char **argv)
{
	struct key_source s;
	int code;
	enum err e;

	(void)argc, (void)argv;
	if (!opt.key)
		return tool_usage("--key is missing: file:PATH or pkcs11:...");
	code = cmd_key_source("--key", opt.key, &s);
	if (code)
		return code;
	if (s.kind != KEY_SOURCE_FILE && s.kind != KEY_SOURCE_PKCS11)
		return tool_usage("key make makes file:PATH and pkcs11:..., for others any 32 "
				  "random octets do (openssl rand -hex 32)");
	e = outer_key_make(&s, tool_cancel());
	if (e)
		return tool_fail(e, "no key was made at %s", s.text);
	if (tool_json())
		tool_print_json(json_pack("{s:o}", "made", json_text(slice_str(s.text))));
	else
		tool_say("Made the key %s%s.", s.text,
			 s.kind == KEY_SOURCE_FILE ? " (mode 0600)" : "");
	return TOOL_OK;
}

static enum err ask_pin(const char *prompt, struct wbuf *pin)
{
	return tool_prompt(prompt, true, -1, pin);
}

void cmd_key_begin(void)
{
	outer_key_ask_by(ask_pin);
}

#define OPT_FROM                                                                                   \
	{                                                                                          \
		"from", 0, OPT_STRING, "SOURCE",                                                   \
			"The present key is here now, and not where the files say", &opt.from      \
	}

static const struct tool_option none[] = {OPT_END};
static const struct tool_option seal_options[] = {
	{"key", 0, OPT_STRING, "SOURCE", CMD_KEY_HELP, &opt.key},
	OPT_FROM,
	OPT_END,
};
static const struct tool_option unseal_options[] = {
	{"yes", 'y', OPT_FLAG, NULL, "Do it without asking", &opt.yes},
	OPT_FROM,
	OPT_END,
};
static const struct tool_option make_options[] = {
	{"key", 0, OPT_STRING, "SOURCE", "file:PATH or pkcs11:...", &opt.key},
	OPT_END,
};

const struct tool_command cmd_key[] = {
	{"key show", "", 0, 0, "Show where the keys of the stores come from",
	 "Reads the key files alone, and asks for no key.", none, run_show},
	{"key seal", "", 0, 0, "Seal the keys of the stores under a key from elsewhere",
	 "Those that are sealed already are sealed anew, under the new key or for the new place.\n"
	 "Interrupted, it can be given again; until then both keys are needed.",
	 seal_options, run_seal},
	{"key unseal", "", 0, 0, "Put the keys of the stores in the clear again", NULL,
	 unseal_options, run_unseal},
	{"key make", "", 0, 0, "Make a key that seals: a file (0600), or on a token",
	 "The token's key is one of AES with 256 bits, which cannot be taken out of it.",
	 make_options, run_make},
};
const size_t cmd_key_count = ARRAY_LEN(cmd_key);
