/* Any bytes as a file of settings: a fault is told for what is wrong, and what is right is applied
 * with a value that is there. */
#include <string.h>

#include "tests/support/must.h"
#include "tool/cli/option_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool flag;
static const char *text, *only_here;
static unsigned number;
static struct tool_list list;

static const struct tool_option table[] = {
	{"log", 0, OPT_FLAG, NULL, "", &flag},
	{"listen", 0, OPT_STRING, "HOST:PORT", "", &text},
	{"config", 0, OPT_STRING, "FILE", "", &only_here},
	{"stop-after", 0, OPT_UINT, "SECONDS", "", &number},
	{"client", 0, OPT_LIST, "NAME", "", &list},
	OPT_END,
};

static void count_fault(void *ctx, unsigned line, const char *what)
{
	MUST(*what && strlen(what) < OPTION_FILE_SAID_MAX);
	MUST(!strpbrk(what, "\n\r"));
	(void)line;
	++*(unsigned *)ctx;
}

static bool none(const struct tool_option *o)
{
	(void)o;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const never[] = {"config", NULL};
	unsigned faults = 0;
	const struct option_file_rules rules = {
		.tables = {table, NULL}, .never = never, .fault = count_fault, .ctx = &faults};
	struct option_file s;
	enum err e = option_file_read(slice_make(data, size), &rules, &s);

	MUST((e == ERR_VALUE) == (faults > 0));
	text = NULL;
	list.count = 0;
	option_file_apply(&s, none);
	MUST(!only_here);
	MUST(!text == !option_file_line(&s, "listen"));
	MUST(!text || (*text && !strpbrk(text, "\n")));
	option_file_free(&s);
	return 0;
}
