/* chip info|default-smdp|reset */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/lpa.h"
#include "tool/cli/prompt.h"
#include "host/cmd/shared/say.h"
#include "host/terminal/chip.h"
#include "host/terminal/lpa/lpa.h"
#include "lib/base/bytes.h"
#include "lib/base/tlv.h"
#include "lib/profile/services.h"
#include "lib/rsp/activation.h"
#include "lib/rsp/es10a.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"

#define CONSENT_WAIT_MS 300000
#define VERSION_TEXT	12 /* "255.255.255" */

static struct {
	bool operational, test, default_smdp, yes;
} opt;

#define BITS 32 /* of a field of capabilities */

/* The bits of SGP.22 4.3 (EUICCInfo2) by number; NULL has no name. */
static const char *const rsp_capabilities[BITS] = {
	"additional-profile", "crl", "rpm", "test-profile", "device-info", "service-data"};

static void version_text(struct slice v, char text[static VERSION_TEXT])
{
	snprintf(text, VERSION_TEXT, "%u.%u.%u", slice_at(v, 0), slice_at(v, 1), slice_at(v, 2));
}

static void tell_version(json_t *o, const char *label, const char *key, struct slice v)
{
	char text[VERSION_TEXT];

	version_text(v, text);
	cmd_tell(o, label, key, text);
}

/* Of the profile package: one, and the further ones that an eUICC of a newer version says. */
static void tell_versions(json_t *o, struct slice version, struct slice more)
{
	json_t *list = json_array();
	struct cursor c = cursor_of(more);
	char line[512], text[VERSION_TEXT];
	struct tlv t;
	size_t n;

	version_text(version, text);
	n = (size_t)snprintf(line, sizeof(line), "%s", text);
	json_object_set_new(o, "profileVersion", json_string(text));
	while (tlv_next(&c, &t)) {
		version_text(t.value, text);
		json_array_append_new(list, json_string(text));
		if (!slice_equal(t.value, version) && n < sizeof(line) - VERSION_TEXT - 2)
			n += (size_t)snprintf(line + n, sizeof(line) - n, ", %s", text);
	}
	tool_say(CMD_LABEL " %s", "Profile version", line);
	json_object_set_new(o, "moreProfileVersions", list);
}

static void tell_bits(json_t *o, const char *label, const char *key, uint32_t bits,
		      const char *const names[static BITS])
{
	json_t *list = json_array();
	char line[1024] = "";
	size_t n = 0;

	for (unsigned i = 0; i < BITS; i++) {
		if (!(bits & RSP_BIT(i)) || !names[i])
			continue;
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s", n ? ", " : "", names[i]);
		json_array_append_new(list, json_string(names[i]));
	}
	tool_say(CMD_LABEL " %s", label, *line ? line : "-");
	json_object_set_new(o, key, list);
}

/* UICCCapability, by the names that profiles mandate services by */
static void tell_services(json_t *o, uint32_t bits)
{
	const char *names[BITS];

	for (unsigned i = 0; i < BITS; i++) {
		const struct service_row *row = service_of_bit(i);

		names[i] = row ? row->name : NULL;
	}
	tell_bits(o, "Card", "uiccCapability", bits, names);
}

/* SEQUENCE OF SubjectKeyIdentifier */
static void tell_key_ids(json_t *o, const char *label, const char *key, struct slice ids)
{
	json_t *list = json_array();
	struct cursor c = cursor_of(ids);
	struct tlv t;

	while (tlv_next(&c, &t)) {
		char *hex = cmd_hex(t.value);

		tool_say(CMD_LABEL " %s", label, hex ? hex : "");
		json_array_append_new(list, hex ? json_string(hex) : json_null());
		free(hex);
	}
	json_object_set_new(o, key, list);
}

static void tell_info2(json_t *o, const struct es10b_euicc_info2 *m)
{
	struct slice free_nvm, free_ram;

	tell_version(o, "SGP.22 version", "svn", m->svn);
	tell_versions(o, m->profile_version, m->more_profile_versions);
	tell_version(o, "Firmware", "firmware", m->firmware);
	if (tlv_find(m->ext_resource, ES10B_RESOURCE_FREE_NVM, &free_nvm) && free_nvm.len <= 4) {
		struct cursor c = cursor_of(free_nvm);
		uint64_t octets = cursor_uint(&c, free_nvm.len);

		tool_say(CMD_LABEL " %llu octets", "Free memory", (unsigned long long)octets);
		json_object_set_new(o, "freeNonVolatileMemory", json_integer((json_int_t)octets));
	}
	if (tlv_find(m->ext_resource, ES10B_RESOURCE_FREE_RAM, &free_ram) && free_ram.len <= 4) {
		struct cursor c = cursor_of(free_ram);

		json_object_set_new(o, "freeVolatileMemory",
				    json_integer((json_int_t)cursor_uint(&c, free_ram.len)));
	}
	tell_services(o, m->uicc_capability);
	tell_bits(o, "RSP", "rspCapability", m->rsp_capability, rsp_capabilities);
	tell_key_ids(o, "Issuer (verifies)", "ciForVerification", m->ci_verify);
	tell_key_ids(o, "Issuer (signs)", "ciForSigning", m->ci_sign);
	json_object_set_new(o, "sasAccreditation", json_text(m->sas));
}

static void tell_address(json_t *o, const char *label, const char *key, struct slice s)
{
	char text[TEXT_LINE_MAX];

	tool_say(CMD_LABEL " %s", label, s.len ? text_line(s, text) : "-");
	if (s.len)
		json_object_set_new(o, key, json_text(s));
}

/* What an eUICC of an older version does not have is left out. */
static enum err tell_all(struct lpa *l, json_t *o)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10a_configured_addresses addresses = {0};
	struct es10b_euicc_info2 info;
	uint8_t eid[RSP_EID_LEN];
	struct slice rules;
	enum err e = lpa_eid(l, eid);

	if (!e) {
		cmd_tell_hex(o, "EID", "eid", SLICE_OF(eid));
		e = lpa_addresses(l, &der, &addresses);
	}
	if (!e) {
		tell_address(o, "Default SM-DP+", "defaultSmdp", addresses.default_dp);
		tell_address(o, "Root SM-DS", "rootSmds", addresses.root_ds);
		wbuf_reset(&der);
		e = lpa_info2(l, &der, &info);
	}
	if (!e) {
		tell_info2(o, &info);
		wbuf_reset(&der);
		if (!lpa_rat(l, &der, &rules))
			cmd_tell_hex(o, "Policy rules (RAT)", "rat",
				     rules.len ? rules : SLICE_EMPTY);
	}
	wbuf_free(&der);
	return e;
}

static int run_info(int argc, char **argv)
{
	json_t *o = json_object();
	struct uicc *u;
	struct lpa *l = NULL;
	enum err e;
	int code = cmd_lpa_open(&u, &l);

	(void)argc, (void)argv;
	if (!code) {
		e = tell_all(l, o);
		code = e ? cmd_fail(lpa_failure(l, e, "chip info")) : TOOL_OK;
		if (!e && tool_json())
			tool_print_json(json_incref(o));
		code = cmd_lpa_close(&u, &l, code);
	}
	json_decref(o);
	return code;
}

static int run_default_smdp(int argc, char **argv)
{
	struct uicc *u;
	struct lpa *l = NULL;
	enum err e;
	int code;

	(void)argc;
	if (*argv[0] && !activation_is_address(slice_str(argv[0])))
		return tool_usage("'%s' is no host name: give HOST or HOST:PORT", argv[0]);
	code = cmd_lpa_open(&u, &l);
	if (code)
		return code;
	e = lpa_set_default_dp(l, argv[0]);
	if (e)
		code = cmd_fail(lpa_failure(l, e, "chip default-smdp"));
	else if (tool_json())
		tool_print_json(json_pack("{s:o}", "defaultSmdp", json_text(slice_str(argv[0]))));
	else
		tool_say("The default SM-DP+ is %s.", *argv[0] ? argv[0] : "none");
	return cmd_lpa_close(&u, &l, code);
}

/* Nobody deletes profiles by a slip of the hand: --yes, or a yes on the terminal. */
static int ask_user(void)
{
	uint8_t octets[16];
	struct wbuf line = wbuf_init(octets, sizeof(octets));
	enum err e;

	if (opt.yes)
		return TOOL_OK;
	e = tool_prompt("This deletes profiles for good. Type yes: ", false, CONSENT_WAIT_MS,
			&line);
	if (e == ERR_NOT_FOUND)
		return tool_usage("--yes is needed: this deletes profiles for good");
	return !e && slice_is(wbuf_slice(&line), "yes") ? TOOL_OK
							: tool_fail(ERR_CANCELLED, "chip reset");
}

static int run_reset(int argc, char **argv)
{
	uint32_t options = (opt.operational ? ES10C_RESET_OPERATIONAL : 0) |
			   (opt.test ? ES10C_RESET_TEST : 0) |
			   (opt.default_smdp ? ES10C_RESET_DP_ADDRESS : 0);
	struct uicc *u;
	struct lpa *l = NULL;
	enum err e;
	int code;

	(void)argc, (void)argv;
	if (!options)
		return tool_usage("say what: --operational, --test, --default-smdp");
	code = ask_user();
	if (!code)
		code = cmd_lpa_open(&u, &l);
	if (code)
		return code;
	e = lpa_memory_reset(l, options);
	if (e) {
		code = cmd_fail(lpa_failure(l, e, "chip reset"));
	} else {
		tool_say("Reset.");
		cmd_lpa_report(l);
		if (tool_json())
			tool_print_json(json_pack("{s:s}", "result", "reset"));
	}
	return cmd_lpa_close(&u, &l, code);
}

static const struct tool_option reset_options[] = {
	{"operational", 0, OPT_FLAG, NULL, "Delete the operational profiles", &opt.operational},
	{"test", 0, OPT_FLAG, NULL, "Delete the test profiles that were downloaded", &opt.test},
	{"default-smdp", 0, OPT_FLAG, NULL, "Forget the default SM-DP+", &opt.default_smdp},
	{"yes", 'y', OPT_FLAG, NULL, "Do it without asking", &opt.yes},
	OPT_END,
};

const struct tool_command cmd_chip[] = {
	{"chip info", "", 0, 0, "Show the eUICC: EID, versions, issuers, memory, addresses", NULL,
	 NULL, run_info},
	{"chip default-smdp", "ADDRESS", 1, 1, "Set the default SM-DP+ ('' for none)", NULL, NULL,
	 run_default_smdp},
	{"chip reset", "", 0, 0, "Delete profiles or the default SM-DP+ (eUICCMemoryReset)", NULL,
	 reset_options, run_reset},
};
const size_t cmd_chip_count = ARRAY_LEN(cmd_chip);
