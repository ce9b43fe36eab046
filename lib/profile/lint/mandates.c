/* mandates: SVC, the services that the header mandates against what the package holds */
#include <stdio.h>
#include <string.h>

#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"

#define AKA_KEY_128 16

struct keys { /* the key that is looked for, and whether it is there */
	uint64_t algorithm, key_len;
	bool found;
};

static void find_key(void *ctx, const struct lint_aka *a)
{
	struct keys *k = ctx;
	size_t len = schema_octets(&a->own, "key").len;

	if (a->own.type && a->algorithm == k->algorithm && (!k->key_len || k->key_len == len))
		k->found = true;
}

static bool has_file(const struct outline *o, bool link_df)
{
	for (size_t i = 0; i < o->file_count; i++) {
		const struct outline_file *f = &o->files[i];

		if (link_df ? f->is_link && f->kind == UICC_DF : f->kind == UICC_BER_TLV)
			return true;
	}
	return false;
}

/* Elements of this name; one of "app", "load", "cattp" by their fields. */
static size_t count(const struct lint *l, const char *what)
{
	bool load = strcmp(what, "load") == 0, cattp = strcmp(what, "cattp") == 0;
	const char *name = load || strcmp(what, "app") == 0 ? "application"
			   : cattp			    ? "securityDomain"
							    : what;
	size_t n = 0;

	for (size_t i = 0; i < l->o->element_count; i++) {
		const struct outline_element *e = &l->o->elements[i];
		struct schema_node field;

		n += strcmp(e->name, name) == 0 &&
		     (!load || schema_get(&e->node, "loadBlock", &field)) &&
		     (!cattp || schema_get(&e->node, "catTpParameters", &field));
	}
	return n;
}

/* What a service is for: "usim", "aka:2:16", "many:usim", "bertlv", "dflink", "load", "cattp" */
static bool uses(const struct lint *l, const char *what)
{
	struct keys k = {0};

	if (strncmp(what, "aka:", 4) == 0) {
		k.algorithm = (uint64_t)(what[4] - '0');
		if (what[5])
			k.key_len = strcmp(what + 6, "16") == 0 ? AKA_KEY_128 : 2 * AKA_KEY_128;
		lint_each_aka(l->o, find_key, &k);
		return k.found;
	}
	if (strcmp(what, "bertlv") == 0 || strcmp(what, "dflink") == 0)
		return has_file(l->o, *what == 'd');
	if (strncmp(what, "many:", 5) == 0)
		return count(l, what + 5) > 1;
	return count(l, what) > 0;
}

/* The argument of these rules: "service>what it is for" */
static const char *split_argument(const char *arg, char service[static 48])
{
	size_t n = strcspn(arg, ">");

	snprintf(service, 48, "%.*s", (int)n, arg);
	return arg + n + 1;
}

static void rule_service_used(const struct lint *l)
{
	char service[48];
	const char *what = split_argument(l->arg, service);

	if (lint_service(l, service) && !uses(l, what))
		lint_say(l, lint_header(l)->where, "nothing uses %s", service);
}

static void rule_service_listed(const struct lint *l)
{
	char service[48];
	const char *what = split_argument(l->arg, service);

	if (lint_header(l) && !lint_service(l, service) && uses(l, what))
		lint_say(l, lint_header(l)->where, "%s is not mandatory", service);
}

/* Behind the service stand other services, parted by bars: one of them is enough. */
static void rule_service_needs(const struct lint *l)
{
	char service[48], other[48];
	const char *list = split_argument(l->arg, service);
	bool found = false;

	if (!lint_service(l, service))
		return;
	while (*list) {
		size_t n = strcspn(list, "|");

		snprintf(other, sizeof(other), "%.*s", (int)n, list);
		found = found || lint_service(l, other);
		list += n + (list[n] == '|');
	}
	if (!found)
		lint_say(l, lint_header(l)->where, "%s stands alone", service);
}

static const struct lint_row rows[] = {
	ON_PACKAGE("SVC-01", ERROR, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service usim is used: there is a USIM", .arg = "usim>usim"),
	ON_PACKAGE("SVC-02", ERROR, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service isim is used: there is an ISIM", .arg = "isim>isim"),
	ON_PACKAGE("SVC-03", ERROR, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service csim is used: there is a CSIM", .arg = "csim>csim"),
	ON_PACKAGE("SVC-04", ERROR, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service milenage is used: there is an AKA parameter for MILENAGE",
		   .arg = "milenage>aka:1"),
	ON_PACKAGE("SVC-05", ERROR, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service tuak128 is used: there is an AKA parameter for TUAK with "
		   "a key of 128 bits",
		   .arg = "tuak128>aka:2:16"),
	ON_PACKAGE("SVC-06", ERROR, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service tuak256 is used: there is an AKA parameter for TUAK with "
		   "a key of 256 bits",
		   .arg = "tuak256>aka:2:32"),
	ON_PACKAGE("SVC-07", ERROR, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service usim-test-algorithm is used: there is an AKA parameter "
		   "for the test algorithm",
		   .arg = "usim-test-algorithm>aka:3"),
	ON_PACKAGE("SVC-08", ERROR, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service cave is used: there is a CDMA parameter",
		   .arg = "cave>cdmaParameter"),
	ON_PACKAGE("SVC-09", WARNING, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service eap is used: there is an EAP element", .arg = "eap>eap"),
	ON_PACKAGE("SVC-10", INFO, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service javacard is used: there is an application",
		   .arg = "javacard>app"),
	ON_PACKAGE("SVC-11", INFO, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service multos is used: there is an application",
		   .arg = "multos>app"),
	ON_PACKAGE("SVC-12", WARNING, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service ber-tlv is used: there is a BER-TLV file",
		   .arg = "ber-tlv>bertlv"),
	ON_PACKAGE("SVC-13", WARNING, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service dfLink is used: there is a linked DF",
		   .arg = "dfLink>dflink"),
	ON_PACKAGE("SVC-14", WARNING, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service cat-tp is used: there is a CAT_TP parameters",
		   .arg = "cat-tp>cattp"),
	ON_PACKAGE("SVC-15", WARNING, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service multiple-usim is used: there is more than one USIM",
		   .arg = "multiple-usim>many:usim"),
	ON_PACKAGE("SVC-16", WARNING, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service multiple-isim is used: there is more than one ISIM",
		   .arg = "multiple-isim>many:isim"),
	ON_PACKAGE("SVC-17", WARNING, rule_service_used, "TCA PEDefinitions, ServicesList",
		   "the mandatory service multiple-csim is used: there is more than one CSIM",
		   .arg = "multiple-csim>many:csim"),
	ON_PACKAGE("SVC-18", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service usim says so: it is mandatory", .arg = "usim>usim"),
	ON_PACKAGE("SVC-19", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service isim says so: it is mandatory", .arg = "isim>isim"),
	ON_PACKAGE("SVC-20", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service csim says so: it is mandatory", .arg = "csim>csim"),
	ON_PACKAGE("SVC-21", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service milenage says so: it is mandatory",
		   .arg = "milenage>aka:1"),
	ON_PACKAGE("SVC-22", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service tuak128 says so: it is mandatory",
		   .arg = "tuak128>aka:2:16"),
	ON_PACKAGE("SVC-23", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service tuak256 says so: it is mandatory",
		   .arg = "tuak256>aka:2:32"),
	ON_PACKAGE("SVC-24", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service usim-test-algorithm says so: it is mandatory",
		   .arg = "usim-test-algorithm>aka:3"),
	ON_PACKAGE("SVC-25", INFO, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service cave says so: it is mandatory",
		   .arg = "cave>cdmaParameter"),
	ON_PACKAGE("SVC-26", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service eap says so: it is mandatory", .arg = "eap>eap"),
	ON_PACKAGE("SVC-27", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service javacard says so: it is mandatory",
		   .arg = "javacard>load"),
	ON_PACKAGE("SVC-28", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service ber-tlv says so: it is mandatory",
		   .arg = "ber-tlv>bertlv"),
	ON_PACKAGE("SVC-29", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service dfLink says so: it is mandatory",
		   .arg = "dfLink>dflink"),
	ON_PACKAGE("SVC-30", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service cat-tp says so: it is mandatory", .arg = "cat-tp>cattp"),
	ON_PACKAGE("SVC-31", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service multiple-usim says so: it is mandatory",
		   .arg = "multiple-usim>many:usim"),
	ON_PACKAGE("SVC-32", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service multiple-isim says so: it is mandatory",
		   .arg = "multiple-isim>many:isim"),
	ON_PACKAGE("SVC-33", WARNING, rule_service_listed, "TCA PEDefinitions, ServicesList",
		   "what needs the service multiple-csim says so: it is mandatory",
		   .arg = "multiple-csim>many:csim"),
	ON_PACKAGE("SVC-34", ERROR, rule_service_needs, "TCA PEDefinitions, ServicesList",
		   "the mandatory service gba-usim comes with usim", .arg = "gba-usim>usim"),
	ON_PACKAGE("SVC-35", ERROR, rule_service_needs, "TCA PEDefinitions, ServicesList",
		   "the mandatory service gba-isim comes with isim", .arg = "gba-isim>isim"),
	ON_PACKAGE("SVC-36", WARNING, rule_service_needs, "TCA PEDefinitions, ServicesList",
		   "the mandatory service mbms comes with usim", .arg = "mbms>usim"),
	ON_PACKAGE("SVC-37", WARNING, rule_service_needs, "TCA PEDefinitions, ServicesList",
		   "the mandatory service get-identity comes with usim or isim",
		   .arg = "get-identity>usim|isim"),
	ON_PACKAGE("SVC-38", WARNING, rule_service_needs, "TCA PEDefinitions, ServicesList",
		   "the mandatory service profile-a-x25519 comes with usim or isim",
		   .arg = "profile-a-x25519>usim|isim"),
	ON_PACKAGE("SVC-39", WARNING, rule_service_needs, "TCA PEDefinitions, ServicesList",
		   "the mandatory service profile-b-p256 comes with usim or isim",
		   .arg = "profile-b-p256>usim|isim"),
	ON_PACKAGE("SVC-40", WARNING, rule_service_needs, "TCA PEDefinitions, ServicesList",
		   "the mandatory service suciCalculatorApi comes with usim or isim",
		   .arg = "suciCalculatorApi>usim|isim"),
	ON_PACKAGE("SVC-41", WARNING, rule_service_needs, "TCA PEDefinitions, ServicesList",
		   "the mandatory service eaka comes with usim or isim", .arg = "eaka>usim|isim"),
};

const struct lint_table lint_mandates_rules = {rows, ARRAY_LEN(rows)};
