/* auc av: whole vectors, for the network elements of every generation */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/api/av.h"
#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/no_vector.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/store/store.h"
#include "lib/base/secret.h"
#include "tool/cli/program.h"

static struct {
	const char *imsi, *kind, *node, *plmn, *network, *amf, *rand, *auts;
	unsigned long count;
} opt = {.count = 1};

static void say_vector(const struct av *av)
{
	struct av_field fields[AV_FIELDS_MAX];
	size_t n = av_fields(av, fields);
	char hex[2 * KDF_LEN + 1];

	for (size_t i = 0; i < n; i++) {
		hex_encode(fields[i].octets, hex, sizeof(hex));
		tool_say("%-6s  %s", fields[i].label, hex);
	}
	secret_wipe(hex, sizeof(hex));
}

static void print(const struct av_order *order, const struct av *vectors)
{
	if (tool_json()) {
		json_set_alloc_funcs(malloc, secret_block_free);
		tool_print_json(av_json(order, vectors));
		return;
	}
	for (unsigned i = 0; i < order->ask.count; i++) {
		if (i)
			tool_say("%s", "");
		say_vector(&vectors[i]);
	}
}

static int say_auts(enum err e)
{
	if (e == ERR_MAC)
		return tool_fail_said(
			e,
			"AUTS is not genuine: the card has another K or OPc, or RAND is another");
	if (e == ERR_NOT_FOUND || e == ERR_EXPIRED)
		return tool_fail_said(e,
				      "AUTS is of no vector of IMSI %s of the last hour, or was "
				      "taken before: ask without it",
				      opt.imsi);
	return tool_fail(e, "AUTS was not accepted");
}

static int make_vectors(struct av_order *order)
{
	struct av vectors[AV_COUNT_MAX];
	struct operator_store *s = NULL;
	bool auts = false;
	int code = cmd_store_open(&s);
	enum err e;

	if (code)
		return code;
	e = av_order_fill(s, order, vectors, &auts);
	if (e && auts)
		code = say_auts(e);
	else if (e)
		code = e == ERR_VALUE ? tool_usage("%s", AV_AMF_WRONG)
				      : cmd_say_no_vector(s, opt.imsi, e);
	operator_store_close(&s);
	if (!code)
		print(order, vectors);
	secret_wipe(vectors, sizeof(vectors));
	return code;
}

static int run_av(int argc, char **argv)
{
	const struct av_words words = {
		.imsi = opt.imsi,
		.kind = opt.kind,
		.node = opt.node,
		.plmn = opt.plmn,
		.network = opt.network,
		.amf = opt.amf,
		.rand = opt.rand,
		.auts = opt.auts,
		.count = opt.count && opt.count <= AV_COUNT_MAX ? (int)opt.count : -1};
	struct av_order order;
	const char *wrong;

	(void)argc, (void)argv;
	if (!opt.imsi || !opt.kind)
		return tool_usage("--imsi and --for are needed");
	wrong = av_order_read(&words, cmd_now(), &order);
	return wrong ? tool_usage("%s", wrong) : make_vectors(&order);
}

static const struct tool_option options[] = {
	{"imsi", 0, OPT_STRING, "DIGITS", "The IMSI that asks", &opt.imsi},
	{"for", 0, OPT_STRING, "gsm|umts|eps|5g|5g-eap", "What the vectors are for", &opt.kind},
	{"plmn", 0, OPT_STRING, "DIGITS", "The serving network, MCC and MNC (eps, 5g, 5g-eap)",
	 &opt.plmn},
	{"network", 0, OPT_STRING, "NAME",
	 "Instead: its name (5g: 5G:mncMMM.mccMMM.3gppnetwork.org; 5g-eap: also WLAN and such)",
	 &opt.network},
	{"node", 0, OPT_STRING, "cs|ps|eps|5g|ims|wlan",
	 "The kind of node that asks, when it is not the usual one for --for: each has indices of "
	 "its own",
	 &opt.node},
	{"count", 0, OPT_UINT, "N", "How many, 1 to 32, to be used in their order (default: 1)",
	 &opt.count},
	{"amf", 0, OPT_STRING, "HEX", "AMF, 4 digits (default: 8000 for eps and 5G, 0000 for umts)",
	 &opt.amf},
	{"rand", 0, OPT_STRING, "HEX", "RAND of a challenge that the card answered by AUTS",
	 &opt.rand},
	{"auts", 0, OPT_STRING, "HEX", "Its AUTS: count on from the card's number first",
	 &opt.auts},
	OPT_END,
};

const struct tool_command cmd_av[] = {
	{"auc av", "", 0, 0, "Make whole vectors, for a network element that may see them",
	 "It prints what the card is expected to answer, and session keys (Kc; CK and IK; KASME;\n"
	 "KAUSF; CK' and IK') on standard output, for as long as the vector is used. K and OPc\n"
	 "are never printed. Numbers are kept before a vector is printed.",
	 options, run_av},
};
const size_t cmd_av_count = ARRAY_LEN(cmd_av);
