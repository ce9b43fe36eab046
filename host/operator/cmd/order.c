/* profile import, order, confirm, release, cancel, list, show, code: the manager's inventory
 */
#include <stdio.h>
#include <string.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/smdp/es2p.h"
#include "host/operator/smdp/inventory.h"
#include "lib/base/utf8.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"
#include "tool/cli/qr.h"
#include "lib/profile/build.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"
#include "tool/pki/pki.h"
#include "tool/sys/file.h"
#include "tool/sys/secret_file.h"

#define ACTOR	       "operator"
#define CODE_MAX       255 /* octets of a confirmation code */
#define ACTIVATION_MAX 512
#define DAY_S	       86400
#define DAYS_MAX       36500
#define METADATA_MAX   65536

static struct {
	const char *address, *name, *provider, *class, *type, *iccid, *eid;
	const char *matching_id, *code_file, *icon;
	unsigned days, downloads, tries;
	bool stock, release, final, ppr1, ppr2, qr;
} opt = {.provider = "Twinkey",
	 .class = "operational",
	 .days = 30,
	 .downloads = SMDP_DOWNLOADS_MAX,
	 .tries = SMDP_CODE_TRIES_MAX};

/* What a command works with. */
struct desk {
	struct es2p_call call;
	struct smdp_profile p;
	struct wbuf code;
	uint8_t eid[16], iccid[10];
};

static int close_desk(struct desk *d, int code)
{
	smdp_store_close(&d->call.store);
	wbuf_free(&d->code);
	return code;
}

/* What a profile in this state is ready for. */
static const char *next_step(enum smdp_profile_state state)
{
	static const char *const steps[SMDP_STATE_END] = {
		[SMDP_AVAILABLE] = "order it first (profile order)",
		[SMDP_ALLOCATED] = "confirm its order (profile confirm), or take it back",
		[SMDP_LINKED] = "confirm its order (profile confirm), or take it back",
		[SMDP_CONFIRMED] = "release it (profile release), or take the order back",
		[SMDP_RELEASED] = "it waits for its download; profile cancel takes the order back",
		[SMDP_DOWNLOADED] = "its eUICC has it and has not reported yet",
		[SMDP_INSTALLED] = "it is in its eUICC for good: import another",
		[SMDP_ERROR] = "take its order back (profile cancel), then order it anew",
		[SMDP_UNAVAILABLE] = "it is out of service for good: import another",
		[SMDP_DELETED] = "take it back (profile cancel), then order it anew",
	};

	return steps[state];
}

/* Why an order was refused, in the words of SGP.22, and what can be done. */
static int desk_fail(const struct desk *d, enum err e, const char *what)
{
	struct smdp_profile p;

	if (e == ERR_NOT_FOUND)
		return tool_fail_said(e,
				      "%s: the manager has no such profile: see twinkey-operator "
				      "profile list",
				      what);
	if (e != ERR_REFUSED || !d->call.fault)
		return tool_fail(e, "%s", what);
	if (!smdp_profile_by_iccid(d->call.store, d->iccid, &p))
		return tool_fail_said(e, "%s: %s (%s/%s); it is %s: %s", what,
				      d->call.fault->message, d->call.fault->subject,
				      d->call.fault->reason, smdp_state_name(p.state),
				      next_step(p.state));
	return tool_fail_said(e, "%s: %s (%s/%s)", what, d->call.fault->message,
			      d->call.fault->subject, d->call.fault->reason);
}

/* Options and arguments that name things; iccid may be NULL. */
static int open_desk(struct desk *d, const char *iccid)
{
	int code;
	enum err e;

	*d = (struct desk){.call = {.actor = ACTOR}, .code = wbuf_grow(CODE_MAX + 1)};
	if (iccid && es2p_iccid(iccid, d->iccid))
		return tool_usage("'%s' is no ICCID (at most 20 digits, or letters a to f)", iccid);
	if (opt.eid && pki_parse_eid(opt.eid, d->eid))
		return tool_usage("--eid wants 32 digits");
	if (opt.matching_id && *opt.matching_id && !es2p_is_matching_id(opt.matching_id))
		return tool_usage("--matching-id '%s': it wants " ES2P_MATCHING_ID_FORM
				  ", at most %d (SGP.22 4.1)",
				  opt.matching_id, SMDP_MATCHING_ID_MAX);
	if (!opt.downloads || !opt.tries)
		return tool_usage("--%s wants at least 1",
				  opt.downloads ? "code-tries" : "downloads");
	if (opt.days > DAYS_MAX)
		return tool_usage("--expires wants at most %d days", DAYS_MAX);
	code = cmd_folder_check();
	if (code)
		return code;
	e = cmd_address(&opt.address);
	if (e)
		return tool_fail(e, "the address that '%s/" CMD_ADDRESS_FILE "' should hold",
				 cmd_dir);
	if (opt.code_file) {
		e = secret_file_read(opt.code_file, tool_cancel(), &d->code);
		while (!e && d->code.len && strchr("\r\n", d->code.ptr[d->code.len - 1]))
			wbuf_cut(&d->code, d->code.len - 1);
		if (!e && d->code.len == 0)
			e = ERR_LENGTH;
	}
	if (e)
		return tool_fail(e, "cannot take the confirmation code of '%s'", opt.code_file);
	code = cmd_manager_open(&d->call.store);
	d->call.now = cmd_now();
	return code;
}

static void activation_code(const struct smdp_profile *p, char code[static ACTIVATION_MAX])
{
	/* SGP.22 4.1: the SM-DP+'s OID is left out; 1: a confirmation code is asked */
	snprintf(code, ACTIVATION_MAX, "LPA:1$%s$%s%s", opt.address, p->matching_id,
		 p->has_code ? "$$1" : "");
}

static bool has_activation_code(const struct smdp_profile *p)
{
	return p->state == SMDP_CONFIRMED || p->state == SMDP_RELEASED ||
	       p->state == SMDP_DOWNLOADED;
}

static const char *state_of(const struct smdp_profile *p)
{
	return p->broken ? "BROKEN" : smdp_state_name(p->state);
}

static json_t *to_json(const struct smdp_profile *p)
{
	char iccid[21], eid[33], code[ACTIVATION_MAX];
	json_t *o;

	profile_iccid_text(p->iccid, iccid);
	hex_encode(SLICE_OF(p->eid), eid, sizeof(eid));
	o = json_pack("{s:s, s:s, s:o, s:b, s:i, s:i}", "iccid", iccid, "state", state_of(p),
		      "type", json_text(slice_str(p->type)), "confirmationCode", p->has_code,
		      "downloads", (int)p->downloads, "codeTries", (int)p->code_tries);
	if (smdp_profile_has_eid(p))
		json_object_set_new(o, "eid", json_string(eid));
	if (p->state != SMDP_AVAILABLE && p->expires)
		json_object_set_new(o, "expires", json_integer(p->expires));
	if (!has_activation_code(p))
		return o;
	json_object_set_new(o, "matchingId", json_string(p->matching_id));
	activation_code(p, code);
	json_object_set_new(o, "activationCode", json_string(code));
	return o;
}

static void say_when(const char *label, int64_t at)
{
	char text[CMD_TIME_CAP];

	if (!at) {
		tool_say("  %-17s never", label);
		return;
	}
	tool_say("  %-17s %s", label, cmd_time_text(at, text));
}

/* What the profile is now, for people or as JSON. */
static void print_profile(const struct smdp_profile *p)
{
	char iccid[21], eid[33], code[ACTIVATION_MAX], type[TEXT_LINE_MAX];

	if (tool_json()) {
		tool_print_json(to_json(p));
		return;
	}
	profile_iccid_text(p->iccid, iccid);
	hex_encode(SLICE_OF(p->eid), eid, sizeof(eid));
	tool_say("Profile %s: %s", iccid, smdp_state_name(p->state));
	if (*p->type)
		tool_say("  %-17s %s", "type", text_line(slice_str(p->type), type));
	if (smdp_profile_has_eid(p))
		tool_say("  %-17s %s",
			 p->state == SMDP_DELETED ? "was at EID"
			 : p->linked		  ? "for EID"
						  : "at EID",
			 eid);
	if (!has_activation_code(p))
		return;
	activation_code(p, code);
	tool_say("  %-17s %s", "activation code", code);
	tool_say("  %-17s %s", "confirmation code", p->has_code ? "asked" : "none");
	tool_say("  %-17s %u of %u", "downloads", p->downloads, p->downloads_max);
	say_when("expires", p->expires);
}

static struct es2p_confirmation confirmation_of(const struct desk *d)
{
	return (struct es2p_confirmation){.eid = opt.eid ? d->eid : NULL,
					  .iccid = d->iccid,
					  .matching_id = opt.matching_id,
					  .code = wbuf_slice(&d->code),
					  .release = opt.release,
					  .lifetime_s = (int64_t)opt.days * DAY_S,
					  .downloads_max = opt.downloads,
					  .code_tries_max = opt.tries};
}

static const struct class_row {
	const char *name;
	enum es10c_profile_class value;
} classes[] = {{"test", ES10C_TEST},
	       {"provisioning", ES10C_PROVISIONING},
	       {"operational", ES10C_OPERATIONAL}};

static const struct class_row *find_class(void)
{
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (strcmp(classes[i].name, opt.class) == 0)
			return &classes[i];
	return NULL;
}

/* Into the inventory and, unless --stock, through the whole order. */
static enum err take_package(struct desk *d, const struct inventory_info *info,
			     struct slice metadata, struct slice upp)
{
	const struct es2p_order order = {.eid = opt.eid ? d->eid : NULL, .iccid = d->iccid};
	struct es2p_confirmation c = confirmation_of(d);
	const struct smdp_import in = {.iccid = info->iccid,
				       .type = opt.type ? opt.type : info->type,
				       .metadata = metadata,
				       .upp = upp};
	enum err e = smdp_store_begin(d->call.store);

	if (e)
		return e;
	c.release = true;
	e = smdp_profile_put(d->call.store, &in, d->call.now);
	if (!e)
		e = smdp_profile_by_iccid(d->call.store, info->iccid, &d->p);
	if (!e && !opt.stock)
		e = es2p_download_order(&d->call, &order, &d->p);
	if (!e && !opt.stock)
		e = es2p_confirm_order(&d->call, &c, &d->p);
	return smdp_store_end(d->call.store, e);
}

/* The package's type where it can be a name (SGP.22 5.5.3). */
static const char *default_name(const char *type)
{
	size_t n = 0;

	return utf8_count(slice_str(type), &n) || n == 0 || n > ES10C_PROFILE_NAME_MAX ? "Profile"
										       : type;
}

static int load_icon(struct wbuf *icon)
{
	enum err e = opt.icon ? file_read(opt.icon, tool_cancel(), icon) : ERR_OK;

	if (e == ERR_SPACE)
		return tool_fail_said(ERR_LENGTH, "'%s': an icon has at most %d octets (SGP.22)",
				      opt.icon, ES10C_ICON_MAX);
	if (!e && opt.icon && !icon->len)
		e = ERR_LENGTH;
	return e ? tool_fail(e, "cannot take the icon '%s'", opt.icon) : TOOL_OK;
}

static int label_failed(enum err e)
{
	if (e == ERR_UNSUPPORTED)
		return tool_fail_said(e, "'%s' is neither a PNG nor a JPEG file", opt.icon);
	return tool_fail_said(
		e,
		"--name has at most %d characters, --provider %d, --smdp-address is a "
		"host name",
		ES10C_PROFILE_NAME_MAX, ES10C_SERVICE_PROVIDER_MAX);
}

/* What the options say of the profile; icon: memory of the labels. */
static int read_labels(struct inventory_labels *l, struct wbuf *icon)
{
	const struct class_row *class = find_class();
	int code;

	if (!class)
		return tool_usage("--class wants test, provisioning or operational");
	code = load_icon(icon);
	*l = (struct inventory_labels){
		.provider = opt.provider,
		.smdp_address = opt.address,
		.profile_class = class->value,
		.ppr = (opt.ppr1 ? RSP_PPR1 : 0) | (opt.ppr2 ? RSP_PPR2 : 0),
		.icon = wbuf_slice(icon),
	};
	return code;
}

static int import(const char *path, struct desk *d, struct wbuf *upp, struct wbuf *metadata)
{
	struct inventory_info info;
	struct inventory_labels labels;
	uint8_t icon_mem[ES10C_ICON_MAX];
	struct wbuf icon = wbuf_init(icon_mem, sizeof(icon_mem));
	int code = read_labels(&labels, &icon);
	enum err e;

	if (code)
		return code;
	e = file_read(path, tool_cancel(), upp);
	if (e == ERR_SPACE || upp->len > SMDP_UPP_MAX)
		return tool_fail_said(ERR_LENGTH,
				      "'%s': the manager takes packages of at most %u octets", path,
				      SMDP_UPP_MAX);
	if (e)
		return tool_fail(e, "cannot read '%s'", path);
	e = inventory_read(wbuf_slice(upp), &info);
	if (e)
		return tool_fail_said(
			e, "'%s': %s (twinkey profile lint %s says more)", path,
			e == ERR_VALUE ? "its header has no ICCID of up to 20 digits and then "
					 "filler, or a type that is too long"
				       : "it is no unprotected profile package of the TCA, in DER",
			path);
	memcpy(d->iccid, info.iccid, sizeof(d->iccid));
	labels.name = opt.name ? opt.name : default_name(info.type);
	e = inventory_metadata(&info, &labels, metadata);
	if (e)
		return label_failed(e);
	e = take_package(d, &info, wbuf_slice(metadata), wbuf_slice(upp));
	if (e)
		return desk_fail(d, e, e == ERR_EXISTS ? "the profile's ICCID" : path);
	print_profile(&d->p);
	return TOOL_OK;
}

static int run_import(int argc, char **argv)
{
	struct wbuf upp = wbuf_grow(SMDP_UPP_MAX), metadata = wbuf_grow(METADATA_MAX);
	struct desk d;
	int code = open_desk(&d, NULL);

	(void)argc;
	if (!code)
		code = import(argv[0], &d, &upp, &metadata);
	wbuf_free(&upp);
	wbuf_free(&metadata);
	return close_desk(&d, code);
}

static int done(struct desk *d, enum err e, const char *what)
{
	if (e)
		return close_desk(d, desk_fail(d, e, what));
	print_profile(&d->p);
	return close_desk(d, TOOL_OK);
}

static int run_order(int argc, char **argv)
{
	struct es2p_order r = {.type = opt.type};
	struct desk d;
	int code;

	(void)argc, (void)argv;
	if (!opt.iccid && !opt.type)
		return tool_usage("say which: --iccid, or --type for the next of that type");
	code = open_desk(&d, opt.iccid);
	if (code)
		return close_desk(&d, code);
	r.iccid = opt.iccid ? d.iccid : NULL;
	r.eid = opt.eid ? d.eid : NULL;
	return done(&d, es2p_download_order(&d.call, &r, &d.p), "cannot order a profile");
}

static int run_confirm(int argc, char **argv)
{
	struct es2p_confirmation r;
	struct desk d;
	int code = open_desk(&d, argv[0]);

	(void)argc;
	if (code)
		return close_desk(&d, code);
	r = confirmation_of(&d);
	return done(&d, es2p_confirm_order(&d.call, &r, &d.p), argv[0]);
}

static int run_release(int argc, char **argv)
{
	struct desk d;
	int code = open_desk(&d, argv[0]);

	(void)argc;
	if (code)
		return close_desk(&d, code);
	return done(&d, es2p_release_profile(&d.call, d.iccid, &d.p), argv[0]);
}

static int run_cancel(int argc, char **argv)
{
	struct es2p_cancellation r = {.final = opt.final};
	struct desk d;
	int code = open_desk(&d, argv[0]);

	(void)argc;
	if (code)
		return close_desk(&d, code);
	r.iccid = d.iccid;
	if (!smdp_profile_by_iccid(d.call.store, d.iccid, &d.p) && d.p.linked)
		r.eid = memcpy(d.eid, d.p.eid, sizeof(d.eid)); /* who works here sees it */
	return done(&d, es2p_cancel_order(&d.call, &r, &d.p), argv[0]);
}

static bool list_profile(void *ctx, const struct smdp_profile *p)
{
	json_t *list = ctx;
	char iccid[21], type[TEXT_LINE_MAX];

	if (json_array_size(list) == 0)
		tool_say_heads("%-20s  %-11s  %-20s  %s", "ICCID", "STATE", "MATCHING ID", "TYPE");
	json_array_append_new(list, to_json(p));
	profile_iccid_text(p->iccid, iccid);
	tool_say("%-20s  %-11s  %-20s  %s", iccid, state_of(p), p->matching_id,
		 text_line(slice_str(p->type), type));
	return true;
}

static int run_list(int argc, char **argv)
{
	json_t *list = json_array();
	struct desk d;
	int code = open_desk(&d, NULL);
	enum err e;

	(void)argc, (void)argv;
	if (!code) {
		e = smdp_profile_each(d.call.store, list_profile, list);
		code = e ? tool_fail(e, "cannot read the inventory") : TOOL_OK;
		if (!e && json_array_size(list) == 0)
			tool_say("The manager has no profile.");
	}
	if (!code && tool_json())
		tool_print_json(json_pack("{s:O}", "profiles", list));
	json_decref(list);
	return close_desk(&d, code);
}

static int run_show(int argc, char **argv)
{
	struct desk d;
	int code = open_desk(&d, argv[0]);

	(void)argc;
	if (code)
		return close_desk(&d, code);
	return done(&d, smdp_profile_by_iccid(d.call.store, d.iccid, &d.p), argv[0]);
}

static int print_code(const struct smdp_profile *p)
{
	char code[ACTIVATION_MAX];
	struct wbuf qr = wbuf_grow(QR_MAX);
	enum err e = ERR_OK;

	activation_code(p, code);
	if (opt.qr)
		e = qr_put(code, &qr);
	wbuf_u8(&qr, 0);
	if (!e)
		e = wbuf_done(&qr);
	if (e) {
		wbuf_free(&qr);
		return tool_fail(e, "cannot draw the code");
	}
	if (tool_json()) {
		json_t *o = json_pack("{s:s, s:b}", "activationCode", code, "confirmationCode",
				      p->has_code);

		if (opt.qr)
			json_object_set_new(o, "qr", json_string((const char *)qr.ptr));
		tool_print_json(o);
	} else {
		tool_say("%s%s", (const char *)qr.ptr, code);
	}
	wbuf_free(&qr);
	return TOOL_OK;
}

static int run_code(int argc, char **argv)
{
	struct desk d;
	int code = open_desk(&d, argv[0]);
	enum err e;

	(void)argc;
	if (code)
		return close_desk(&d, code);
	e = smdp_profile_by_iccid(d.call.store, d.iccid, &d.p);
	if (e)
		return close_desk(&d, tool_fail(e, "%s", argv[0]));
	if (!has_activation_code(&d.p))
		return close_desk(&d,
				  tool_fail_said(ERR_WRONG_STATE, "%s is %s: %s", argv[0],
						 smdp_state_name(d.p.state), next_step(d.p.state)));
	return close_desk(&d, print_code(&d.p));
}

#define OPT_ADDRESS                                                                                \
	{                                                                                          \
		"smdp-address", 0, OPT_STRING, "NAME",                                             \
			"The manager's name in the activation code (default: that of init)",       \
			&opt.address                                                               \
	}
#define OPT_EID                                                                                    \
	{                                                                                          \
		"eid", 0, OPT_STRING, "DIGITS", "The only eUICC that may have the profile",        \
			&opt.eid                                                                   \
	}
#define OPT_TYPE                                                                                   \
	{                                                                                          \
		"type", 0, OPT_STRING, "TEXT",                                                     \
			"Profile type (import: default that of the package)", &opt.type            \
	}
#define OPT_CONFIRMATION                                                                           \
	{"matching-id",                                                                            \
	 0,                                                                                        \
	 OPT_STRING,                                                                               \
	 "ID",                                                                                     \
	 "Capital letters, digits, hyphens (default: a random one); '' when --eid alone tells",    \
	 &opt.matching_id},                                                                        \
		{"confirmation-code-file",                                                         \
		 0,                                                                                \
		 OPT_STRING,                                                                       \
		 "FILE",                                                                           \
		 "Ask the user for the code in this file ('-': standard input)",                   \
		 &opt.code_file},                                                                  \
		{"code-tries", 0, OPT_UINT, "N", "Wrong codes that end the order (default: 3)",    \
		 &opt.tries},                                                                      \
		{"downloads",	0, OPT_UINT, "N", "Times it may be downloaded (default: 10)",      \
		 &opt.downloads},                                                                  \
	{                                                                                          \
		"expires", 0, OPT_UINT, "DAYS",                                                    \
			"Days that the order lives, 0: for ever (default: 30)", &opt.days          \
	}

static const struct tool_option import_options[] = {
	{"name", 0, OPT_STRING, "TEXT", "Profile name (default: the package's profile type)",
	 &opt.name},
	{"provider", 0, OPT_STRING, "TEXT", "Service provider (default: Twinkey)", &opt.provider},
	{"class", 0, OPT_STRING, "NAME", "test, provisioning or operational (default)", &opt.class},
	{"icon", 0, OPT_STRING, "FILE", "Icon, PNG or JPEG, at most 1024 octets", &opt.icon},
	{"ppr1", 0, OPT_FLAG, NULL, "Policy rule: disabling is not allowed", &opt.ppr1},
	{"ppr2", 0, OPT_FLAG, NULL, "Policy rule: deletion is not allowed", &opt.ppr2},
	{"stock", 0, OPT_FLAG, NULL, "Only into the inventory: order it later", &opt.stock},
	OPT_TYPE,
	OPT_EID,
	OPT_CONFIRMATION,
	OPT_ADDRESS,
	OPT_END,
};
static const struct tool_option order_options[] = {
	{"iccid", 0, OPT_STRING, "DIGITS", "This profile", &opt.iccid},
	OPT_TYPE,
	OPT_EID,
	OPT_END,
};
static const struct tool_option confirm_options[] = {
	{"release", 0, OPT_FLAG, NULL, "Release it at once", &opt.release},
	OPT_EID,
	OPT_CONFIRMATION,
	OPT_ADDRESS,
	OPT_END,
};
static const struct tool_option cancel_options[] = {
	{"final", 0, OPT_FLAG, NULL, "Never to be used again (Unavailable)", &opt.final},
	OPT_END,
};
static const struct tool_option show_options[] = {OPT_ADDRESS, OPT_END};
static const struct tool_option code_options[] = {
	{"qr", 0, OPT_FLAG, NULL, "Also as a QR code in half blocks, for a dark terminal", &opt.qr},
	OPT_ADDRESS,
	OPT_END,
};
const struct tool_command cmd_order[] = {
	{"profile import", "FILE", 1, 1, "Hand any unprotected profile package to the manager",
	 "Takes a package of the TCA form; ICCID, type, policy rules and owner come out of it.\n"
	 "Unless --stock is given, the profile is ordered, confirmed and released at once.",
	 import_options, run_import},
	{"profile order", "", 0, 0, "Order a profile (ES2+.DownloadOrder)", NULL, order_options,
	 run_order},
	{"profile confirm", "ICCID", 1, 1, "Confirm an order (ES2+.ConfirmOrder)", NULL,
	 confirm_options, run_confirm},
	{"profile release", "ICCID", 1, 1, "Let a profile be downloaded (ES2+.ReleaseProfile)",
	 NULL, show_options, run_release},
	{"profile cancel", "ICCID", 1, 1, "Take an order back (ES2+.CancelOrder)", NULL,
	 cancel_options, run_cancel},
	{"profile list", "", 0, 0, "List the manager's profiles", NULL, show_options, run_list},
	{"profile show", "ICCID", 1, 1, "Show a profile and its order", NULL, show_options,
	 run_show},
	{"profile code", "ICCID", 1, 1, "Print the activation code", NULL, code_options, run_code},
};
const size_t cmd_order_count = ARRAY_LEN(cmd_order);
