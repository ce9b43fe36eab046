/*
 * asn1_tables: the tables of types that Twinkey goes by, against the modules that they are made of,
 * in both directions: every tag that is written or looked for, and every member that the module
 * has.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/profile/pe.h"
#include "lib/profile/schema/rows.h"
#include "lib/rsp/rsp.h"
#include "tests/unit/rsp/asn1_module.h"

#define SEEN_MAX 1024

struct seen {
	const void *tables[SEEN_MAX];
	size_t n;
	unsigned members;
};

/* False when it was there. */
static bool see(struct seen *s, const void *table)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->tables[i] == table)
			return false;
	CU_ASSERT_FATAL(s->n < SEEN_MAX);
	s->tables[s->n++] = table;
	return true;
}

static void differ(const char *type, const char *member, const char *what)
{
	fprintf(stderr, "\n%s.%s: %s\n", type, member, what);
	CU_FAIL("a table that is not as its module");
}

static void compare_rsp(const struct asn1_module *m, const struct asn1_type *t,
			const struct rsp_type *r, struct seen *s);

/* A member's type; a CHOICE without a tag stands for its only alternative. */
static void compare_rsp_member(const struct asn1_module *m, const struct asn1_member *want,
			       const struct rsp_type *type, const struct rsp_member *got,
			       struct seen *s)
{
	const struct asn1_type *base = asn1_base(m, want->type);
	struct asn1_member only = *want;

	if (!only.tag && asn1_kind_of(base) == ASN1_IS_CHOICE) {
		CU_ASSERT_FATAL(asn1_member_at(m, base, 0, &only));
		base = asn1_base(m, only.type);
	}
	s->members++;
	if (strcmp(want->name, got->name) != 0)
		differ(type->name, got->name, want->name);
	if (only.tag != got->tag)
		differ(type->name, got->name, "another tag");
	if (got->type->kind == RSP_LEAF) { /* nobody looks into it, or there is nothing in it */
		if (asn1_kind_of(base) == ASN1_IS_SEQUENCE)
			differ(type->name, got->name, "a SEQUENCE that is no leaf");
		return;
	}
	compare_rsp(m, base, got->type, s);
}

static void compare_rsp(const struct asn1_module *m, const struct asn1_type *t,
			const struct rsp_type *r, struct seen *s)
{
	static const enum rsp_kind kinds[] = {[ASN1_IS_SEQUENCE] = RSP_SEQUENCE,
					      [ASN1_IS_CHOICE] = RSP_CHOICE,
					      [ASN1_IS_LIST] = RSP_LIST,
					      [ASN1_IS_PRIMITIVE] = RSP_LEAF,
					      [ASN1_IS_NAME] = RSP_LEAF};
	struct asn1_member want;
	size_t i = 0;

	if (!see(s, r))
		return;
	if (kinds[asn1_kind_of(t)] != r->kind)
		differ(r->name, "", "another kind");
	if (r->kind == RSP_LIST) {
		const struct asn1_type *item = asn1_item(t);

		t = asn1_base(m, item);
		if (asn1_kind_of(t) == ASN1_IS_SEQUENCE) {
			CU_ASSERT_EQUAL(r->members[0].tag, asn1_tag(m, item));
			CU_ASSERT_PTR_NULL(r->members[1].name);
			compare_rsp(m, t, r->members[0].type, s);
			return;
		}
	}
	while (asn1_member_at(m, t, i, &want)) {
		const struct rsp_member *got = &r->members[i++];

		if (!got->name || got->later) {
			differ(r->name, want.name, "it is not in the table");
			return;
		}
		compare_rsp_member(m, &want, r, got, s);
	}
	for (; r->members[i].name; i++)
		if (!r->members[i].later)
			differ(r->name, r->members[i].name, "it is not in the module");
}

/* What Twinkey does not speak: ES9+ and ES11 in DER, the LPA in the eUICC, ES6, and types that have
 * no members of their own. */
static bool is_not_spoken(const char *name)
{
	static const char *const names[] = {"UpdateMetadataRequest",
					    "RemoteProfileProvisioningRequest",
					    "RemoteProfileProvisioningResponse",
					    "InitiateAuthenticationRequest",
					    "InitiateAuthenticationResponse",
					    "InitiateAuthenticationOkEs9",
					    "AuthenticateClientRequest",
					    "AuthenticateClientResponseEs9",
					    "AuthenticateClientOk",
					    "GetBoundProfilePackageRequest",
					    "GetBoundProfilePackageResponse",
					    "GetBoundProfilePackageOk",
					    "HandleNotification",
					    "CancelSessionRequestEs9",
					    "CancelSessionResponseEs9",
					    "CancelSessionOk",
					    "LpaeActivationRequest",
					    "LpaeActivationResponse",
					    "AuthenticateClientResponseEs11",
					    "AuthenticateClientOkEs11",
					    "EventEntries",
					    "CtxParams1"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static const struct rsp_type *find_rsp(const char *name)
{
	for (size_t i = 0; rsp_types[i]; i++)
		if (strcmp(rsp_types[i]->name, name) == 0)
			return rsp_types[i];
	return NULL;
}

static void test_rsp(void)
{
	struct slice text = test_shared("rsp/asn1/rsp.asn");
	struct seen s = {.n = 0};
	struct asn1_module *m;
	const char *name;

	if (!text.len)
		return;
	m = asn1_module_read(text);
	for (size_t i = 0; (name = asn1_name(m, i)); i++) {
		const struct asn1_type *t = asn1_find(m, name);
		const struct rsp_type *r = find_rsp(name);
		enum asn1_kind kind = asn1_kind_of(t);

		if (!r && (kind == ASN1_IS_SEQUENCE || kind == ASN1_IS_CHOICE) &&
		    !is_not_spoken(name))
			differ(name, "", "the table has no such type");
		if (!r)
			continue;
		compare_rsp(m, t, r, &s);
		/* of a type's own; that of a list is its member's */
		if (kind != ASN1_IS_LIST && r->tag != asn1_tag(m, t))
			differ(name, "", "another tag of its own");
	}
	for (size_t i = 0; rsp_types[i]; i++)
		if (see(&s, rsp_types[i]))
			differ(rsp_types[i]->name, "", "the module has no such type");
	CU_ASSERT(s.members > 180);
	asn1_module_free(m);
}

static void compare_schema(const struct asn1_module *m, const struct asn1_type *t,
			   const struct schema_type *p, struct seen *s)
{
	struct asn1_member want;
	size_t i = 0;

	t = asn1_base(m, t);
	if (!see(s, p))
		return;
	if (p->kind == SCHEMA_LIST) {
		if (asn1_kind_of(t) != ASN1_IS_LIST) {
			differ(p->name, "", "no list in the module");
			return;
		}
		if (p->item_tag != asn1_tag(m, asn1_item(t)))
			differ(p->name, "item", "another tag");
		compare_schema(m, asn1_item(t), p->item, s);
		return;
	}
	if (p->kind != SCHEMA_SEQUENCE && p->kind != SCHEMA_CHOICE) {
		if (asn1_kind_of(t) != ASN1_IS_PRIMITIVE)
			differ(p->name, "", "it has members in the module");
		return;
	}
	if (asn1_kind_of(t) != (p->kind == SCHEMA_CHOICE ? ASN1_IS_CHOICE : ASN1_IS_SEQUENCE)) {
		differ(p->name, "", "another kind");
		return;
	}
	for (; asn1_member_at(m, t, i, &want); i++) {
		if (i >= p->count || strcmp(p->fields[i].name, want.name) != 0) {
			differ(p->name, want.name, "it is not in the table");
			return;
		}
		s->members++;
		if (p->fields[i].tag != want.tag)
			differ(p->name, want.name, "another tag");
		if (p->kind == SCHEMA_SEQUENCE && p->fields[i].optional != want.optional)
			differ(p->name, want.name, "optional in one of them alone");
		compare_schema(m, want.type, p->fields[i].type, s);
	}
	if (i != p->count)
		differ(p->name, p->fields[i].name, "it is not in the module");
}

static void test_profile(void)
{
	struct slice text = test_shared("rsp/asn1/PE_Definitions-3.3.1.asn");
	struct seen s = {.n = 0};
	struct asn1_module *m;
	const struct asn1_type *element;

	if (!text.len)
		return;
	m = asn1_module_read(text);
	element = asn1_find(m, "ProfileElement");
	CU_ASSERT_PTR_NOT_NULL_FATAL(element);
	compare_schema(m, element, schema_package_type.item, &s);
	CU_ASSERT(s.members > 500);
	asn1_module_free(m);
}

/*
 * Tags that the interpreter writes and the terminal reads by themselves. Those of the elements'
 * fields are compared with the schema (tests/unit/profile/test_tables.c), which is compared above.
 */
static const struct bare {
	uint32_t tag;
	const char *type, *member;
} bare[] = {
	{RESPONSE_TAG_STATUS_LIST, "EUICCResponse", "peStatus"},
	{RESPONSE_TAG_ABORTED, "EUICCResponse", "profileInstallationAborted"},
	{RESPONSE_TAG_STATUS, "PEStatus", "status"},
	{RESPONSE_TAG_IDENTIFICATION, "PEStatus", "identification"},
};

/* Of a list, the members of its item. */
static bool find_member(const struct asn1_module *m, const char *type, const char *member,
			struct asn1_member *out)
{
	const struct asn1_type *t = asn1_find(m, type);

	if (t && asn1_kind_of(t) == ASN1_IS_LIST)
		t = asn1_base(m, asn1_item(t));
	for (size_t i = 0; t && asn1_member_at(m, t, i, out); i++)
		if (strcmp(out->name, member) == 0)
			return true;
	return false;
}

static void test_bare(void)
{
#define PE_ROW(name, tag, text) {tag, text},
	static const struct {
		uint32_t tag;
		const char *type;
	} elements[] = {PE_TABLE(PE_ROW)};
	struct slice text = test_shared("rsp/asn1/PE_Definitions-3.3.1.asn");
	struct asn1_module *m;
	struct asn1_member got;
	size_t n = 0, reserved = 0;

	if (!text.len)
		return;
	m = asn1_module_read(text);
	for (size_t i = 0; i < ARRAY_LEN(bare); i++)
		if (!find_member(m, bare[i].type, bare[i].member, &got) || got.tag != bare[i].tag)
			differ(bare[i].type, bare[i].member, "another tag");
	while (asn1_member_at(m, asn1_find(m, "ProfileElement"), n, &got)) {
		bool same = strncmp(got.name, "rfu", 3) == 0;

		reserved += same;
		for (size_t i = 0; i < ARRAY_LEN(elements); i++)
			same = same || (elements[i].tag == got.tag &&
					asn1_find(m, elements[i].type) == asn1_base(m, got.type));
		if (!same)
			differ("ProfileElement", got.name, "no such element in pe.h");
		n++;
	}
	CU_ASSERT_EQUAL(n - reserved, ARRAY_LEN(elements));
	asn1_module_free(m);
}

TEST_SUITE(asn1_tables, {"messages, RSPDefinitions", test_rsp},
	   {"profile packages, PEDefinitions", test_profile}, {"tags of pe.h", test_bare})
