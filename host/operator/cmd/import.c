/* profile import: hands a profile package to the manager */
#include <string.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/desk.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/smdp/inventory.h"
#include "host/operator/smdp/store/import.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"
#include "lib/base/utf8.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"

#define METADATA_MAX 65536

static struct {
	const char *name, *provider, *class, *icon;
	bool stock, ppr1, ppr2;
} opt = {.provider = "Twinkey", .class = "operational"};

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
	const struct es2p_order order = {.eid = desk_options.eid ? d->eid : NULL,
					 .iccid = d->iccid};
	struct es2p_confirmation c = desk_confirmation(d);
	const struct smdp_import in = {.iccid = info->iccid,
				       .type = desk_options.type ? desk_options.type : info->type,
				       .metadata = metadata,
				       .upp = upp};
	enum err e;

	c.release = true;
	SMDP_TRANSACTION (d->call.store, e) {
		e = smdp_import(d->call.store, &in, d->call.now);
		if (!e)
			e = smdp_profile_by_iccid(d->call.store, info->iccid, &d->p);
		if (!e && !opt.stock)
			e = es2p_download_order(&d->call, &order, &d->p);
		if (!e && !opt.stock)
			e = es2p_confirm_order(&d->call, &c, &d->p);
	}
	return e;
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
		.smdp_address = desk_options.address,
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
	desk_print_profile(&d->p);
	return TOOL_OK;
}

static int run_import(int argc, char **argv)
{
	struct wbuf upp = wbuf_grow(SMDP_UPP_MAX), metadata = wbuf_grow(METADATA_MAX);
	struct desk d;
	int code = desk_open(&d, NULL);

	(void)argc;
	if (!code)
		code = import(argv[0], &d, &upp, &metadata);
	wbuf_free(&upp);
	wbuf_free(&metadata);
	return desk_close(&d, code);
}

static const struct tool_option import_options[] = {
	{"name", 0, OPT_STRING, "TEXT", "Profile name (default: the package's profile type)",
	 &opt.name},
	{"provider", 0, OPT_STRING, "TEXT", "Service provider (default: Twinkey)", &opt.provider},
	{"class", 0, OPT_STRING, "test|provisioning|operational",
	 "Class of the profile (default: operational)", &opt.class},
	{"icon", 0, OPT_STRING, "FILE", "Icon, PNG or JPEG, at most 1024 octets", &opt.icon},
	{"ppr1", 0, OPT_FLAG, NULL, "Policy rule: disabling is not allowed", &opt.ppr1},
	{"ppr2", 0, OPT_FLAG, NULL, "Policy rule: deletion is not allowed", &opt.ppr2},
	{"stock", 0, OPT_FLAG, NULL, "Only into the inventory: order it later", &opt.stock},
	DESK_OPT_TYPE,
	DESK_OPT_EID,
	DESK_OPT_CONFIRMATION,
	DESK_OPT_ADDRESS,
	OPT_END,
};

const struct tool_command cmd_import[] = {
	{"profile import", "FILE", 1, 1, "Hand any unprotected profile package to the manager",
	 "Takes a package of the TCA form; ICCID, type, policy rules and owner come out of it.\n"
	 "Unless --stock is given, the profile is ordered, confirmed and released at once.",
	 import_options, run_import},
};
const size_t cmd_import_count = ARRAY_LEN(cmd_import);
