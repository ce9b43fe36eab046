/* files of settings: what is read, what is a fault and where, and who has the last word */
#include <string.h>

#include "tests/unit/test.h"
#include "tool/cli/option_file.h"

static bool flag, other;
static const char *text, *place, *secret;
static unsigned number;
static struct tool_list list;

static const struct tool_option table[] = {
	{"log", 0, OPT_FLAG, NULL, "", &flag},
	{"keep-rejected", 0, OPT_FLAG, NULL, "", &other},
	{"listen", 0, OPT_STRING, "HOST:PORT", "", &text},
	{"config", 0, OPT_STRING, "FILE", "", &secret},
	{"stop-after", 0, OPT_UINT, "SECONDS", "", &number},
	{"client", 0, OPT_LIST, "NAME", "", &list},
	OPT_END,
};
static const struct tool_option globals[] = {
	{"dir", 'd', OPT_STRING, "FOLDER", "", &place},
	OPT_END,
};

struct told {
	char text[2048];
};

static void note(void *ctx, unsigned line, const char *what)
{
	struct told *t = ctx;
	size_t used = strlen(t->text);

	snprintf(t->text + used, sizeof(t->text) - used, "%u: %s\n", line, what);
}

static enum err read_text(const char *octets, struct option_file *s, struct told *t)
{
	static const char *const never[] = {"config", NULL};
	const struct option_file_rules rules = {
		.tables = {table, globals}, .never = never, .fault = note, .ctx = t};

	*t = (struct told){""};
	flag = other = false;
	text = place = secret = NULL;
	number = 0;
	list.count = 0;
	return option_file_read(slice_str(octets), &rules, s);
}

static bool on_command_line(const struct tool_option *o)
{
	return o->value == &text;
}

static bool nowhere(const struct tool_option *o)
{
	(void)o;
	return false;
}

static void test_values(void)
{
	struct option_file s;
	struct told t;

	ASSERT_ERR(read_text("# a server\n\n  dir =\t/var/lib/op \nlog=yes\r\nkeep-rejected = no\n"
			     "listen = [::1]:8443 # as it stands\nstop-after = 10\nclient = a\n"
			     "client = b",
			     &s, &t),
		   ERR_OK);
	CU_ASSERT_STRING_EQUAL(t.text, "");
	CU_ASSERT(!flag); /* nothing is changed by reading */
	option_file_apply(&s, nowhere);
	CU_ASSERT_STRING_EQUAL(place, "/var/lib/op");
	CU_ASSERT(flag && !other);
	CU_ASSERT_STRING_EQUAL(text, "[::1]:8443 # as it stands");
	CU_ASSERT_EQUAL(number, 10);
	CU_ASSERT_EQUAL(list.count, 2);
	CU_ASSERT_STRING_EQUAL(list.items[1], "b");
	CU_ASSERT_EQUAL(option_file_line(&s, "listen"), 6);
	CU_ASSERT_EQUAL(option_file_line(&s, "config"), 0);
	option_file_free(&s);
}

static void test_command_line_wins(void)
{
	struct option_file s;
	struct told t;

	ASSERT_ERR(read_text("listen = 1\nstop-after = 2\n", &s, &t), ERR_OK);
	text = "given";
	option_file_apply(&s, on_command_line);
	CU_ASSERT_STRING_EQUAL(text, "given");
	CU_ASSERT_EQUAL(number, 2);
	option_file_free(&s);
}

/* All of them are told, each with its line. */
static void test_faults(void)
{
	struct option_file s;
	struct told t;

	ASSERT_ERR(read_text("lisen = 1\nlog = maybe\nlog = yes\nlog = yes\nstop-after = "
			     "4294967296\nstop-after = -1\nconfig = x\n= 1\nno sign\nlisten =\n"
			     "li\001sten = 2\nquite-another = 1\n",
			     &s, &t),
		   ERR_VALUE);
	CU_ASSERT_STRING_EQUAL(
		t.text, "1: there is no setting 'lisen': is 'listen' meant?\n"
			"2: 'log' wants yes or no, not 'maybe'\n"
			"4: 'log' was set in line 3 already\n"
			"5: 'stop-after' wants a number, not '4294967296'\n"
			"6: 'stop-after' wants a number, not '-1'\n"
			"7: 'config' belongs to the command line alone\n"
			"8: the line is not NAME = VALUE\n9: the line is not NAME = VALUE\n"
			"10: 'listen' has no value\n11: there is a control character in the line\n"
			"12: there is no setting 'quite-another' (the names are those of the long "
			"options)\n");
	option_file_free(&s);
}

/* At the limits of line, file and number of rows. */
static void test_limits(void)
{
	static char long_line[OPTION_FILE_LINE_MAX + 64], large[OPTION_FILE_MAX + 2];
	struct option_file s;
	struct told t;
	size_t at = 0;

	memset(long_line, 'x', sizeof(long_line));
	memcpy(long_line, "listen = ", 9);
	long_line[OPTION_FILE_LINE_MAX] = 0;
	ASSERT_ERR(read_text(long_line, &s, &t), ERR_OK);
	option_file_free(&s);
	long_line[OPTION_FILE_LINE_MAX] = 'x';
	long_line[OPTION_FILE_LINE_MAX + 1] = 0;
	ASSERT_ERR(read_text(long_line, &s, &t), ERR_VALUE);
	option_file_free(&s);
	memset(large, '\n', OPTION_FILE_MAX + 1);
	large[OPTION_FILE_MAX] = 0;
	ASSERT_ERR(read_text(large, &s, &t), ERR_OK);
	option_file_free(&s);
	large[OPTION_FILE_MAX] = '\n';
	ASSERT_ERR(read_text(large, &s, &t), ERR_VALUE);
	option_file_free(&s);
	for (unsigned i = 0; i <= OPTION_FILE_ROWS_MAX; i++)
		at += (size_t)snprintf(large + at, sizeof(large) - at, "client = %u\n", i);
	large[at] = 0;
	ASSERT_ERR(read_text(large, &s, &t), ERR_VALUE);
	CU_ASSERT_EQUAL(s.count, OPTION_FILE_ROWS_MAX);
	option_file_free(&s);
}

TEST_SUITE(option_file, {"values of each kind", test_values},
	   {"the command line has the last word", test_command_line_wins},
	   {"every fault, with its line", test_faults}, {"the limits", test_limits})
