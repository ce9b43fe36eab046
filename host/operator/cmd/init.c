/* init: an operator's folder: keys, certificates, stores */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/operator/cmd/cmd.h"
#include "host/operator/pki.h"
#include "host/operator/smdp.h"
#include "tool/file.h"

#define PATH_CAP   4096
#define WALK_FILES 16

static struct {
	const char *curve, *address, *eid, *import;
} opt = {.curve = "both",
	 .address = SMDP_ADDRESS_DEFAULT,
	 .eid = "89049032123451234512345678901235"}; /* SGP.26's test eUICC */

static const struct curve_row {
	const char *name;
	bool p256, bp256r1;
} curves[] = {{"p256", true, false}, {"bp256r1", false, true}, {"both", true, true}};

static const struct curve_row *find_curve(void)
{
	for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
		if (strcmp(curves[i].name, opt.curve) == 0)
			return &curves[i];
	}
	return NULL;
}

/* RFC 1123: letters, digits, hyphens and dots */
static bool is_address(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-.";
	size_t n = strspn(text, allowed);

	return n && n <= 128 && !text[n] && text[0] != '.' && text[0] != '-';
}

static enum err make_pki(const char *dir, const struct curve_row *curve, const uint8_t *eid)
{
	enum err e = ERR_OK;

	if (opt.import)
		return pki_import(opt.import, dir);
	if (curve->p256)
		e = pki_create(dir, EC_P256, eid, opt.address);
	if (!e && curve->bp256r1)
		e = pki_create(dir, EC_BP256R1, eid, opt.address);
	return e;
}

static enum err make_stores(const char *dir)
{
	struct operator_store *s = NULL;
	struct smdp_store *manager = NULL;
	struct smdp *smdp = NULL;
	char path[PATH_CAP], pki[PATH_CAP];
	enum err e = operator_store_create(dir, &s);

	operator_store_close(&s);
	if (!e)
		e = file_join(dir, "manager", path, sizeof(path));
	if (!e)
		e = smdp_store_open(path, &manager);
	if (!e)
		e = file_join(dir, "pki", pki, sizeof(pki));
	if (!e) /* the certificates must serve their purpose */
		e = smdp_open(manager, dir, opt.address, cmd_now(), &smdp);
	smdp_close(&smdp);
	smdp_store_close(&manager);
	if (!e)
		e = file_join(dir, CMD_ADDRESS_FILE, path, sizeof(path));
	return e ? e : file_write(path, slice_str(opt.address), 0644);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st, (void)kind, (void)where;
	return remove(path);
}

/* Everything is made beside the place and moved there at once: nothing is ever half there. */
static enum err make_folder(const char *dir, const struct curve_row *curve, const uint8_t *eid)
{
	char tmp[PATH_CAP];
	enum err e;
	int n = snprintf(tmp, sizeof(tmp), "%s.XXXXXX", dir);

	if (n < 0 || n >= (int)sizeof(tmp))
		return ERR_SPACE;
	if (!mkdtemp(tmp))
		return file_errno(errno);
	e = make_pki(tmp, curve, eid);
	if (!e)
		e = release_key_create(tmp);
	if (!e)
		e = make_stores(tmp);
	/* rename() replaces an empty folder and refuses one that holds anything */
	if (!e && rename(tmp, dir))
		e = file_errno(errno);
	if (e)
		nftw(tmp, remove_one, WALK_FILES, FTW_DEPTH | FTW_PHYS);
	return e;
}

static int run_init(int argc, char **argv)
{
	const struct curve_row *curve = find_curve();
	char dir[PATH_CAP];
	uint8_t eid[16];
	size_t n = strlen(cmd_dir);
	enum err e;

	(void)argc, (void)argv;
	if (!curve)
		return tool_usage("--curve wants p256, bp256r1 or both");
	if (!is_address(opt.address))
		return tool_usage("--smdp-address wants a host name");
	if (hex_decode_exact(opt.eid, eid, sizeof(eid)) || strspn(opt.eid, "0123456789") != 32)
		return tool_usage("--eid wants 32 digits");
	while (n > 1 && cmd_dir[n - 1] == '/')
		n--;
	if (slice_text(slice_make(cmd_dir, n), dir, sizeof(dir)))
		return tool_usage("--dir is too long");
	e = make_folder(dir, curve, eid);
	if (e == ERR_EXISTS)
		return tool_fail(e, "'%s' is there and is not empty: choose another --dir", dir);
	if (e == ERR_NOT_FOUND && opt.import)
		return tool_fail(e, "'%s' has no CI, DPauth and DPpb as in SGP.26", opt.import);
	if (e)
		return tool_fail(e, "cannot make an operator in '%s'", dir);
	if (tool_json())
		tool_print_json(json_pack("{s:s, s:s}", "dir", dir, "smdpAddress", opt.address));
	else
		tool_say("Made an operator in '%s' (SM-DP+ address %s).\n"
			 "Its keys are in store.key, release.key and pki/: keep them secret.",
			 dir, opt.address);
	return TOOL_OK;
}

static const struct tool_option options[] = {
	{"curve", 0, OPT_STRING, "NAME", "p256, bp256r1 or both (default: both)", &opt.curve},
	{"smdp-address", 0, OPT_STRING, "NAME",
	 "The subscription manager's address (default: " SMDP_ADDRESS_DEFAULT ")", &opt.address},
	{"eid", 0, OPT_STRING, "DIGITS", "EID of the test eUICC (default: that of SGP.26)",
	 &opt.eid},
	{"import-pki", 0, OPT_STRING, "FOLDER", "Take this PKI in the form of SGP.26 over",
	 &opt.import},
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

const struct tool_command cmd_init[] = {
	{"init", "", 0, 0, "Make an operator's folder",
	 "Makes a test PKI in the form of SGP.26, a release key, the subscriber store and the\n"
	 "subscription manager's folder.",
	 options, run_init},
};
const size_t cmd_init_count = ARRAY_LEN(cmd_init);
