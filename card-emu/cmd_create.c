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
#include "tool/pki.h"

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
	{"eid", 0, OPT_STRING, "DIGITS",
	 "The EID (default: the certificate's; without one a random EID)", &given.eid},
	{"euicc-cert", 0, OPT_STRING, "FILE", "CERT.EUICC (DER)", &given.euicc_cert},
	{"euicc-key", 0, OPT_STRING, "FILE", "Its private key (PEM or DER)", &given.euicc_key},
	{"eum-cert", 0, OPT_STRING, "FILE", "CERT.EUM (DER)", &given.eum_cert},
	{"ci-cert", 0, OPT_LIST, "FILE", "A CI's certificate (DER); may be repeated",
	 &given.ci_certs},
	{"profile", 0, OPT_STRING, "FILE", "A SIM in text form, enabled from the start",
	 &given.profile},
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

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
static enum err read_match(struct wbuf *w, const char *pki, const char *pattern)
{
	char path[PATTERN_CAP];
	glob_t found = {0};
	enum err e = file_join(pki, pattern, path, sizeof(path));

	if (e)
		return e;
	if (glob(path, 0, NULL, &found) != 0)
		e = ERR_NOT_FOUND;
	else
		e = read_into(w, found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
	return e;
}

static enum err read_cis(struct inputs *in, const char *pki)
{
	static const char *const patterns[] = {"CI/CERT_*.der", "CertificateIssuer/CERT_*.der"};
	char path[PATTERN_CAP];
	enum err e = ERR_NOT_FOUND;

	for (size_t k = 0; e == ERR_NOT_FOUND && k < ARRAY_LEN(patterns); k++) {
		glob_t found = {0};

		e = file_join(pki, patterns[k], path, sizeof(path));
		if (!e && glob(path, 0, NULL, &found) != 0)
			e = ERR_NOT_FOUND;
		for (size_t i = 0; !e && i < found.gl_pathc && PART_CI + in->cis < PARTS; i++)
			e = read_into(&in->files[PART_CI + in->cis++], found.gl_pathv[i]);
		globfree(&found);
	}
	return e;
}

static enum err read_pki(struct inputs *in, const char *pki)
{
	static const struct {
		enum part part;
		const char *pattern;
	} parts[] = {{PART_EUICC, "eUICC/CERT_*.der"},
		     {PART_KEY, "eUICC/SK_*.pem"},
		     {PART_EUM, "EUM/CERT_*.der"}};
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < ARRAY_LEN(parts); i++)
		e = read_match(&in->files[parts[i].part], pki, parts[i].pattern);
	return e ? e : read_cis(in, pki);
}

/* A PKI of the card's own, below its folder: an operator can take it over. */
static enum err make_pki(struct inputs *in, const char *dir)
{
	char path[PATTERN_CAP];
	uint8_t eid[16];
	enum err e = given.eid ? pki_parse_eid(given.eid, eid) : pki_random_eid(eid);

	if (!e)
		e = pki_create(dir, EC_P256, eid, NULL);
	if (!e)
		e = file_join(dir, "pki", path, sizeof(path));
	return e ? e : read_pki(in, path);
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
	if (given.eid)
		return pki_parse_eid(given.eid, id->eid);
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

static enum err install_sim(const char *dir, const struct simfile *sim)
{
	struct store *store = NULL;
	enum err e = store_open(dir, 0, &store);

	if (e)
		return e;
	e = sim_install(store, sim);
	store_close(&store);
	return e;
}

static enum err make_card(const char *dir, const struct inputs *in, const struct simfile *sim,
			  struct card_identity *id)
{
	struct card_options o = {.dir = dir};
	enum err e = make_identity(in, id);

	if (!e)
		e = card_create(&o, id);
	if (!e && sim)
		e = install_sim(dir, sim);
	return e;
}

static int report(const struct card_identity *id, bool own_pki)
{
	char eid[2 * sizeof(id->eid) + 1], pki[PATTERN_CAP];
	enum err e = hex_encode(SLICE_OF(id->eid), eid, sizeof(eid));

	if (!e)
		e = file_join(given.dir, "pki", pki, sizeof(pki));
	if (e)
		return tool_fail(e, "%s", given.dir);
	tool_say("created %s, EID %s%s", given.dir, eid,
		 given.profile ? ", one profile enabled" : "");
	if (own_pki)
		tool_say("its test PKI is in %s (it holds private keys); an operator takes it over "
			 "with\n  twinkey-operator init --import-pki %s",
			 pki, pki);
	if (tool_json())
		tool_print_json(json_pack("{s:s, s:s, s:b, s:s*}", "dir", given.dir, "eid", eid,
					  "profile", given.profile != NULL, "pki",
					  own_pki ? pki : NULL));
	return TOOL_OK;
}

/* The card is made beside its place and moved there at once: nothing is ever half there. */
static int create(struct inputs *in, const struct simfile *sim, bool own_pki)
{
	struct card_identity id = {0};
	char tmp[PATTERN_CAP];
	enum err e = file_new_dir(given.dir, tmp, sizeof(tmp));

	if (e)
		return tool_fail(e, "%s", given.dir);
	if (own_pki)
		e = make_pki(in, tmp);
	if (!e)
		e = make_card(tmp, in, sim, &id);
	if (!e)
		e = file_place_dir(tmp, given.dir);
	if (!e)
		return report(&id, own_pki);
	file_remove_tree(tmp);
	if (e == ERR_EXISTS)
		return tool_fail(e, "%s is there and is not empty: choose another --dir",
				 given.dir);
	if (e == ERR_KEY || e == ERR_CERT || e == ERR_CERT_UNTRUSTED || e == ERR_CERT_EXPIRED ||
	    e == ERR_SIGNATURE || e == ERR_ENCODING)
		return tool_fail(e, "EID, certificates and key do not make an eUICC");
	return tool_fail(e, "%s", given.dir);
}

static int run(int argc, char **argv)
{
	bool by_files =
		given.euicc_cert || given.euicc_key || given.eum_cert || given.ci_certs.count;
	bool own_pki = !by_files && !given.pki;
	struct inputs in = {0};
	struct simfile *sim = NULL;
	int code = TOOL_OK;
	uint8_t eid[16];
	enum err e = ERR_OK;

	(void)argc, (void)argv;
	if (!given.dir)
		return tool_usage("--dir is missing");
	if (by_files && (given.pki || !given.euicc_cert || !given.euicc_key || !given.eum_cert ||
			 !given.ci_certs.count))
		return tool_usage("give --pki, or all of --euicc-cert, --euicc-key, --eum-cert and "
				  "--ci-cert");
	if (given.ci_certs.count > PARTS - PART_CI)
		return tool_usage("--ci-cert can be given %d times", PARTS - PART_CI);
	if (given.eid && pki_parse_eid(given.eid, eid))
		return tool_usage("--eid wants 32 digits");
	if (given.pki)
		e = read_pki(&in, given.pki);
	else if (by_files)
		e = read_files(&in);
	if (e)
		code = tool_fail(e, "reading the certificates%s%s", given.pki ? " of " : "",
				 given.pki ? given.pki : "");
	if (code == TOOL_OK && given.profile)
		code = read_profile(&sim);
	if (code == TOOL_OK)
		code = create(&in, sim, own_pki);
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
		"Without certificates the card gets a test PKI of its own in DIR/pki, in the form "
		"of\n"
		"SGP.26, private keys of CI and EUM included. An operator takes it over with\n"
		"\"twinkey-operator init --import-pki DIR/pki\".\n"
		"The SIM's text file has lines \"name = value\": imsi, iccid, k, opc (or op),\n"
		"and, if wanted, sqn, pin, puk, adm, name, mnc_length, algorithm. The file holds\n"
		"a secret key: let nobody else read it.",
	.options = options,
	.run = run,
};
