/* odd-words: a program whose table has what shells could trip over; tests/e2e/completion.sh
 * completes it. */
#include "lib/base/bytes.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"

static const char *text;
static bool flag;
static struct tool_list list;

static const struct tool_option odd_options[] = {
	{"quotes", 'q', OPT_FLAG, NULL, "It's \"quoted\", `twice` and 'thrice'", &flag},
	{"brackets", 'b', OPT_STRING, "[HOST:]PORT", "[in] {braces} (round) <angle>: a[0]:b",
	 &text},
	{"dollar", 0, OPT_LIST, "FILE", "$HOME ${x} $(touch evil) \\$ \\\\ %s %% !$ a\\:b", &list},
	{"dashes-and-9-digits", 0, OPT_STRING, "one|two-2|3",
	 "-- - --x=y ; | & # ~ * ? @ ^ =", &text},
	{"folder", 'f', OPT_STRING, "DIR", "\xc3\xbc \xe2\x82\xac", &text},
	OPT_END,
};

static int run_odd(int argc, char **argv)
{
	(void)argv;
	return argc ? TOOL_OK : TOOL_FAILED;
}

int main(int argc, char **argv)
{
	static struct cancel cancel;
	static const struct tool_command commands[] = {
		{"alone", "FILE [FILE]", 1, 2, "One word: it's 'alone' [here]", NULL, odd_options,
		 run_odd},
		{"group of words", "[DIR...]", 0, 9, "Three words: the \"third\"", NULL,
		 odd_options + 1, run_odd},
		{"group other", "", 0, 0, "a:b [c] \\d $e `f`", NULL, NULL, run_odd},
		{"groups", "one|two", 0, 1, "Begins as another one does", NULL, odd_options + 2,
		 run_odd},
		{"deep down here", "HOST:PORT", 0, 1, "No command above it", NULL, NULL, run_odd},
	};
	const struct tool_program program = {.name = "odd-words",
					     .summary = "Words that shells trip over.",
					     .commands = commands,
					     .command_count = ARRAY_LEN(commands),
					     .globals = odd_options + 4,
					     .cancel = &cancel};

	return tool_main(&program, argc, argv);
}
