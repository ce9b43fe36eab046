/* subscriber add */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/subscriber/say.h"
#include "host/operator/release/prepare.h"
#include "host/operator/store/store.h"
#include "lib/auth/tuak.h"
#include "lib/crypto/symmetric.h"
#include "lib/profile/simfile.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"
#include "tool/sys/secret_file.h"

#define IMSI_DIGITS_MIN 6

struct key_choice { /* of a subscription */
	const char *algorithm;
	unsigned bits;
};

static struct {
	const char *name, *imsi1, *imsi2, *iccid, *keys, *ind_bits;
	struct key_choice key[2];
	const char *msisdn[2], *plmn_list;
	bool derived, in_memory, keep_first;
} opt = {.name = ""};

static bool is_imsi(const char *text)
{
	return text && profile_digits(text, IMSI_DIGITS_MIN, IMSI_MAX);
}

/* 19 digits end in a check digit; 20 are taken as they are */
static enum err given_iccid(const char *text, uint8_t iccid[static 10])
{
	enum err e = profile_iccid(text, iccid);

	if (!e && strlen(text) == 19 && text[18] != prepare_check_digit(text, 18))
		e = ERR_VALUE;
	return e;
}

/* MILENAGE has keys of 128 bits; TUAK of 128 or 256 (TS 35.231 5.1). */
static int choose_key(unsigned which, enum aka_algorithm *algorithm, size_t *octets)
{
	static const enum aka_algorithm known[] = {AKA_MILENAGE, AKA_TUAK};
	const struct key_choice *c = &opt.key[which];
	const char *name = c->algorithm ? c->algorithm : simfile_algorithm(AKA_MILENAGE);
	unsigned bits = c->bits ? c->bits : 128;
	size_t i = 0;

	while (i < ARRAY_LEN(known) && strcasecmp(name, simfile_algorithm(known[i])) != 0)
		i++;
	if (i == ARRAY_LEN(known))
		return tool_usage("--algorithm%u is milenage or tuak, not '%s'", which + 1, name);
	if (bits != 128 && bits != 256)
		return tool_usage("--key-bits%u is 128 or 256, not %u", which + 1, bits);
	if (bits == 256 && known[i] != AKA_TUAK)
		return tool_usage("a key of 256 bits is for TUAK: MILENAGE has keys of 128 bits "
				  "(--algorithm%u tuak)",
				  which + 1);
	*algorithm = known[i];
	*octets = bits / 8;
	return TOOL_OK;
}

/* Fresh ones, as the options ask for them. */
static int random_keys(struct subscriber *sub, struct subscriber_keys *keys)
{
	keys->s = random_secret(SEALING_KEY_LEN);
	for (unsigned i = 0; i < 2; i++) {
		size_t octets = 0;
		int code = choose_key(i, &sub->algorithm[i], &octets);

		if (code)
			return code;
		if (i == 1 && opt.derived)
			sub->modes.derived = (unsigned)octets;
		else
			keys->k[i] = random_secret(octets);
		keys->opc[i] = random_secret(sub->algorithm[i] == AKA_TUAK ? (size_t)TUAK_TOPC_LEN
									   : octets);
		if ((!keys->k[i] && !sub->modes.derived) || !keys->opc[i])
			return tool_fail(ERR_MEMORY, "cannot make keys");
	}
	return keys->s ? TOOL_OK : tool_fail(ERR_MEMORY, "cannot make keys");
}

/* The first subscription out of a file, in place of random keys. */
static int keys_from_file(struct subscriber *sub, struct subscriber_keys *keys)
{
	struct wbuf text = wbuf_grow(SIMFILE_MAX);
	struct simfile_error why = {0};
	char said[SIMFILE_SENTENCE];
	struct simfile *f = NULL;
	enum err e = secret_file_read(opt.keys, tool_cancel(), &text);

	if (e) {
		wbuf_free(&text);
		return tool_fail(e, "%s", opt.keys);
	}
	e = simfile_parse(wbuf_slice(&text), &f, &why);
	wbuf_free(&text);
	if (e) {
		simfile_error_text(&why, said);
		return tool_fail_said(e, "%s%s%s", opt.keys, why.line ? ", " : ": ", said);
	}
	secret_free(&keys->k[0]);
	keys->k[0] = secret_copy(f->spec.k);
	if (f->spec.opc.len) { /* the test algorithm has none, and no use for the random one */
		secret_free(&keys->opc[0]);
		keys->opc[0] = secret_copy(f->spec.opc);
	}
	sub->algorithm[0] = f->spec.algorithm;
	keys->shape[0] = f->spec.shape;
	keys->sqn[0] = f->sqn;
	snprintf(sub->imsi[0], sizeof(sub->imsi[0]), "%s", f->spec.imsi);
	e = profile_iccid(f->spec.iccid, sub->iccid);
	if (!e && (!keys->k[0] || !keys->opc[0]))
		e = ERR_MEMORY;
	simfile_free(&f);
	return e ? tool_fail(e, "%s", opt.keys) : TOOL_OK;
}

static int check_add(struct subscriber *sub)
{
	if (opt.keys && (opt.imsi1 || opt.iccid || opt.key[0].algorithm || opt.key[0].bits))
		return tool_usage("--keys names the IMSI 1, the ICCID and the first key itself");
	if ((!opt.keys && !is_imsi(opt.imsi1)) || !is_imsi(opt.imsi2))
		return tool_usage("--imsi1 and --imsi2 want 6 to 15 digits each");
	if (slice_text(slice_str(opt.name), sub->name, sizeof(sub->name)))
		return tool_usage("--name is longer than 64 octets");
	if (opt.ind_bits && (opt.ind_bits[0] < '0' || opt.ind_bits[0] > '8' || opt.ind_bits[1]))
		return tool_usage("--ind-bits is from 0 to 8, not '%s'", opt.ind_bits);
	if (opt.iccid ? given_iccid(opt.iccid, sub->iccid) : prepare_random_iccid(sub->iccid))
		return tool_usage("--iccid wants 19 or 20 digits; the last of 19 is a check digit");
	sub->modes.in_memory = opt.in_memory;
	sub->modes.keep_first = opt.keep_first;
	snprintf(sub->imsi[0], sizeof(sub->imsi[0]), "%s", opt.imsi1 ? opt.imsi1 : "");
	snprintf(sub->imsi[1], sizeof(sub->imsi[1]), "%s", opt.imsi2);
	return TOOL_OK;
}

static int add(struct subscriber *sub, const struct subscriber_keys *keys)
{
	struct operator_store *s = NULL;
	enum err e;
	int code;

	if (strcmp(sub->imsi[0], sub->imsi[1]) == 0 && (opt.in_memory || opt.keep_first))
		return tool_usage("%s needs two IMSIs: the AuC tells by them which key a card has",
				  opt.in_memory ? "--in-memory" : "--keep-first-key");
	code = cmd_store_open(&s);
	if (code)
		return code;
	e = subscriber_add(s, sub, keys);
	operator_store_close(&s);
	if (e == ERR_EXISTS)
		return tool_fail_said(e, "an IMSI or the ICCID belongs to another subscriber");
	return e ? tool_fail(e, "cannot add the subscriber with IMSI %s", sub->imsi[0])
		 : say_subscriber(sub);
}

static int add_numbers(struct subscriber *sub)
{
	for (unsigned i = 0; i < 2; i++) {
		const char *number = opt.msisdn[i];

		if (number && !profile_is_number(number))
			return tool_usage("--msisdn%u wants 1 to 20 digits, after a + where it is "
					  "international",
					  i + 1);
		snprintf(sub->msisdn[i], sizeof(sub->msisdn[i]), "%s", number ? number : "");
	}
	return TOOL_OK;
}

static int add_networks(struct subscriber *sub)
{
	struct wbuf text = wbuf_grow(NETWORKS_TEXT_MAX);
	struct networks_error why = {0};
	enum err e = opt.plmn_list ? file_read(opt.plmn_list, tool_cancel(), &text) : ERR_OK;

	if (!e && opt.plmn_list)
		e = networks_parse(wbuf_slice(&text), sub->networks, &why);
	wbuf_free(&text);
	if (e && why.why)
		return tool_fail_said(e, "%s, line %u: %s", opt.plmn_list, why.line, why.why);
	return e ? tool_fail(e, "cannot read '%s'", opt.plmn_list) : TOOL_OK;
}

static int run_add(int argc, char **argv)
{
	struct subscriber sub = {.key_id = 1};
	struct subscriber_keys keys = {0};
	int code = check_add(&sub);

	(void)argc, (void)argv;
	if (!code)
		code = add_numbers(&sub);
	if (!code)
		code = add_networks(&sub);
	if (!code)
		code = random_keys(&sub, &keys);
	if (!code && opt.keys)
		code = keys_from_file(&sub, &keys);
	for (int i = 0; !code && i < 2 && opt.ind_bits; i++) {
		keys.shape[i].has_ind_bits = true;
		keys.shape[i].ind_bits = (unsigned)(opt.ind_bits[0] - '0');
	}
	if (!code)
		code = add(&sub, &keys);
	subscriber_keys_free(&keys);
	return code;
}

static const struct tool_option add_options[] = {
	{"imsi1", 0, OPT_STRING, "DIGITS", "IMSI of the first subscription", &opt.imsi1},
	{"imsi2", 0, OPT_STRING, "DIGITS",
	 "IMSI of the second, sealed subscription; it may be that of the first", &opt.imsi2},
	{"name", 0, OPT_STRING, "TEXT", "Who it is, for the log", &opt.name},
	{"iccid", 0, OPT_STRING, "DIGITS", "ICCID (default: a random one)", &opt.iccid},
	{"keys", 0, OPT_STRING, "FILE",
	 "Take the first subscription (IMSI, ICCID, key, last SQN) from this text file", &opt.keys},
	{"ind-bits", 0, OPT_STRING, "0-8",
	 "How many bits of SQN are IND, in the AuC and on the card (default: 5)", &opt.ind_bits},
	{"algorithm1", 0, OPT_STRING, "milenage|tuak", "Of the first key (default: milenage)",
	 &opt.key[0].algorithm},
	{"algorithm2", 0, OPT_STRING, "milenage|tuak", "Of the second key (default: milenage)",
	 &opt.key[1].algorithm},
	{"key-bits1", 0, OPT_UINT, "128|256", "Length of the first key; 256: TUAK (default: 128)",
	 &opt.key[0].bits},
	{"key-bits2", 0, OPT_UINT, "128|256", "Length of the second key; 256: TUAK (default: 128)",
	 &opt.key[1].bits},
	{"derived", 0, OPT_FLAG, NULL,
	 "The second key is derived at its release, by card and operator, and never travels",
	 &opt.derived},
	{"in-memory", 0, OPT_FLAG, NULL,
	 "The second key is in the card's volatile memory: gone at power off, and released again",
	 &opt.in_memory},
	{"keep-first-key", 0, OPT_FLAG, NULL,
	 "The first key opens limited access also when the second is in force (default: refused)",
	 &opt.keep_first},
	{"msisdn1", 0, OPT_STRING, "NUMBER", "Telephone number of the first subscription",
	 &opt.msisdn[0]},
	{"msisdn2", 0, OPT_STRING, "NUMBER", "Telephone number of the second; it is sealed with it",
	 &opt.msisdn[1]},
	{"plmn-list", 0, OPT_STRING, "FILE",
	 "Preferred and forbidden networks of both, or of each one", &opt.plmn_list},
	OPT_END,
};

const struct tool_command cmd_subscriber_add[] = {
	{"subscriber add", "", 0, 0, "Add a subscriber with two subscriptions and fresh keys", NULL,
	 add_options, run_add},
};
const size_t cmd_subscriber_add_count = ARRAY_LEN(cmd_subscriber_add);
