/* create: makes a card in a folder. */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "card-emu/card.h"
#include "card-emu/cmd.h"
#include "card-emu/store/keys.h"
#include "card-emu/uicc/sim.h"
#include "lib/rsp/cert.h"
#include "tool/file.h"

#define FILE_LIMIT  (64 * 1024)
#define PATTERN_CAP 4096

static struct {
	const char *dir, *eid, *pki, *profile;
	const char *euicc_cert, *euicc_key, *eum_cert;
	struct tool_list ci_certs;
} given;

static const struct tool_option options[] = {
	{"dir", 'd', OPT_STRING, "DIR", "The folder to make (needed)", &given.dir},
	{"pki", 0, OPT_STRING, "DIR", "Identity and trust as in SGP.26: CI/ EUM/ eUICC/",
	 &given.pki},
	{"eid", 0, OPT_STRING, "HEX", "The EID (default: the certificate's)", &given.eid},
	{"euicc-cert", 0, OPT_STRING, "FILE", "CERT.EUICC (DER)", &given.euicc_cert},
	{"euicc-key", 0, OPT_STRING, "FILE", "Its private key (PEM or DER)", &given.euicc_key},
	{"eum-cert", 0, OPT_STRING, "FILE", "CERT.EUM (DER)", &given.eum_cert},
	{"ci-cert", 0, OPT_LIST, "FILE", "A CI's certificate (DER); may be repeated",
	 &given.ci_certs},
	{"profile", 0, OPT_STRING, "FILE", "A SIM in text form, enabled from the start",
	 &given.profile},
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

/* SGP.26's test EID, for a card without a certificate that names one */
static const char default_eid[] = "89049032123451234512345678901235";

enum part { PART_EUICC, PART_KEY, PART_EUM, PART_CI, PARTS = PART_CI + 8 };

struct inputs {
	struct wbuf files[PARTS];
	size_t cis;
};

static enum err read_into(struct wbuf *w, const char *path)
{
	*w = wbuf_grow(FILE_LIMIT);
	return file_read(path, w);
}

/* The last match of the pattern in the PKI folder: the NIST curve's, where both are there. */
static enum err read_match(struct wbuf *w, const char *pattern)
{
	char path[PATTERN_CAP];
	glob_t found = {0};
	enum err e = file_join(given.pki, pattern, path, sizeof(path));

	if (e)
		return e;
	if (glob(path, 0, NULL, &found) != 0)
		e = ERR_NOT_FOUND;
	else
		e = read_into(w, found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
	return e;
}

static enum err read_cis(struct inputs *in)
{
	char path[PATTERN_CAP];
	glob_t found = {0};
	enum err e = file_join(given.pki, "CI/CERT_*.der", path, sizeof(path));

	if (e)
		return e;
	if (glob(path, 0, NULL, &found) != 0)
		e = ERR_NOT_FOUND;
	for (size_t i = 0; !e && i < found.gl_pathc && PART_CI + in->cis < PARTS; i++)
		e = read_into(&in->files[PART_CI + in->cis++], found.gl_pathv[i]);
	globfree(&found);
	return e;
}

static enum err read_pki(struct inputs *in)
{
	static const struct {
		enum part part;
		const char *pattern;
	} parts[] = {{PART_EUICC, "eUICC/CERT_*.der"},
		     {PART_KEY, "eUICC/SK_*.pem"},
		     {PART_EUM, "EUM/CERT_*.der"}};
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < ARRAY_LEN(parts); i++)
		e = read_match(&in->files[parts[i].part], parts[i].pattern);
	return e ? e : read_cis(in);
}

static enum err read_files(struct inputs *in)
{
	enum err e = read_into(&in->files[PART_EUICC], given.euicc_cert);

	if (!e)
		e = read_into(&in->files[PART_KEY], given.euicc_key);
	if (!e)
		e = read_into(&in->files[PART_EUM], given.eum_cert);
	for (size_t i = 0; !e && i < given.ci_certs.count && PART_CI + in->cis < PARTS; i++)
		e = read_into(&in->files[PART_CI + in->cis++], given.ci_certs.items[i]);
	return e;
}

static enum err make_identity(const struct inputs *in, struct card_identity *id)
{
	struct cert cert;
	enum err e = ERR_OK;

	id->euicc_cert = wbuf_slice(&in->files[PART_EUICC]);
	id->euicc_key = wbuf_slice(&in->files[PART_KEY]);
	id->eum_cert = wbuf_slice(&in->files[PART_EUM]);
	for (size_t i = 0; i < in->cis; i++)
		id->ci_certs[i] = wbuf_slice(&in->files[PART_CI + i]);
	if (given.eid || !id->euicc_cert.len)
		return hex_decode_exact(given.eid ? given.eid : default_eid, id->eid,
					sizeof(id->eid));
	e = cert_parse(id->euicc_cert, &cert);
	return e ? e : rsp_cert_eid(&cert, id->eid);
}

static int read_profile(struct simfile **sim)
{
	struct wbuf text = wbuf_grow(SIMFILE_MAX + 1);
	struct simfile_error error;
	enum err e = file_read(given.profile, &text);

	if (e) {
		wbuf_free(&text);
		return tool_fail(e, "%s", given.profile);
	}
	e = simfile_parse(wbuf_slice(&text), sim, &error);
	wbuf_free(&text);
	if (!e)
		return TOOL_OK;
	if (error.line)
		return tool_fail(e, "%s, line %u: %s %s", given.profile, error.line,
				 *error.key ? error.key : "it", error.why);
	return tool_fail(e, "%s: %s %s", given.profile, error.key, error.why);
}

static enum err install_sim(const struct simfile *sim)
{
	struct store *store = NULL;
	enum err e = store_open(given.dir, 0, &store);

	if (e)
		return e;
	e = sim_install(store, sim);
	store_close(&store);
	return e;
}

static int create(const struct inputs *in, const struct simfile *sim)
{
	struct card_options o = {.dir = given.dir};
	struct card_identity id = {0};
	char eid[2 * sizeof(id.eid) + 1];
	enum err e = make_identity(in, &id);

	if (e)
		return tool_fail(e, "%s", given.eid ? "--eid" : "the eUICC's certificate");
	e = card_create(&o, &id);
	if (!e && given.profile)
		e = install_sim(sim);
	if (!e)
		e = hex_encode(SLICE_OF(id.eid), eid, sizeof(eid));
	if (e)
		return tool_fail(e, "%s", given.dir);
	tool_say("created %s, EID %s%s", given.dir, eid,
		 given.profile ? ", one profile enabled" : "");
	if (tool_json())
		tool_print_json(json_pack("{s:s, s:s, s:b}", "dir", given.dir, "eid", eid,
					  "profile", given.profile != NULL));
	return TOOL_OK;
}

static int run(int argc, char **argv)
{
	bool by_files =
		given.euicc_cert || given.euicc_key || given.eum_cert || given.ci_certs.count;
	struct inputs in = {0};
	struct simfile *sim = NULL;
	int code = TOOL_OK;
	enum err e = ERR_OK;

	(void)argc, (void)argv;
	if (!given.dir)
		return tool_usage("--dir is missing");
	if (by_files && (given.pki || !given.euicc_cert || !given.euicc_key || !given.eum_cert ||
			 !given.ci_certs.count))
		return tool_usage("give --pki, or all of --euicc-cert, --euicc-key, --eum-cert and "
				  "--ci-cert");
	if (!by_files && !given.pki && !given.profile)
		return tool_usage(
			"give --pki DIR (made by twinkey-operator init), or --profile FILE");
	if (given.pki)
		e = read_pki(&in);
	else if (by_files)
		e = read_files(&in);
	if (e)
		code = tool_fail(e, "reading the certificates%s%s", given.pki ? " of " : "",
				 given.pki ? given.pki : "");
	if (code == TOOL_OK && given.profile)
		code = read_profile(&sim);
	if (code == TOOL_OK)
		code = create(&in, sim);
	for (size_t i = 0; i < ARRAY_LEN(in.files); i++)
		wbuf_free(&in.files[i]);
	simfile_free(&sim);
	return code;
}

const struct tool_command cmd_create = {
	.name = "create",
	.args = "",
	.summary = "Make a card: an eUICC's identity, and a SIM if wanted",
	.details =
		"The SIM's text file has lines \"name = value\": imsi, iccid, k, opc (or op),\n"
		"and, if wanted, sqn, pin, puk, adm, name, mnc_length, algorithm. The file holds\n"
		"a secret key: let nobody else read it.",
	.options = options,
	.run = run,
};
