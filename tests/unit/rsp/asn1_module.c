#include "tests/unit/rsp/asn1_module.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPES_MAX   4096
#define MEMBERS_MAX 4096
#define NAMED_MAX   512
#define WORD_MAX    64

struct asn1_type {
	enum asn1_kind kind;
	uint8_t class; /* of its tag, as the top bits; only when it is tagged */
	bool tagged;
	uint32_t number, universal;
	char name[WORD_MAX]; /* ASN1_IS_NAME */
	size_t first, count; /* members */
	const struct asn1_type *item;
};

struct raw_member {
	char name[WORD_MAX];
	bool optional;
	const struct asn1_type *type;
};

struct asn1_module {
	struct asn1_type types[TYPES_MAX];
	struct raw_member members[MEMBERS_MAX];
	struct {
		char name[WORD_MAX];
		const struct asn1_type *type;
	} named[NAMED_MAX];
	size_t type_count, member_count, named_count;
	const char *at;
	char word[WORD_MAX]; /* the next one; "": the end */
};

static void fail(const struct asn1_module *m, const char *why)
{
	fprintf(stderr, "the ASN.1 module: %s at '%s'\n", why, m->word);
	abort();
}

static void skip_blanks(struct asn1_module *m)
{
	for (;;) {
		const char *end;

		while (isspace((unsigned char)*m->at))
			m->at++;
		if (strncmp(m->at, "/*", 2) == 0) {
			end = strstr(m->at + 2, "*/");
			m->at = end ? end + 2 : m->at + strlen(m->at);
		} else if (strncmp(m->at, "--", 2) == 0) { /* to the end of the line, or to "--" */
			m->at += 2;
			while (*m->at && *m->at != '\n' && strncmp(m->at, "--", 2) != 0)
				m->at++;
			m->at += *m->at == '-' ? 2 : 0;
		} else {
			return;
		}
	}
}

static void next(struct asn1_module *m)
{
	size_t n = 0;

	skip_blanks(m);
	if (*m->at == '\'' || *m->at == '"') { /* a string: its contents say nothing here */
		char quote = *m->at++;

		while (*m->at && *m->at != quote)
			m->at++;
		m->at += *m->at != 0;
		m->at += *m->at == 'H' || *m->at == 'B';
		snprintf(m->word, sizeof(m->word), "''");
		return;
	}
	if (strncmp(m->at, "::=", 3) == 0)
		n = 3;
	else if (isalnum((unsigned char)*m->at))
		while (isalnum((unsigned char)m->at[n]) ||
		       (m->at[n] == '-' && isalnum((unsigned char)m->at[n + 1])))
			n++;
	else
		n = *m->at != 0;
	if (n >= WORD_MAX)
		fail(m, "a long word");
	memcpy(m->word, m->at, n);
	m->word[n] = 0;
	m->at += n;
}

static bool is(const struct asn1_module *m, const char *word)
{
	return strcmp(m->word, word) == 0;
}

static bool take(struct asn1_module *m, const char *word)
{
	bool there = is(m, word);

	if (there)
		next(m);
	return there;
}

static void want(struct asn1_module *m, const char *word)
{
	if (!take(m, word))
		fail(m, word);
}

static void skip_group(struct asn1_module *m)
{
	unsigned depth = 0;

	do {
		depth += is(m, "{") || is(m, "(");
		depth -= is(m, "}") || is(m, ")");
		if (!*m->word)
			fail(m, "the end");
		next(m);
	} while (depth);
}

static struct asn1_type *new_type(struct asn1_module *m)
{
	if (m->type_count == TYPES_MAX)
		fail(m, "too many types");
	return &m->types[m->type_count++];
}

static const struct {
	const char *word, *second;
	uint32_t tag;
} primitives[] = {
	{"BOOLEAN", NULL, 0x01},    {"INTEGER", NULL, 0x02},	{"BIT", "STRING", 0x03},
	{"OCTET", "STRING", 0x04},  {"NULL", NULL, 0x05},	{"OBJECT", "IDENTIFIER", 0x06},
	{"ENUMERATED", NULL, 0x0A}, {"UTF8String", NULL, 0x0C},
};

static struct asn1_type *read_type(struct asn1_module *m);

static void read_members(struct asn1_module *m, struct asn1_type *t)
{
	struct raw_member own[128];

	want(m, "{");
	while (!take(m, "}")) {
		struct raw_member *r = &own[t->count];

		if (take(m, ",") || take(m, "."))
			continue;
		if (t->count++ == ARRAY_LEN(own))
			fail(m, "too many members");
		snprintf(r->name, sizeof(r->name), "%s", m->word);
		next(m);
		r->type = read_type(m);
		r->optional = take(m, "OPTIONAL");
		if (take(m, "DEFAULT")) {
			r->optional = true;
			if (is(m, "{"))
				skip_group(m);
			else
				next(m);
		}
	}
	if (m->member_count + t->count > MEMBERS_MAX)
		fail(m, "too many members");
	t->first = m->member_count;
	memcpy(&m->members[t->first], own, t->count * sizeof(own[0]));
	m->member_count += t->count;
}

static void read_tag(struct asn1_module *m, struct asn1_type *t)
{
	static const char *const classes[] = {"UNIVERSAL", "APPLICATION", "", "PRIVATE"};

	if (!take(m, "["))
		return;
	t->tagged = true;
	t->class = 0x80;
	for (unsigned i = 0; i < ARRAY_LEN(classes); i++)
		if (*classes[i] && take(m, classes[i]))
			t->class = (uint8_t)(i << 6);
	t->number = (uint32_t)strtoul(m->word, NULL, 10);
	next(m);
	want(m, "]");
	if (!take(m, "IMPLICIT") && is(m, "EXPLICIT"))
		fail(m, "an explicit tag");
}

static struct asn1_type *read_type(struct asn1_module *m)
{
	struct asn1_type *t = new_type(m);
	bool known = false;

	read_tag(m, t);
	if (take(m, "SEQUENCE") || take(m, "SET")) {
		if (is(m, "("))
			skip_group(m);
		if (take(m, "SIZE"))
			skip_group(m);
		if (take(m, "OF")) {
			t->kind = ASN1_IS_LIST;
			t->item = read_type(m);
		} else {
			t->kind = ASN1_IS_SEQUENCE;
			read_members(m, t);
		}
		return t;
	}
	if (take(m, "CHOICE")) {
		t->kind = ASN1_IS_CHOICE;
		read_members(m, t);
		return t;
	}
	t->kind = ASN1_IS_PRIMITIVE;
	for (size_t i = 0; i < ARRAY_LEN(primitives) && !known; i++) {
		known = take(m, primitives[i].word);
		t->universal = primitives[i].tag;
		if (known && primitives[i].second)
			want(m, primitives[i].second);
	}
	if (!known) {
		t->kind = ASN1_IS_NAME;
		snprintf(t->name, sizeof(t->name), "%s", m->word);
		next(m);
	}
	while (is(m, "{") || is(m, "("))
		skip_group(m);
	return t;
}

static void read_assignment(struct asn1_module *m)
{
	bool value = islower((unsigned char)m->word[0]);
	size_t n = m->named_count;

	if (n == NAMED_MAX)
		fail(m, "too many names");
	snprintf(m->named[n].name, WORD_MAX, "%s", m->word);
	next(m);
	if (value) {
		while (*m->word && !is(m, "::="))
			next(m);
		next(m);
		if (is(m, "{"))
			skip_group(m);
		else
			next(m);
		return;
	}
	want(m, "::=");
	m->named[n].type = read_type(m);
	m->named_count++;
}

struct asn1_module *asn1_module_read(struct slice text)
{
	struct asn1_module *m = calloc(1, sizeof(*m));
	char *copy = calloc(1, text.len + 1);

	if (!m || !copy)
		abort();
	memcpy(copy, text.ptr, text.len);
	m->at = copy;
	do
		next(m);
	while (*m->word && !is(m, "BEGIN"));
	next(m);
	while (is(m, "EXPORTS") || is(m, "IMPORTS")) {
		while (*m->word && !is(m, ";"))
			next(m);
		next(m);
	}
	while (*m->word && !is(m, "END"))
		read_assignment(m);
	free(copy);
	m->at = NULL;
	return m;
}

void asn1_module_free(struct asn1_module *m)
{
	free(m);
}

const struct asn1_type *asn1_find(const struct asn1_module *m, const char *name)
{
	for (size_t i = 0; i < m->named_count; i++)
		if (strcmp(m->named[i].name, name) == 0)
			return m->named[i].type;
	return NULL;
}

const char *asn1_name(const struct asn1_module *m, size_t i)
{
	return i < m->named_count ? m->named[i].name : NULL;
}

const struct asn1_type *asn1_base(const struct asn1_module *m, const struct asn1_type *t)
{
	const struct asn1_type *named;

	while (t->kind == ASN1_IS_NAME && (named = asn1_find(m, t->name)))
		t = named;
	return t;
}

enum asn1_kind asn1_kind_of(const struct asn1_type *t)
{
	return t->kind;
}

const struct asn1_type *asn1_item(const struct asn1_type *list)
{
	return list->item;
}

/* Of PKIX: SubjectKeyIdentifier is an OCTET STRING, the others are SEQUENCEs. */
static bool is_imported_octets(const struct asn1_type *t)
{
	return t->kind == ASN1_IS_NAME && strcmp(t->name, "SubjectKeyIdentifier") == 0;
}

static bool is_constructed(const struct asn1_module *m, const struct asn1_type *t)
{
	const struct asn1_type *b = asn1_base(m, t);

	return b->kind != ASN1_IS_PRIMITIVE && !is_imported_octets(b);
}

static uint32_t make_tag(uint8_t class, uint32_t number, bool constructed)
{
	uint32_t first = class | (constructed ? 0x20u : 0);

	return number < 31 ? first | number : (first | 31) << 8 | number;
}

uint32_t asn1_tag(const struct asn1_module *m, const struct asn1_type *t)
{
	const struct asn1_type *named;

	if (t->tagged)
		return make_tag(t->class, t->number, is_constructed(m, t));
	switch (t->kind) {
	case ASN1_IS_CHOICE: return 0;
	case ASN1_IS_PRIMITIVE: return t->universal;
	case ASN1_IS_NAME:
		named = asn1_find(m, t->name);
		return named ? asn1_tag(m, named) : is_imported_octets(t) ? 0x04 : 0x30;
	default: return 0x30;
	}
}

bool asn1_member_at(const struct asn1_module *m, const struct asn1_type *t, size_t i,
		    struct asn1_member *out)
{
	bool automatic = true;
	const struct raw_member *r = &m->members[t->first];

	if (i >= t->count)
		return false;
	for (size_t k = 0; k < t->count; k++) /* X.680 25.3: only where no member has a tag */
		automatic = automatic && !r[k].type->tagged;
	snprintf(out->name, sizeof(out->name), "%s", r[i].name);
	out->optional = r[i].optional;
	out->type = r[i].type;
	out->tag = automatic ? make_tag(0x80, (uint32_t)i, is_constructed(m, r[i].type))
			     : asn1_tag(m, r[i].type);
	return true;
}
