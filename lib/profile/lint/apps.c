/* apps: APP, RFM: applications, remote file management */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"
#include "lib/uicc/aid.h"

#define TAR_LEN	     3
#define TARS	     (1u << 8 * TAR_LEN)
#define PERSONALIZED 0x0Fu /* GPCS 11.1.1, of a security domain */

static bool is(const struct outline_element *e, const char *name)
{
	return strcmp(e->name, name) == 0;
}

struct sought {
	struct slice aid;
	const struct lint_instance *before; /* only those before it */
	bool domains;
	bool found, behind;
	struct schema_node which; /* the last that was found */
};

static void seek(void *ctx, const struct lint_instance *i)
{
	struct sought *s = ctx;

	s->behind = s->behind || (s->before && i->node.raw.ptr == s->before->node.raw.ptr);
	if (!s->behind && (!s->domains || i->domain) &&
	    slice_equal(schema_octets(&i->node, "instanceAID"), s->aid)) {
		s->found = true;
		s->which = i->node;
	}
}

/* The AID is that of a security domain of the package, or of the ISD-P itself. */
static bool domain_exists(const struct lint *l, struct slice aid)
{
	struct sought s = {.aid = aid, .domains = true};

	lint_each_instance(l->o, seek, &s);
	return s.found || slice_starts(aid, aid_of(AID_EUICC));
}

static void rule_app_nothing(const struct lint *l, const struct outline_element *e)
{
	struct schema_node n;

	if (is(e, "application") && !schema_get(&e->node, "loadBlock", &n) &&
	    !schema_get(&e->node, "instanceList", &n))
		lint_say(l, e->where, "neither a load block nor an instance");
}

static void rule_load_empty(const struct lint *l, const struct outline_element *e)
{
	struct schema_node load;

	if (is(e, "application") && schema_get(&e->node, "loadBlock", &load) &&
	    schema_octets(&load, "loadBlockObject").len == 0)
		lint_say(l, e->where, "it is empty");
}

static struct slice load_aid(const struct outline_element *e)
{
	return is(e, "application") ? schema_octets(&e->node, "loadBlock/loadPackageAID")
				    : SLICE_EMPTY;
}

static void rule_load_once(const struct lint *l, const struct outline_element *e)
{
	struct slice aid = load_aid(e);

	for (const struct outline_element *x = l->o->elements; aid.len && x < e; x++) {
		if (slice_equal(load_aid(x), aid))
			lint_say(l, e->where, "%s has it too", x->where);
	}
}

static void rule_load_sd(const struct lint *l, const struct outline_element *e)
{
	struct slice aid = is(e, "application")
				   ? schema_octets(&e->node, "loadBlock/securityDomainAID")
				   : SLICE_EMPTY;

	if (aid.len && !domain_exists(l, aid))
		lint_say(l, e->where, "no security domain has this AID");
}

static void rule_load_hash(const struct lint *l, const struct outline_element *e)
{
	struct schema_node hash;

	if (is(e, "application") && schema_get(&e->node, "loadBlock/hashValue", &hash) &&
	    hash.value.len != 20 && hash.value.len != 32 && hash.value.len != 48 &&
	    hash.value.len != 64)
		lint_say(l, e->where, "%zu octets", hash.value.len);
}

static void rule_load_known(const struct lint *l, const struct lint_instance *i)
{
	struct slice aid = schema_octets(&i->node, "applicationLoadPackageAID");

	if (i->domain)
		return;
	for (const struct outline_element *x = l->o->elements; x <= i->element; x++) {
		if (slice_equal(load_aid(x), aid))
			return;
	}
	lint_say(l, i->where, "it has to be on the eUICC before");
}

static void rule_instance_once(const struct lint *l, const struct lint_instance *i)
{
	struct sought s = {.aid = schema_octets(&i->node, "instanceAID"), .before = i};

	if (!s.aid.len)
		return;
	lint_each_instance(l->o, seek, &s);
	for (size_t f = 0; f < l->o->file_count; f++)
		s.found = s.found || slice_equal(l->o->files[f].aid, s.aid);
	if (s.found)
		lint_say(l, i->where, "another has it too");
}

static void rule_privileges(const struct lint *l, const struct lint_instance *i)
{
	size_t n = schema_octets(&i->node, "applicationPrivileges").len;

	if (n != 1 && n != 3)
		lint_say(l, i->where, "%zu", n);
}

static void rule_life_cycle(const struct lint *l, const struct lint_instance *i)
{
	struct slice v = schema_octets(&i->node, "lifeCycleState");
	uint8_t s = slice_at(v, 0);

	if (v.len && s != 0x03 && (s & 0x07) != 0x07)
		lint_say(l, i->where, "%02X", s);
}

static void rule_extradite(const struct lint *l, const struct lint_instance *i)
{
	struct slice aid = schema_octets(&i->node, "extraditeSecurityDomainAID");

	if (aid.len && !domain_exists(l, aid))
		lint_say(l, i->where, "no security domain has this AID");
}

static void rule_extradite_state(const struct lint *l, const struct lint_instance *i)
{
	struct sought s = {.aid = schema_octets(&i->node, "extraditeSecurityDomainAID"),
			   .domains = true};
	struct slice state;

	if (!s.aid.len)
		return;
	lint_each_instance(l->o, seek, &s);
	state = s.found ? schema_octets(&s.which, "lifeCycleState") : SLICE_EMPTY;
	if (s.found && (!state.len || slice_at(state, 0) != PERSONALIZED))
		lint_say(l, i->where, "its state is %02X", state.len ? slice_at(state, 0) : 0x07u);
}

static void rule_process_data(const struct lint *l, const struct lint_instance *i)
{
	struct schema_node list, apdu;
	struct schema_iter it;

	if (!schema_get(&i->node, "processData", &list))
		return;
	it = schema_children(&list);
	for (size_t n = 0; schema_next(&it, &apdu); n++) {
		if (apdu.value.len < 4 || (apdu.value.len > 5 && slice_at(apdu.value, 4) &&
					   slice_at(apdu.value, 4) > apdu.value.len - 5))
			lint_say(l, i->where, "entry %zu", n);
	}
}

/* The TAR of a list entry, or of the AID (octets 13 to 15) when there is no list. */
static bool next_tar(const struct outline_element *e, struct schema_iter *it, size_t *n,
		     struct slice *tar)
{
	struct schema_node list, entry;
	struct slice aid = schema_octets(&e->node, "instanceAID");

	if ((*n)++ == 0) {
		if (!schema_get(&e->node, "tarList", &list)) {
			it->of.type = NULL;
			*tar = slice_sub(aid, 12, TAR_LEN);
			return tar->len == TAR_LEN;
		}
		*it = schema_children(&list);
	}
	if (!schema_next(it, &entry))
		return false;
	*tar = entry.value;
	return true;
}

/* Reports the TARs of an element that are taken already, or takes them. One bit a TAR. */
static void tars_of(const struct lint *l, const struct outline_element *e, uint8_t *taken, bool say)
{
	struct schema_iter it = {0};
	struct slice tar;

	for (size_t n = 0; next_tar(e, &it, &n, &tar);) {
		uint64_t v = lint_number(tar) % TARS;

		if (!say)
			taken[v / 8] |= (uint8_t)(1u << v % 8);
		else if (taken[v / 8] >> v % 8 & 1)
			lint_say(l, e->where, "%06llX is that of another", (unsigned long long)v);
	}
}

static void rule_rfm_tar(const struct lint *l)
{
	uint8_t *taken = calloc(1, TARS / 8);
	const struct outline_element *e = NULL;

	while (taken && (e = outline_element(l->o, "rfm", e))) {
		tars_of(l, e, taken, true);
		tars_of(l, e, taken, false);
	}
	if (!taken)
		lint_say(l, "/elements", "%s", err_text(ERR_MEMORY));
	free(taken);
}

static void rule_rfm_no_tar(const struct lint *l, const struct outline_element *e)
{
	struct schema_iter it = {0};
	struct slice tar;
	size_t n = 0;

	if (is(e, "rfm") && !next_tar(e, &it, &n, &tar))
		lint_say(l, e->where, "neither a list nor an AID of 15 octets or more");
}

static void rule_rfm_sd(const struct lint *l, const struct outline_element *e)
{
	struct slice aid =
		is(e, "rfm") ? schema_octets(&e->node, "securityDomainAID") : SLICE_EMPTY;

	if (aid.len && !domain_exists(l, aid))
		lint_say(l, e->where, "no security domain has this AID");
}

/* TS 102 226 8.2.1.3.2.4: 00 full access, 01 to 03 mechanisms with their data, 80 and more
 * proprietary, FF none */
static bool domain_good(struct slice d)
{
	uint8_t first = slice_at(d, 0);

	if (d.len == 0)
		return false;
	if (first == 0x00 || first == 0xFF)
		return d.len == 1;
	return first <= 0x03 || first >= 0x80;
}

static const char *const domains[] = {"uiccAccessDomain", "uiccAdminAccessDomain",
				      "adfRFMAccess/adfAccessDomain",
				      "adfRFMAccess/adfAdminAccessDomain"};

static void rule_rfm_domain(const struct lint *l, const struct outline_element *e)
{
	struct schema_node n;

	for (size_t i = 0; is(e, "rfm") && i < ARRAY_LEN(domains); i++) {
		if (schema_get(&e->node, domains[i], &n) && !domain_good(n.value))
			lint_say(l, e->where, "%s", domains[i]);
	}
}

static void rule_rfm_no_access(const struct lint *l, const struct outline_element *e)
{
	struct schema_node n;

	if (!is(e, "rfm"))
		return;
	for (size_t i = 0; i < ARRAY_LEN(domains); i++) {
		if (schema_get(&e->node, domains[i], &n) && slice_at(n.value, 0) != 0xFF)
			return;
	}
	lint_say(l, e->where, "every access domain is FF");
}

static void rule_rfm_adf(const struct lint *l, const struct outline_element *e)
{
	struct slice aid =
		is(e, "rfm") ? schema_octets(&e->node, "adfRFMAccess/adfAID") : SLICE_EMPTY;

	for (size_t i = 0; aid.len && i < l->o->file_count; i++) {
		if (slice_equal(l->o->files[i].aid, aid))
			return;
	}
	if (aid.len)
		lint_say(l, e->where, "no ADF has this AID");
}

static void rule_rfm_security(const struct lint *l, const struct outline_element *e)
{
	struct slice v = schema_octets(&e->node, "minimumSecurityLevel");

	if (is(e, "rfm") && v.len && slice_at(v, 0) == 0)
		lint_say(l, e->where, "it takes messages that nobody has signed");
}

static void rule_rfm_once(const struct lint *l, const struct outline_element *e)
{
	struct slice aid = is(e, "rfm") ? schema_octets(&e->node, "instanceAID") : SLICE_EMPTY;
	struct sought s = {.aid = aid};

	if (!aid.len)
		return;
	lint_each_instance(l->o, seek, &s);
	for (const struct outline_element *x = l->o->elements; x < e; x++)
		s.found = s.found || (is(x, "rfm") &&
				      slice_equal(schema_octets(&x->node, "instanceAID"), aid));
	if (s.found)
		lint_say(l, e->where, "another has it too");
}

static const struct lint_row rows[] = {
	ON_ELEMENT("APP-01", ERROR, rule_app_nothing, "TCA PEDefinitions, PE-Application",
		   "an application element loads or makes something"),
	ON_ELEMENT("APP-02", ERROR, rule_load_empty, "TCA PEDefinitions, ApplicationLoadPackage",
		   "a load package has a load block"),
	ON_ELEMENT("APP-03", ERROR, rule_load_once, "TCA PEDefinitions, ApplicationLoadPackage",
		   "the AID of a load package is its own"),
	ON_ELEMENT("APP-04", ERROR, rule_load_sd, "TCA PEDefinitions, ApplicationLoadPackage",
		   "the security domain of a load package exists"),
	ON_ELEMENT("APP-05", WARNING, rule_load_hash, "TCA PEDefinitions, ApplicationLoadPackage",
		   "the hash of a load block has the length of SHA-1 or SHA-2"),
	ON_INSTANCE("APP-06", WARNING, rule_load_known,
		    "TCA PEDefinitions, ApplicationInstance; TCA 8.7.3",
		    "the load package of an instance is in the profile package"),
	ON_INSTANCE("APP-07", ERROR, rule_instance_once,
		    "TCA PEDefinitions, ApplicationInstance; TCA 8.7.3",
		    "the AID of an instance is its own"),
	ON_INSTANCE("APP-08", ERROR, rule_privileges, "GPCS 11.1.2",
		    "applicationPrivileges has 1 or 3 octets"),
	ON_INSTANCE("APP-09", ERROR, rule_life_cycle, "GPCS 11.1.1",
		    "lifeCycleState is one that exists"),
	ON_INSTANCE("APP-10", ERROR, rule_extradite,
		    "TCA PEDefinitions, ApplicationInstance; TCA 8.7.3",
		    "the security domain that an instance moves to exists"),
	ON_INSTANCE("APP-11", WARNING, rule_process_data,
		    "TCA PEDefinitions, ApplicationInstance; TCA 8.7.3",
		    "an entry of processData is a command APDU"),
	ON_INSTANCE("APP-12", ERROR, rule_extradite_state, "TCA 8.7.3",
		    "a security domain of the package to which an instance moves is PERSONALIZED"),
	ON_PACKAGE("RFM-01", ERROR, rule_rfm_tar, "TS 101 220 D; TCA PEDefinitions, PE-RFM",
		   "a TAR is one application's"),
	ON_ELEMENT("RFM-02", ERROR, rule_rfm_no_tar, "TCA PEDefinitions, PE-RFM",
		   "an RFM instance has a TAR, in its list or in its AID"),
	ON_ELEMENT("RFM-03", ERROR, rule_rfm_sd, "TCA PEDefinitions, PE-RFM",
		   "the security domain of an RFM instance exists"),
	ON_ELEMENT("RFM-04", ERROR, rule_rfm_domain, "TS 102 226 8.2.1.3.2.4",
		   "an access domain is one that exists"),
	ON_ELEMENT("RFM-05", ERROR, rule_rfm_adf, "TCA PEDefinitions, PE-RFM",
		   "the ADF of an RFM instance exists"),
	ON_ELEMENT("RFM-06", WARNING, rule_rfm_security, "TS 102 225 5.1.1",
		   "an RFM instance demands some security"),
	ON_ELEMENT("RFM-07", ERROR, rule_rfm_once, "TCA PEDefinitions, PE-RFM",
		   "the AID of an RFM instance is its own"),
	ON_ELEMENT("RFM-08", WARNING, rule_rfm_no_access, "TS 102 226 8.2.1.3.2.4",
		   "an RFM instance has access to something"),
};

const struct lint_table lint_apps_rules = {rows, ARRAY_LEN(rows)};
