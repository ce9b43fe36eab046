/* domains: SDO, security domains and their keys */
#include <string.h>

#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"
#include "lib/uicc/aid.h"

#define KEYS_MAX       128
#define KEY_NUMBER_MAX 0x7F /* of versions and identifiers, GPCS 11.1.7 */
#define PRIVILEGE_SD   0x80u
#define KEY_DES	       0x80 /* GPCS 11.1.8: DES, and triple DES */
#define KEY_DES_LAST   0x82
#define KEY_AES	       0x88
#define KEY_PSK	       0x85
#define CAT_TP_HEADER  18 /* TS 102 127 5.3 */

static bool is_domain(const struct outline_element *e)
{
	return strcmp(e->name, "securityDomain") == 0;
}

static void rule_mno_sd(const struct lint *l)
{
	const struct outline_element *e = outline_element(l->o, "securityDomain", NULL);

	if (e && !slice_starts(schema_octets(&e->node, "instance/instanceAID"), aid_of(AID_MNO_SD)))
		lint_say(l, e->where, "its AID is another");
}

static void rule_sd_privilege(const struct lint *l, const struct lint_instance *i)
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
		if (!is_domain(e) || !schema_get(&e->node, "keyList", &list))
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

		if (v == 0 || v > KEY_NUMBER_MAX)
			lint_say(l, e->where, "key %zu has %02X", i, v);
	}
}

static void rule_kvn(const struct lint *l, const struct outline_element *e)
{
	key_number(l, e, "keyVersionNumber");
}

static void rule_kid(const struct lint *l, const struct outline_element *e)
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

static void rule_key_once(const struct lint *l, const struct outline_element *e)
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

/* The facts of a component that rules judge. */
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
	} types[] = {{KEY_DES, KEY_DES_LAST},
		     {KEY_PSK, KEY_PSK},
		     {KEY_AES, KEY_AES},
		     {0x90, 0x91},
		     {0xA0, 0xA9},
		     {0xB0, 0xB7},
		     {0xF0, 0xF0}};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (c->type >= types[i].first && c->type <= types[i].last)
			return;
	}
	lint_say(l, e->where, "key %zu has %02X", key, c->type);
}

static void rule_key_type(const struct lint *l, const struct outline_element *e)
{
	each_component(l, e, check_type);
}

static void check_length(const struct lint *l, const struct outline_element *e, size_t key,
			 const struct component *c)
{
	size_t n = c->data.len;
	bool good = n != 0;

	if (c->type >= KEY_DES && c->type <= KEY_DES_LAST)
		good = n == 8 || n == 16 || n == 24;
	if (c->type == KEY_AES)
		good = n == 16 || n == 24 || n == 32;
	if (!good)
		lint_say(l, e->where, "key %zu of type %02X has %zu octets", key, c->type, n);
}

static void rule_key_length(const struct lint *l, const struct outline_element *e)
{
	each_component(l, e, check_length);
}

static void check_mac(const struct lint *l, const struct outline_element *e, size_t key,
		      const struct component *c)
{
	if (c->mac_length != 4 && c->mac_length != 8)
		lint_say(l, e->where, "key %zu has %llu", key, (unsigned long long)c->mac_length);
}

static void rule_mac_length(const struct lint *l, const struct outline_element *e)
{
	each_component(l, e, check_mac);
}

static void check_weak(const struct lint *l, const struct outline_element *e, size_t key,
		       const struct component *c)
{
	if (c->data.len > 1 && lint_all(c->data, slice_at(c->data, 0)))
		lint_say(l, e->where, "key %zu is", key);
}

static void rule_key_weak(const struct lint *l, const struct outline_element *e)
{
	each_component(l, e, check_weak);
}

static void rule_key_usage(const struct lint *l, const struct outline_element *e)
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
static void rule_key_set(const struct lint *l, const struct outline_element *e)
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

static void rule_cat_tp(const struct lint *l, const struct outline_element *e)
{
	struct schema_node n;
	uint64_t sdu = schema_uint(&e->node, "catTpParameters/catTpMaxSduSize", 0);
	uint64_t pdu = schema_uint(&e->node, "catTpParameters/catTpMaxPduSize", 0);

	if (is_domain(e) && schema_get(&e->node, "catTpParameters", &n) &&
	    (sdu == 0 || pdu <= CAT_TP_HEADER))
		lint_say(l, e->where, "SDU %llu, PDU %llu", (unsigned long long)sdu,
			 (unsigned long long)pdu);
}

/* first: only the MNO-SD, which is the first security domain of the package, may have the field;
 * otherwise only the others may. */
static void only_first(const struct lint *l, const struct outline_element *e, const char *field,
		       bool first)
{
	struct schema_node n;
	bool is_first = e == outline_element(l->o, "securityDomain", NULL);

	if (is_domain(e) && is_first != first && schema_get(&e->node, field, &n))
		lint_say(l, e->where, "it has %s",
			 strrchr(field, '/') ? strrchr(field, '/') + 1 : field);
}

static void rule_mno_sd_itself(const struct lint *l, const struct outline_element *e)
{
	only_first(l, e, "instance/extraditeSecurityDomainAID", false);
}

static void rule_mno_sd_only(const struct lint *l, const struct outline_element *e)
{
	only_first(l, e, l->arg, true);
}

static void rule_component_once(const struct lint *l, const struct outline_element *e)
{
	struct schema_iter it, parts;
	struct schema_node key, list, part;
	bool started = false;

	for (size_t i = 0; next_key(e, &it, &started, &key); i++) {
		uint8_t seen[32] = {0};

		if (!schema_get(&key, "keyComponents", &list))
			continue;
		parts = schema_children(&list);
		while (schema_next(&parts, &part)) {
			unsigned type = part.type ? octet(&part, "keyType") : 0;

			if (type && seen[type / 8] >> type % 8 & 1)
				lint_say(l, e->where, "key %zu has two of %02X", i, type);
			seen[type / 8] |= (uint8_t)(1u << type % 8);
		}
	}
}

static const struct lint_row rows[] = {
	ON_PACKAGE("SDO-01", WARNING, rule_mno_sd, "TCA 8.6",
		   "the first security domain is that of the operator"),
	ON_INSTANCE("SDO-02", ERROR, rule_sd_privilege, "GPCS 6.6.1",
		    "a security domain has the privilege of one"),
	ON_ELEMENT("SDO-03", ERROR, rule_kvn, "GPCS 11.1.7", "a key version is one of 01 to 7F"),
	ON_ELEMENT("SDO-04", ERROR, rule_kid, "GPCS 11.1.7", "a key identifier is one of 01 to 7F"),
	ON_ELEMENT("SDO-05", ERROR, rule_key_once, "TCA PEDefinitions, KeyObject; TCA 8.6.3",
		   "a key is defined once in its security domain"),
	ON_ELEMENT("SDO-06", WARNING, rule_key_type, "GPCS 11.1.8", "the type of a key exists"),
	ON_ELEMENT("SDO-07", ERROR, rule_key_length, "GPCS 11.1.8",
		   "the data of a key have the length of its type"),
	ON_ELEMENT("SDO-08", WARNING, rule_key_usage, "GPCS 11.1.9",
		   "keyUsageQualifier says what the key is for"),
	ON_ELEMENT("SDO-09", WARNING, rule_mac_length, "TCA PEDefinitions, KeyObject; TCA 8.6.3",
		   "macLength is 4 or 8"),
	ON_ELEMENT("SDO-10", WARNING, rule_key_set, "TS 102 225; GPCS Amd D",
		   "a key set for SCP80, SCP02 or SCP03 has its three keys"),
	ON_ELEMENT("SDO-11", ERROR, rule_cat_tp, "TS 102 127 5.3; TCA 8.6.7",
		   "the sizes of CAT_TP leave room for data"),
	ON_ELEMENT("SDO-12", WARNING, rule_key_weak, "TCA PEDefinitions, KeyObject; TCA 8.6.3",
		   "a key is not one octet repeated"),
	ON_ELEMENT("SDO-13", ERROR, rule_mno_sd_itself, "TCA 8.7.3",
		   "the MNO-SD is associated with itself, not extradited"),
	ON_ELEMENT("SDO-14", ERROR, rule_mno_sd_only, "TCA 8.6.6",
		   "only the MNO-SD has openPersoData", .arg = "openPersoData"),
	ON_ELEMENT("SDO-15", ERROR, rule_mno_sd_only, "TCA 8.6.7",
		   "only the MNO-SD has catTpParameters", .arg = "catTpParameters"),
	ON_ELEMENT("SDO-16", ERROR, rule_component_once, "TCA 8.6.3",
		   "a key has each type of component once"),
};

const struct lint_table lint_domains_rules = {rows, ARRAY_LEN(rows)};
