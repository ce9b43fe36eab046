/* lint_apps: SDO, APP, RFM: security domains, applications, remote file management */
#include <stdio.h>
#include <string.h>

#include "lib/profile/lint_rules.h"

#define INSTANCES_MAX 512 /* that are looked at: each is compared with each */
#define KEYS_MAX      128
#define TAR_LEN	      3
#define PRIVILEGE_SD  0x80u
#define KEY_AES	      0x88
#define KEY_PSK	      0x85
#define CAT_TP_HEADER 18 /* TS 102 127 5.3 */

static bool is(const struct outline_element *e, const char *name)
{
	return strcmp(e->name, name) == 0;
}

static void visit_instance(const struct outline_element *e, const struct schema_node *n,
			   const char *where, lint_instance_visit *visit, void *ctx)
{
	const struct lint_instance i = {
		.element = e, .node = *n, .domain = is(e, "securityDomain"), .where = where};

	if (n->type)
		visit(ctx, &i);
}

void lint_each_instance(const struct outline *o, lint_instance_visit *visit, void *ctx)
{
	size_t count = 0;

	for (const struct outline_element *e = o->elements; e < o->elements + o->element_count;
	     e++) {
		struct schema_node list, n;
		struct schema_iter it;
		char where[OUTLINE_WHERE_MAX + 32];

		snprintf(where, sizeof(where), "%s/instance", e->where);
		if (is(e, "securityDomain") && schema_get(&e->node, "instance", &n))
			visit_instance(e, &n, where, visit, ctx);
		if (!is(e, "application") || !schema_get(&e->node, "instanceList", &list))
			continue;
		it = schema_children(&list);
		for (size_t i = 0; count < INSTANCES_MAX && schema_next(&it, &n); i++, count++) {
			snprintf(where, sizeof(where), "%s/instanceList/%zu", e->where, i);
			visit_instance(e, &n, where, visit, ctx);
		}
	}
}

struct sought {
	struct slice aid;
	const struct lint_instance *before; /* only those before it */
	bool domains;
	bool found, behind;
};

static void seek(void *ctx, const struct lint_instance *i)
{
	struct sought *s = ctx;

	s->behind = s->behind || (s->before && i->node.raw.ptr == s->before->node.raw.ptr);
	if (!s->behind && (!s->domains || i->domain) &&
	    slice_equal(schema_octets(&i->node, "instanceAID"), s->aid))
		s->found = true;
}

/* The AID is that of a security domain of the package, or of the ISD-P itself. */
static bool domain_exists(const struct lint *l, struct slice aid)
{
	static const uint8_t isd[] = {0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10};
	struct sought s = {.aid = aid, .domains = true};

	lint_each_instance(l->o, seek, &s);
	return s.found || slice_starts(aid, SLICE_OF(isd));
}

void rule_mno_sd(const struct lint *l)
{
	static const uint8_t mno_sd[] = {0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00};
	const struct outline_element *e = outline_element(l->o, "securityDomain", NULL);

	if (e && !slice_starts(schema_octets(&e->node, "instance/instanceAID"), SLICE_OF(mno_sd)))
		lint_say(l, e->where, "its AID is another");
}

void rule_sd_privilege(const struct lint *l, const struct lint_instance *i)
{
	struct slice p = schema_octets(&i->node, "applicationPrivileges");

	if (i->domain && p.len && !(slice_at(p, 0) & PRIVILEGE_SD))
		lint_say(l, i->where, "%02X", slice_at(p, 0));
}

/* The keys of a security domain, one after the other; false at the end. */
static bool next_key(const struct outline_element *e, struct schema_iter *it, bool *started,
		     struct schema_node *key)
{
	struct schema_node list;

	if (!*started) {
		if (!is(e, "securityDomain") || !schema_get(&e->node, "keyList", &list))
			return false;
		*it = schema_children(&list);
		*started = true;
	}
	return schema_next(it, key);
}

static unsigned octet(const struct schema_node *n, const char *field)
{
	return slice_at(schema_octets(n, field), 0);
}

static void key_number(const struct lint *l, const struct outline_element *e, const char *field)
{
	struct schema_iter it;
	struct schema_node key;
	bool started = false;

	for (size_t i = 0; next_key(e, &it, &started, &key); i++) {
		unsigned v = octet(&key, field);

		if (v == 0 || v > 0x7F)
			lint_say(l, e->where, "key %zu has %02X", i, v);
	}
}

void rule_kvn(const struct lint *l, const struct outline_element *e)
{
	key_number(l, e, "keyVersionNumber");
}

void rule_kid(const struct lint *l, const struct outline_element *e)
{
	key_number(l, e, "keyIdentifier");
}

static bool has_key(const struct outline_element *e, unsigned kvn, unsigned kid, const uint8_t *but)
{
	struct schema_iter it;
	struct schema_node key;
	bool started = false;

	for (size_t i = 0; i < KEYS_MAX && next_key(e, &it, &started, &key); i++) {
		if (key.raw.ptr == but)
			return false;
		if (octet(&key, "keyVersionNumber") == kvn && octet(&key, "keyIdentifier") == kid)
			return true;
	}
	return false;
}

void rule_key_once(const struct lint *l, const struct outline_element *e)
{
	struct schema_iter it;
	struct schema_node key;
	bool started = false;

	for (size_t i = 0; i < KEYS_MAX && next_key(e, &it, &started, &key); i++) {
		unsigned kvn = octet(&key, "keyVersionNumber"), kid = octet(&key, "keyIdentifier");

		if (has_key(e, kvn, kid, key.raw.ptr))
			lint_say(l, e->where, "version %02X, identifier %02X", kvn, kid);
	}
}

/* What a component of a key may be judged by. */
struct component {
	unsigned type;
	struct slice data;
	uint64_t mac_length;
};
typedef void component_rule(const struct lint *l, const struct outline_element *e, size_t key,
			    const struct component *c);

static void each_component(const struct lint *l, const struct outline_element *e,
			   component_rule *rule)
{
	struct schema_iter it, parts;
	struct schema_node key, list, part;
	bool started = false;

	for (size_t i = 0; next_key(e, &it, &started, &key); i++) {
		if (!schema_get(&key, "keyComponents", &list))
			continue;
		parts = schema_children(&list);
		while (schema_next(&parts, &part)) {
			const struct component c = {.type = octet(&part, "keyType"),
						    .data = schema_octets(&part, "keyData"),
						    .mac_length =
							    schema_uint(&part, "macLength", 8)};

			if (part.type)
				rule(l, e, i, &c);
		}
	}
}

static void check_type(const struct lint *l, const struct outline_element *e, size_t key,
		       const struct component *c)
{
	static const struct {
		uint8_t first, last;
	} types[] = {{0x80, 0x82}, {KEY_PSK, KEY_PSK}, {KEY_AES, KEY_AES}, {0x90, 0x91},
		     {0xA0, 0xA9}, {0xB0, 0xB7},       {0xF0, 0xF0}};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (c->type >= types[i].first && c->type <= types[i].last)
			return;
	}
	lint_say(l, e->where, "key %zu has %02X", key, c->type);
}

void rule_key_type(const struct lint *l, const struct outline_element *e)
{
	each_component(l, e, check_type);
}

static void check_length(const struct lint *l, const struct outline_element *e, size_t key,
			 const struct component *c)
{
	size_t n = c->data.len;
	bool good = n != 0;

	if (c->type >= 0x80 && c->type <= 0x82) /* DES, triple DES */
		good = n == 8 || n == 16 || n == 24;
	if (c->type == KEY_AES)
		good = n == 16 || n == 24 || n == 32;
	if (!good)
		lint_say(l, e->where, "key %zu of type %02X has %zu octets", key, c->type, n);
}

void rule_key_length(const struct lint *l, const struct outline_element *e)
{
	each_component(l, e, check_length);
}

static void check_mac(const struct lint *l, const struct outline_element *e, size_t key,
		      const struct component *c)
{
	if (c->mac_length != 4 && c->mac_length != 8)
		lint_say(l, e->where, "key %zu has %llu", key, (unsigned long long)c->mac_length);
}

void rule_mac_length(const struct lint *l, const struct outline_element *e)
{
	each_component(l, e, check_mac);
}

static void check_weak(const struct lint *l, const struct outline_element *e, size_t key,
		       const struct component *c)
{
	if (c->data.len > 1 && lint_all(c->data, slice_at(c->data, 0)))
		lint_say(l, e->where, "key %zu is", key);
}

void rule_key_weak(const struct lint *l, const struct outline_element *e)
{
	each_component(l, e, check_weak);
}

void rule_key_usage(const struct lint *l, const struct outline_element *e)
{
	struct schema_iter it;
	struct schema_node key;
	bool started = false;

	for (size_t i = 0; next_key(e, &it, &started, &key); i++) {
		if (lint_all(schema_octets(&key, "keyUsageQualifier"), 0))
			lint_say(l, e->where, "key %zu is for nothing", i);
	}
}

/* SCP80: versions 01 to 0F, SCP02: 20 to 2F, SCP03: 30 to 3F; 11 is reserved for the DAP key. */
void rule_key_set(const struct lint *l, const struct outline_element *e)
{
	for (unsigned kvn = 1; kvn < 0x40; kvn++) {
		bool set = (kvn <= 0x0F) || kvn >= 0x20;
		unsigned have = 0;

		for (unsigned kid = 1; set && kid <= 3; kid++)
			have += has_key(e, kvn, kid, NULL);
		if (have && have != 3)
			lint_say(l, e->where, "version %02X has %u", kvn, have);
	}
}

void rule_cat_tp(const struct lint *l, const struct outline_element *e)
{
	struct schema_node n;
	uint64_t sdu = schema_uint(&e->node, "catTpParameters/catTpMaxSduSize", 0);
	uint64_t pdu = schema_uint(&e->node, "catTpParameters/catTpMaxPduSize", 0);

	if (is(e, "securityDomain") && schema_get(&e->node, "catTpParameters", &n) &&
	    (sdu == 0 || pdu <= CAT_TP_HEADER))
		lint_say(l, e->where, "SDU %llu, PDU %llu", (unsigned long long)sdu,
			 (unsigned long long)pdu);
}

void rule_app_nothing(const struct lint *l, const struct outline_element *e)
{
	struct schema_node n;

	if (is(e, "application") && !schema_get(&e->node, "loadBlock", &n) &&
	    !schema_get(&e->node, "instanceList", &n))
		lint_say(l, e->where, "neither a load block nor an instance");
}

void rule_load_empty(const struct lint *l, const struct outline_element *e)
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

void rule_load_once(const struct lint *l, const struct outline_element *e)
{
	struct slice aid = load_aid(e);

	for (const struct outline_element *x = l->o->elements; aid.len && x < e; x++) {
		if (slice_equal(load_aid(x), aid))
			lint_say(l, e->where, "%s has it too", x->where);
	}
}

void rule_load_sd(const struct lint *l, const struct outline_element *e)
{
	struct slice aid = is(e, "application")
				   ? schema_octets(&e->node, "loadBlock/securityDomainAID")
				   : SLICE_EMPTY;

	if (aid.len && !domain_exists(l, aid))
		lint_say(l, e->where, "no security domain has this AID");
}

void rule_load_hash(const struct lint *l, const struct outline_element *e)
{
	struct schema_node hash;

	if (is(e, "application") && schema_get(&e->node, "loadBlock/hashValue", &hash) &&
	    hash.value.len != 20 && hash.value.len != 32 && hash.value.len != 48 &&
	    hash.value.len != 64)
		lint_say(l, e->where, "%zu octets", hash.value.len);
}

void rule_load_known(const struct lint *l, const struct lint_instance *i)
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

void rule_instance_once(const struct lint *l, const struct lint_instance *i)
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

void rule_privileges(const struct lint *l, const struct lint_instance *i)
{
	size_t n = schema_octets(&i->node, "applicationPrivileges").len;

	if (n != 1 && n != 3)
		lint_say(l, i->where, "%zu", n);
}

void rule_life_cycle(const struct lint *l, const struct lint_instance *i)
{
	struct slice v = schema_octets(&i->node, "lifeCycleState");
	uint8_t s = slice_at(v, 0);

	if (v.len && s != 0x03 && (s & 0x07) != 0x07)
		lint_say(l, i->where, "%02X", s);
}

void rule_extradite(const struct lint *l, const struct lint_instance *i)
{
	struct slice aid = schema_octets(&i->node, "extraditeSecurityDomainAID");

	if (aid.len && !domain_exists(l, aid))
		lint_say(l, i->where, "no security domain has this AID");
}

void rule_process_data(const struct lint *l, const struct lint_instance *i)
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

static bool tar_of_other(const struct lint *l, const struct outline_element *e, struct slice tar)
{
	for (const struct outline_element *x = l->o->elements; x < e; x++) {
		struct schema_iter it = {0};
		struct slice other;

		if (!is(x, "rfm"))
			continue;
		for (size_t n = 0; n < KEYS_MAX && next_tar(x, &it, &n, &other);) {
			if (slice_equal(other, tar))
				return true;
		}
	}
	return false;
}

void rule_rfm_tar(const struct lint *l, const struct outline_element *e)
{
	struct schema_iter it = {0};
	struct slice tar;

	if (!is(e, "rfm"))
		return;
	for (size_t n = 0; n < KEYS_MAX && next_tar(e, &it, &n, &tar);) {
		if (tar_of_other(l, e, tar))
			lint_say(l, e->where, "%06llX is that of another",
				 (unsigned long long)lint_number(tar));
	}
}

void rule_rfm_no_tar(const struct lint *l, const struct outline_element *e)
{
	struct schema_iter it = {0};
	struct slice tar;
	size_t n = 0;

	if (is(e, "rfm") && !next_tar(e, &it, &n, &tar))
		lint_say(l, e->where, "neither a list nor an AID of 15 octets or more");
}

void rule_rfm_sd(const struct lint *l, const struct outline_element *e)
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

void rule_rfm_domain(const struct lint *l, const struct outline_element *e)
{
	struct schema_node n;

	for (size_t i = 0; is(e, "rfm") && i < ARRAY_LEN(domains); i++) {
		if (schema_get(&e->node, domains[i], &n) && !domain_good(n.value))
			lint_say(l, e->where, "%s", domains[i]);
	}
}

void rule_rfm_no_access(const struct lint *l, const struct outline_element *e)
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

void rule_rfm_adf(const struct lint *l, const struct outline_element *e)
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

void rule_rfm_security(const struct lint *l, const struct outline_element *e)
{
	struct slice v = schema_octets(&e->node, "minimumSecurityLevel");

	if (is(e, "rfm") && v.len && slice_at(v, 0) == 0)
		lint_say(l, e->where, "it takes messages that nobody has signed");
}

void rule_rfm_once(const struct lint *l, const struct outline_element *e)
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
