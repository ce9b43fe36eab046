/* what the files of a card say: every kind of file by vectors, and no secret ever */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/decode/ef/ef.h"
#include "lib/trace/decode/fcp/fcp.h"

#define VECTORS	  "tests/vectors/ef.txt"
#define LINE_CAP  4096
#define DEPTH_CAP 16
#define SECRET	  0xA7 /* marks octets of secrets */

/* What was told: a line a node, "path=value !fault"; and whether octets of the mark came out. */
struct told {
	char text[65536];
	size_t len;
	size_t path[DEPTH_CAP];
	char at[512];
	unsigned depth;
	bool leaked, faulty;
};

static void say(struct told *t, const char *a, const char *b)
{
	int n = snprintf(t->text + t->len, sizeof(t->text) - t->len, "%s%s", a, b ? b : "");

	t->len += (size_t)n;
	if (t->len >= sizeof(t->text))
		t->len = sizeof(t->text) - 1;
}

static void open_node(void *ctx, const struct tree_node *node)
{
	struct told *t = ctx;

	CU_ASSERT_PTR_NOT_NULL_FATAL(node->name);
	CU_ASSERT_PTR_NOT_NULL_FATAL(node->key);
	CU_ASSERT_FATAL(t->depth < DEPTH_CAP);
	CU_ASSERT(strlen(node->key) && strspn(node->key, "abcdefghijklmnopqrstuvwxyz"
							 "0123456789-") == strlen(node->key));
	t->path[t->depth] = strlen(t->at);
	if (t->depth++) /* the file's own key is left out */
		snprintf(t->at + strlen(t->at), sizeof(t->at) - strlen(t->at), "%s%s",
			 *t->at ? "." : "", node->key);
	say(t, t->at, "=");
	say(t, node->value ? node->value : "", NULL);
	if (node->fault)
		say(t, " !", node->fault);
	say(t, "\n", NULL);
	t->faulty = t->faulty || node->fault;
	for (size_t i = 0; i < node->raw.len; i++)
		t->leaked = t->leaked || slice_at(node->raw, i) == SECRET;
	t->leaked = t->leaked ||
		    (node->value && (strstr(node->value, "A7A7") || strstr(node->value, "a7a7") ||
				     strstr(node->value, "7A7A")));
}

static void close_node(void *ctx)
{
	struct told *t = ctx;

	CU_ASSERT_FATAL(t->depth > 0);
	t->at[t->path[--t->depth]] = 0;
}

static const struct told *show(const struct ef_kind *kind, struct slice content)
{
	static struct told told;
	const struct tree tree = {open_node, close_node, &told};

	memset(&told, 0, sizeof(told));
	ef_show(kind, content, &tree);
	CU_ASSERT_EQUAL(told.depth, 0);
	return &told;
}

static enum ef_place place_named(const char *name)
{
	for (unsigned p = EF_MF; p < EF_PLACES; p++) {
		const char *full = ef_place_name((enum ef_place)p), *dot = strchr(full, '.');

		if (strcmp(dot ? dot + 1 : full, name) == 0)
			return (enum ef_place)p;
	}
	return EF_NOWHERE;
}

static bool has_line(const char *text, const char *line)
{
	size_t n = strlen(line);

	for (const char *at = strstr(text, line); at; at = strstr(at + 1, line)) {
		if ((at == text || at[-1] == '\n') && at[n] == '\n')
			return true;
	}
	return false;
}

struct vector {
	const struct ef_kind *kind;
	struct slice content;
	char *wanted;
};

/* The next vector, or false at the end */
static bool next_vector(FILE *f, char line[static LINE_CAP], struct vector *v)
{
	while (fgets(line, LINE_CAP, f)) {
		char place[32], hex[LINE_CAP];
		unsigned fid;
		int at = 0;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		line[strcspn(line, "\n")] = 0;
		if (sscanf(line, "%31s %x %4095s | %n", place, &fid, hex, &at) != 3 || !at) {
			CU_FAIL("no vector");
			fprintf(stderr, "%s\n", line);
			continue;
		}
		v->kind = ef_find(place_named(place), (uint16_t)fid);
		v->content = test_unhex(hex);
		v->wanted = line + at;
		CU_ASSERT_PTR_NOT_NULL(v->kind);
		if (!v->kind)
			fprintf(stderr, "%s\n", line);
		return true;
	}
	return false;
}

static FILE *vectors_open(void)
{
	FILE *f = fopen(VECTORS, "r");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	return f;
}

static void test_vectors_told(void)
{
	char line[LINE_CAP];
	struct vector v;
	FILE *f = vectors_open();

	while (next_vector(f, line, &v)) {
		const struct told *t = show(v.kind, v.content);

		for (char *w = strtok(v.wanted, ";"); w; w = strtok(NULL, ";")) {
			bool found = has_line(t->text, w);

			CU_ASSERT(found);
			if (!found)
				fprintf(stderr, "%s: wanted %s\ngot:\n%s", v.kind->name, w,
					t->text);
		}
	}
	fclose(f);
}

/* Cut at every octet, and with every octet FF in its turn, it is told without reading past. */
static void test_broken(void)
{
	char line[LINE_CAP];
	struct vector v;
	FILE *f = vectors_open();

	while (next_vector(f, line, &v)) {
		for (size_t n = 0; n <= v.content.len; n++) {
			uint8_t *copy = malloc(n ? n : 1); /* its end is the sanitizer's */

			memcpy(copy, v.content.ptr, n);
			show(v.kind, slice_make(copy, n));
			for (size_t i = 0; i < n; i++) {
				uint8_t was = copy[i];

				copy[i] = 0xFF;
				show(v.kind, slice_make(copy, n));
				copy[i] = was;
			}
			free(copy);
		}
	}
	fclose(f);
}

/* FF from end to end is a file that is not used; zeros and FF are told of every kind. */
static void test_blank(void)
{
	const struct ef_kind *k;
	uint8_t octets[300];

	for (size_t i = 0; (k = ef_at(i)) != NULL; i++) {
		memset(octets, 0xFF, sizeof(octets));
		CU_ASSERT(!show(k, slice_make(octets, 255))->faulty);
		memset(octets, 0, sizeof(octets));
		for (size_t n = 0; n < sizeof(octets); n += 1 + n / 3)
			show(k, slice_make(octets, n));
	}
	CU_ASSERT(show(NULL, SLICE_OF(octets))->len > 0);
}

static void test_table(void)
{
	const struct ef_kind *k, *other;

	for (size_t i = 0; (k = ef_at(i)) != NULL; i++) {
		CU_ASSERT(k->place > EF_NOWHERE && k->place < EF_PLACES);
		CU_ASSERT(strncmp(k->name, "EF.", 3) == 0 && *k->title && *k->clause);
		CU_ASSERT(k->sfi <= UICC_SFI_MAX);
		if (k->fid)
			CU_ASSERT_PTR_EQUAL(ef_find(k->place, k->fid), k);
		if (k->sfi)
			CU_ASSERT_PTR_EQUAL(ef_by_sfi(k->place, k->sfi), k);
		for (size_t j = 0; j < i && (other = ef_at(j)) != NULL; j++)
			CU_ASSERT(k->place != other->place || strcmp(k->name, other->name) != 0);
	}
	CU_ASSERT_PTR_NULL(ef_find(EF_USIM, 0x1234));
	CU_ASSERT_PTR_NULL(ef_find(EF_USIM, 0));
	CU_ASSERT_PTR_NULL(ef_by_sfi(EF_USIM, 0));
}

TEST_SUITE(trace_ef, {"each vector is told in words", test_vectors_told},
	   {"cut and spoilt content is told as far as it goes", test_broken},
	   {"FF and zeros are told of every kind", test_blank},
	   {"the table names each file once", test_table})
