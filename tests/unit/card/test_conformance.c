/*
 * The conformance table, tests/vectors/conformance.txt: a row is a requirement of ETSI TS 102 221
 * or 3GPP TS 51.011 with its clause and the exchanges that show it, on a card of its own
 * (tests/unit/card/tree_fixture.h).
 */
#include "tests/unit/test.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/support/card_fixture.h"
#include "tests/unit/card/tree_fixture.h"

#define TABLE	   "tests/vectors/conformance.txt"
#define TABLE_MAX  (256 * 1024)
#define ROWS_LEAST 250
#define LINE_CAP   1400
#define NAMES_MAX  32

struct table {
	const char *text;
	const char *names[NAMES_MAX]; /* where the lines of "@NAME" stand */
	size_t name_count;
	unsigned line;
	char row[256]; /* clause and requirement */
	struct card *card;
	unsigned rows, exchanges, failed;
};

/* The next line without its end; false behind the last. */
static bool next_line(const char **text, char line[static LINE_CAP])
{
	size_t len = strcspn(*text, "\n");

	if (!**text)
		return false;
	CU_ASSERT_FATAL(len < LINE_CAP);
	memcpy(line, *text, len);
	line[len] = 0;
	*text += len + ((*text)[len] == '\n');
	return true;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Two digits or ".." for each octet, "*" for any number of them, blanks for the eye. */
static bool matches(const char *pattern, const char *got)
{
	for (; *pattern; pattern++) {
		if (*pattern == ' ')
			continue;
		if (*pattern == '*') {
			for (size_t skip = 0; skip <= strlen(got); skip += 2) {
				if (matches(pattern + 1, got + skip))
					return true;
			}
			return false;
		}
		if (!*got || (*pattern != '.' && (digit(*pattern) < 0 || *pattern != *got)))
			return false;
		got++;
	}
	return !*got;
}

static void fail(struct table *t, const char *what, const char *line, const char *got)
{
	fprintf(stderr, "\n%s:%u: %s\n  %s\n  %s, got %s\n", TABLE, t->line, t->row, line, what,
		got);
	t->failed++;
	CU_FAIL("a row of the conformance table");
}

static void exchange(struct table *t, const char *line)
{
	char command[LINE_CAP], *answer;
	const char *got;

	snprintf(command, sizeof(command), "%s", line + strspn(line, "\t "));
	if (strcmp(command, "reset") == 0) {
		card_reset(t->card);
		return;
	}
	answer = strchr(command, '>');
	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	*answer++ = 0;
	got = fixture_send(t->card, command);
	t->exchanges++;
	if (!matches(answer, got))
		fail(t, "another answer", line, got);
}

static void play_name(struct table *t, const char *name)
{
	char line[LINE_CAP];

	for (size_t i = 0; i < t->name_count; i++) {
		const char *text = t->names[i];

		if (!next_line(&text, line) || strcmp(line, name) != 0)
			continue;
		while (next_line(&text, line) && *line == '\t')
			exchange(t, line);
		return;
	}
	fail(t, "no such name", name, "nothing");
}

static void end_row(struct table *t, unsigned exchanges_before)
{
	if (!t->card)
		return;
	if (t->exchanges == exchanges_before)
		fail(t, "a row that shows nothing", t->row, "nothing");
	card_close(&t->card);
}

/* "TS NUMBER CLAUSE": of a standard that the table is about */
static bool is_clause(const char *line)
{
	static const char *const standards[] = {"TS 102 221 ", "TS 51.011 ", "TS 31.102 ",
						"TS 31.103 "};

	for (size_t i = 0; i < ARRAY_LEN(standards); i++) {
		size_t n = strlen(standards[i]);

		if (strncmp(line, standards[i], n) == 0 && isdigit((unsigned char)line[n]))
			return true;
	}
	return false;
}

static void begin_row(struct table *t, const char *line)
{
	if (!is_clause(line) || !strchr(line, ':'))
		fail(t, "no clause", line, "nothing");
	snprintf(t->row, sizeof(t->row), "%.255s", line);
	t->rows++;
	t->card = tree_card();
}

static void walk(struct table *t)
{
	const char *text = t->text;
	char line[LINE_CAP];
	unsigned before = 0;
	bool defining = false;

	while (next_line(&text, line)) {
		t->line++;
		if (*line == '#' || !*line)
			continue;
		if (*line == '@') {
			CU_ASSERT_FATAL(t->name_count < NAMES_MAX);
			t->names[t->name_count++] = text - strlen(line) - 1;
			defining = true;
		} else if (*line != '\t') {
			end_row(t, before);
			defining = false;
			before = t->exchanges;
			begin_row(t, line);
		} else if (!defining && line[1] == '@') {
			play_name(t, line + 1);
		} else if (!defining) {
			exchange(t, line);
		}
	}
	end_row(t, before);
}

static struct wbuf read_table(void)
{
	struct wbuf w = wbuf_grow(TABLE_MAX);
	FILE *f = fopen(TABLE, "r");
	char chunk[4096];
	size_t n;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		wbuf_put(&w, slice_make(chunk, n));
	fclose(f);
	wbuf_u8(&w, 0);
	CU_ASSERT_EQUAL_FATAL((int)wbuf_done(&w), (int)ERR_OK);
	return w;
}

static void conformance(void)
{
	struct wbuf w = read_table();
	struct table t = {.text = (const char *)w.ptr};

	walk(&t);
	printf("(%u rows, %u exchanges) ", t.rows, t.exchanges);
	CU_ASSERT(t.rows >= ROWS_LEAST);
	wbuf_free(&w);
}

/* No two rows are the same exchanges under two names. */
static void no_row_twice(void)
{
	struct wbuf w = read_table();
	const char *text = (const char *)w.ptr, *starts[1024];
	size_t n = 0;
	char line[LINE_CAP];

	while (next_line(&text, line)) {
		if (is_clause(line) && n < ARRAY_LEN(starts))
			starts[n++] = text;
	}
	CU_ASSERT(n >= ROWS_LEAST);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < i; j++) {
			const char *a = starts[i], *b = starts[j];
			size_t k;

			for (k = 0; a[k] && a[k] == b[k] && !(a[k] == '\n' && a[k + 1] != '\t');)
				k++;
			if (a[k] == '\n' && b[k] == '\n' && b[k + 1] != '\t') {
				fprintf(stderr, "\ntwice: %.60s\n", a);
				CU_FAIL("a row stands twice");
			}
		}
	}
	wbuf_free(&w);
}

/* The pattern language itself. */
static void patterns(void)
{
	CU_ASSERT(matches(" 61 ..", "611c"));
	CU_ASSERT(matches("62*9000", "62ab9000"));
	CU_ASSERT(matches("*8205*9000", "620182059000"));
	CU_ASSERT_FALSE(matches("9000", "900"));
	CU_ASSERT_FALSE(matches("9000", "900000"));
	CU_ASSERT_FALSE(matches("6a82", "6a86"));
	CU_ASSERT_FALSE(matches("62*9000", "62ab6283"));
	CU_ASSERT_FALSE(matches("..", ""));
}

TEST_SUITE(conformance, {"patterns", patterns}, {"every row", conformance},
	   {"no row stands twice", no_row_twice})
