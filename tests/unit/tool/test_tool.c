/* command lines, safe files, tokens to cancel by, waits */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/cancel.h"
#include "tool/sys/tcp.h"
#include "tool/sys/wait.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"

static struct {
	bool flag;
	const char *text;
	unsigned number;
	struct tool_list list;
	const char *global;
	int argc;
	const char *first;
	const char *ran;
} seen;

static int run_one(int argc, char **argv)
{
	seen.argc = argc;
	seen.first = argc ? argv[0] : NULL;
	seen.ran = "one";
	return TOOL_OK;
}

static int run_one_two(int argc, char **argv)
{
	(void)argv;
	seen.argc = argc;
	seen.ran = "one two";
	return TOOL_REFUSED;
}

static int run_say(int argc, char **argv)
{
	(void)argc, (void)argv;
	tool_say("%s", "a line");
	return TOOL_OK;
}

/* What json_pack() gives where a string is no UTF-8 */
static int run_no_answer(int argc, char **argv)
{
	(void)argc, (void)argv;
	tool_print_json(NULL);
	return TOOL_OK;
}

static int run_tool(const char *line)
{
	static const struct tool_option options[] = {{"flag", 'f', OPT_FLAG, NULL, "", &seen.flag},
						     {"text", 't', OPT_STRING, "T", "", &seen.text},
						     {"number", 0, OPT_UINT, "N", "", &seen.number},
						     {"list", 0, OPT_LIST, "L", "", &seen.list},
						     {NULL, 0, OPT_FLAG, NULL, NULL, NULL}};
	static const struct tool_option globals[] = {
		{"global", 0, OPT_STRING, "G", "", &seen.global},
		{NULL, 0, OPT_FLAG, NULL, NULL, NULL}};
	static const struct tool_command commands[] = {
		{"one", "[A]", 0, 1, "", NULL, options, run_one},
		{"one two", "", 0, 0, "", NULL, NULL, run_one_two},
		{"say", "", 0, 0, "", NULL, NULL, run_say},
		{"no-answer", "", 0, 0, "", NULL, NULL, run_no_answer},
		{"group one", "", 0, 0, "", NULL, NULL, run_one}};
	static const struct tool_program program = {.name = "prog",
						    .summary = "",
						    .commands = commands,
						    .command_count = ARRAY_LEN(commands),
						    .globals = globals};
	static char copy[256];
	char *argv[32] = {NULL}, *save = NULL;
	int argc = 0, keep, null, r;

	memset(&seen, 0, sizeof(seen));
	snprintf(copy, sizeof(copy), "prog %s", line);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	fflush(stderr);
	keep = dup(STDERR_FILENO);
	null = open("/dev/null", O_WRONLY);
	dup2(null, STDERR_FILENO);
	r = tool_main(&program, argc, argv);
	fflush(stderr);
	dup2(keep, STDERR_FILENO);
	close(keep);
	close(null);
	return r;
}

static void test_options(void)
{
	CU_ASSERT_EQUAL(run_tool("one -f -t x --number=7 --list a --list b --global g arg"),
			TOOL_OK);
	CU_ASSERT_TRUE(seen.flag);
	CU_ASSERT_STRING_EQUAL(seen.text, "x");
	CU_ASSERT_EQUAL(seen.number, 7);
	CU_ASSERT_EQUAL(seen.list.count, 2);
	CU_ASSERT_STRING_EQUAL(seen.global, "g");
	CU_ASSERT_STRING_EQUAL(seen.first, "arg");
	CU_ASSERT_EQUAL(run_tool("--global g one two"), TOOL_REFUSED);
	CU_ASSERT_STRING_EQUAL(seen.ran, "one two");
	CU_ASSERT_EQUAL(run_tool("one -- -f"), TOOL_OK);
	CU_ASSERT_STRING_EQUAL(seen.first, "-f");
}

static void test_usage_errors(void)
{
	static const char *const bad[] = {"",
					  "nothing",
					  "one --no-such",
					  "one --text",
					  "one a b",
					  "one --number x",
					  "one --flag=yes",
					  "one two x",
					  "one --number -1",
					  "one --number 4294967296"};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CU_ASSERT_EQUAL(run_tool(bad[i]), TOOL_USAGE);
}

/* --json: a failure is one object on standard output, with the hint of the table. */
static void test_json_failure(void)
{
	char path[128];
	json_t *whole, *j;
	int keep, file;

	ASSERT_ERR(path_join(test_dir(), "out", path, sizeof(path)), ERR_OK);
	CU_ASSERT_EQUAL(run_tool("one --json"), TOOL_OK);
	fflush(stdout);
	keep = dup(STDOUT_FILENO);
	file = open(path, O_WRONLY | O_CREAT, 0600);
	dup2(file, STDOUT_FILENO);
	CU_ASSERT_EQUAL(tool_fail(ERR_NO_SERVICE, "%s", "readers"), TOOL_NO_CARD);
	fflush(stdout);
	dup2(keep, STDOUT_FILENO);
	close(keep);
	close(file);
	whole = json_load_file(path, 0, NULL);
	j = json_object_get(whole, "error");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(j, "code")), "ERR_NO_SERVICE");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(j, "hint")),
			       "start it: systemctl start pcscd.socket, or pcscd as root");
	json_decref(whole);
	CU_ASSERT_EQUAL(run_tool("one"), TOOL_OK);
}

/* What a server says must not steer the terminal of who reads a warning, under --json neither. */
static void test_warning(void)
{
	static const char *const modes[] = {"one", "one --json"};
	char path[128];

	ASSERT_ERR(path_join(test_dir(), "err", path, sizeof(path)), ERR_OK);
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		struct wbuf w = wbuf_grow(100);
		int keep, file;

		CU_ASSERT_EQUAL(run_tool(modes[i]), TOOL_OK);
		fflush(stderr);
		keep = dup(STDERR_FILENO);
		file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		dup2(file, STDERR_FILENO);
		tool_warn("kept: %s", "\033[2Jno\xff");
		fflush(stderr);
		dup2(keep, STDERR_FILENO);
		close(keep);
		close(file);
		ASSERT_ERR(file_read(path, NULL, &w), ERR_OK);
		CU_ASSERT(memmem(w.ptr, w.len, "kept: ?[2Jno?\n", 14) != NULL);
		wbuf_free(&w);
	}
	CU_ASSERT_EQUAL(run_tool("one"), TOOL_OK);
}

/* What steers a terminal becomes "?", a line stays a line, all else stays as it is. */
static void test_texts(void)
{
	static const struct {
		const char *from, *text, *line;
	} rows[] = {
		{"plain", "plain", "plain"},
		{"\u00e9 \u4e2d \U0001f511", "\u00e9 \u4e2d \U0001f511",
		 "\u00e9 \u4e2d \U0001f511"},
		{"a\nb\tc", "a\nb\tc", "a?b?c"},
		{"a\r\033[2Jb\177", "a??[2Jb?", "a??[2Jb?"},
		{"\xc2\x9b"
		 "31m\xc2\x85\u00a0",
		 "?31m?\u00a0", "?31m?\u00a0"},
		{"\u202eabc\u2066d\u2069", "?abc?d?", "?abc?d?"},
		{"a\u2028b\u2029c\u200e\u061c", "a?b?c??", "a?b?c??"},
		{"\xc0\x80 \xed\xa0\x80 \xf4\x90\x80\x80 \xe2\x80", "?? ??? ???? ??",
		 "?? ??? ???? ??"},
	};
	char text[64], line[TEXT_LINE_MAX], much[2 * TEXT_LINE_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(text, sizeof(text), "%s", rows[i].from);
		text_clean(text);
		CU_ASSERT_STRING_EQUAL(text, rows[i].text);
		CU_ASSERT_STRING_EQUAL(text_line(slice_str(rows[i].from), line), rows[i].line);
	}
	CU_ASSERT_STRING_EQUAL(text_line(slice_make("a\0b", 3), line), "a?b");
	CU_ASSERT_STRING_EQUAL(text_line(SLICE_EMPTY, line), "");
	memset(much, 'x', sizeof(much));
	CU_ASSERT_EQUAL(strlen(text_line(SLICE_OF(much), line)), TEXT_LINE_MAX - 1);
}

/* Runs it with standard output in a file; the JSON that it wrote there, if any. */
static int run_into(const char *path, const char *line)
{
	int keep, file, r;

	fflush(stdout);
	keep = dup(STDOUT_FILENO);
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(file, STDOUT_FILENO);
	r = run_tool(line);
	fflush(stdout);
	clearerr(stdout);
	dup2(keep, STDOUT_FILENO);
	close(keep);
	close(file);
	return r;
}

/* A full disk is no success, whoever prints; a failure stays the failure that it was. */
static void test_output_lost(void)
{
	CU_ASSERT_EQUAL(run_into("/dev/full", "one"), TOOL_OK); /* it prints nothing */
	CU_ASSERT_EQUAL(run_into("/dev/full", "one --help"), TOOL_FAILED);
	CU_ASSERT_EQUAL(run_into("/dev/full", "--version"), TOOL_FAILED);
	CU_ASSERT_EQUAL(run_into("/dev/full", "--json --version"), TOOL_FAILED);
	CU_ASSERT_EQUAL(run_into("/dev/full", "say"), TOOL_FAILED);
	CU_ASSERT_EQUAL(run_into("/dev/full", "nothing --json"), TOOL_USAGE);
	CU_ASSERT_EQUAL(run_tool("no-answer --json"), TOOL_FAILED);
	CU_ASSERT_EQUAL(run_tool("one"), TOOL_OK);
}

/* --help and --version under --json are objects, and name what the tables have. */
static void test_json_help(void)
{
	char path[128];
	json_t *j, *options;

	ASSERT_ERR(path_join(test_dir(), "help", path, sizeof(path)), ERR_OK);
	CU_ASSERT_EQUAL(run_into(path, "--json --version"), TOOL_OK);
	j = json_load_file(path, 0, NULL);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(j, "version")), TWINKEY_VERSION);
	json_decref(j);
	CU_ASSERT_EQUAL(run_into(path, "one --help --json"), TOOL_OK);
	j = json_load_file(path, 0, NULL);
	options = json_object_get(j, "options");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(j, "command")), "one");
	CU_ASSERT_EQUAL(json_array_size(options), 4);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(j, "general")), 1 + 5);
	CU_ASSERT_STRING_EQUAL(
		json_string_value(json_object_get(json_array_get(options, 1), "value")), "T");
	json_decref(j);
	CU_ASSERT_EQUAL(run_into(path, "--help --json"), TOOL_OK);
	j = json_load_file(path, 0, NULL);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(j, "commands")), 5);
	json_decref(j);
}

/* The first word of commands with two: its help lists them, alone it is wrong usage. */
static void test_group(void)
{
	char path[128];
	json_t *j;

	ASSERT_ERR(path_join(test_dir(), "group", path, sizeof(path)), ERR_OK);
	CU_ASSERT_EQUAL(run_into(path, "group --help --json"), TOOL_OK);
	j = json_load_file(path, 0, NULL);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(j, "commands")), 1);
	json_decref(j);
	CU_ASSERT_EQUAL(run_into(path, "group --json"), TOOL_USAGE);
	j = json_load_file(path, 0, NULL);
	CU_ASSERT_STRING_EQUAL(
		json_string_value(json_object_get(json_object_get(j, "error"), "message")),
		"'group' wants a word more: one");
	json_decref(j);
	CU_ASSERT_EQUAL(run_tool("group two"), TOOL_USAGE);
	CU_ASSERT_EQUAL(run_tool("grou --help"), TOOL_USAGE);
}

static void test_ports(void)
{
	static const char *const good[] = {"1", "80", "65535", "00080"};
	static const char *const bad[] = {"",	 "0",	"65536", "99999", "100000", "4294967297",
					  "8 0", "+80", "-1",	 "80x",	  "0x50"};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		CU_ASSERT_TRUE(tcp_is_port(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CU_ASSERT_FALSE(tcp_is_port(bad[i]));
}

static void test_files(void)
{
	char path[128];
	struct wbuf w = wbuf_grow(100);
	struct stat st;

	ASSERT_ERR(path_join(test_dir(), "f", path, sizeof(path)), ERR_OK);
	ASSERT_ERR(file_read(path, NULL, &w), ERR_NOT_FOUND);
	ASSERT_ERR(file_write(path, slice_str("old"), 0600, NULL), ERR_OK);
	ASSERT_ERR(file_write(path, slice_str("new"), 0600, NULL), ERR_OK);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
	ASSERT_ERR(file_read(path, NULL, &w), ERR_OK);
	CU_ASSERT_TRUE(slice_is(wbuf_slice(&w), "new"));
	wbuf_free(&w);
	w = wbuf_grow(2);
	ASSERT_ERR(file_read(path, NULL, &w), ERR_SPACE);
	wbuf_free(&w);
	ASSERT_ERR(file_write("/proc/no/such/folder", SLICE_EMPTY, 0600, NULL), ERR_NOT_FOUND);
	ASSERT_ERR(file_make_dir(path), ERR_EXISTS);
}

/* A folder appears under its name, slashes behind it or not, and never over one that holds
 * anything. */
static void test_new_folder(void)
{
	char dir[128], slashed[136], tmp[160], inside[192];
	struct stat st;

	ASSERT_ERR(path_join(test_dir(), "folder", dir, sizeof(dir)), ERR_OK);
	for (int i = 0; i < 2; i++) {
		snprintf(slashed, sizeof(slashed), "%s%s", dir, i ? "//" : "");
		ASSERT_ERR(file_new_dir(slashed, tmp, sizeof(tmp)), ERR_OK);
		CU_ASSERT_EQUAL(strncmp(tmp, dir, strlen(dir)), 0);
		CU_ASSERT_EQUAL(tmp[strlen(dir)], '.');
		ASSERT_ERR(file_place_dir(tmp, slashed), ERR_OK);
		CU_ASSERT_EQUAL(stat(dir, &st), 0);
		CU_ASSERT_TRUE(S_ISDIR(st.st_mode));
		CU_ASSERT_EQUAL(stat(tmp, &st), -1);
	}
	ASSERT_ERR(path_join(dir, "held", inside, sizeof(inside)), ERR_OK);
	ASSERT_ERR(file_write(inside, SLICE_EMPTY, 0600, NULL), ERR_OK);
	ASSERT_ERR(file_new_dir(dir, tmp, sizeof(tmp)), ERR_OK);
	ASSERT_ERR(file_place_dir(tmp, dir), ERR_EXISTS);
	file_remove_tree(tmp);
	CU_ASSERT_EQUAL(stat(tmp, &st), -1);
	CU_ASSERT_EQUAL(stat(inside, &st), 0);
	ASSERT_ERR(file_new_dir(dir, tmp, strlen(dir) + 7), ERR_LONG_NAME);
}

static enum err name_to(void *ctx, const char *path)
{
	const char *name = strrchr(path, '/');

	wbuf_put(ctx, slice_str(name));
	return strcmp(name, "/C_bad.x") == 0 ? ERR_REFUSED : ERR_OK;
}

/* Signs that a shell would read more into are no more than signs, in the folder's name too. */
static void test_files_of_folder(void)
{
	static const char *const names[] = {"C_2.x", "C_1.x", "C_.x", "C_.y", "D_1.x", "C_*.x"};
	struct wbuf w = wbuf_grow(100);
	char dir[128], path[256];

	ASSERT_ERR(path_join(test_dir(), "a[b*", dir, sizeof(dir)), ERR_OK);
	ASSERT_ERR(file_each(dir, "", "", name_to, &w), ERR_NOT_FOUND);
	ASSERT_ERR(file_make_dir(dir), ERR_OK);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		ASSERT_ERR(path_join(dir, names[i], path, sizeof(path)), ERR_OK);
		ASSERT_ERR(file_write(path, SLICE_EMPTY, 0600, NULL), ERR_OK);
	}
	ASSERT_ERR(file_each(dir, "C_", ".x", name_to, &w), ERR_OK);
	CU_ASSERT_TRUE(slice_is(wbuf_slice(&w), "/C_*.x/C_.x/C_1.x/C_2.x"));
	ASSERT_ERR(file_each(dir, "C_*", ".x", name_to, &w), ERR_OK);
	ASSERT_ERR(file_each(dir, "C_?", ".x", name_to, &w), ERR_NOT_FOUND);
	ASSERT_ERR(file_each(dir, "C_.x", "_.x", name_to, &w), ERR_NOT_FOUND); /* they overlap */
	ASSERT_ERR(path_join(dir, "C_bad.x", path, sizeof(path)), ERR_OK);
	ASSERT_ERR(file_write(path, SLICE_EMPTY, 0600, NULL), ERR_OK);
	wbuf_reset(&w);
	ASSERT_ERR(file_each(dir, "C_", ".x", name_to, &w), ERR_REFUSED);
	CU_ASSERT_TRUE(slice_is(wbuf_slice(&w), "/C_*.x/C_.x/C_1.x/C_2.x/C_bad.x"));
	wbuf_free(&w);
}

static struct cancel token; /* of the processes below, each of which has a copy */

/* The status of a process that gets so many signals, takes them, and gets more. */
static int interrupted_child(unsigned before, bool take, unsigned after)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		cancel_on_signals(&token);
		for (unsigned i = 0; i < before; i++)
			raise(SIGINT);
		if (take && (!cancel_take(&token) || cancel_is_wished(&token)))
			_exit(1);
		for (unsigned i = 0; i < after; i++)
			raise(SIGINT);
		_exit(cancel_is_wished(&token) ? 0 : 2);
	}
	CU_ASSERT_FATAL(child > 0);
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	return status;
}

/* The third signal ends a process that takes none; one that does counts anew. */
static void test_interrupts(void)
{
	int status = interrupted_child(3, false, 0);

	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	CU_ASSERT_EQUAL(interrupted_child(2, false, 0), 0);
	CU_ASSERT_EQUAL(interrupted_child(1, true, 2), 0);
	CU_ASSERT_EQUAL(interrupted_child(2, true, 2), 0);
	status = interrupted_child(2, true, 3);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

/* In a process of its own: what interrupts leave behind stays. */
static void in_child(bool (*check)(void))
{
	int status = 1;
	pid_t child = fork();

	if (child == 0) {
		cancel_on_signals(&token);
		_exit(check() ? 0 : 1);
	}
	CU_ASSERT_FATAL(child > 0);
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT_EQUAL(status, 0);
}

static bool holds_one_signal(void)
{
	cancel_hold(&token);
	raise(SIGTERM);
	if (cancel_is_wished(&token) || cancel_check(&token) || cancel_gave_up(&token))
		return false;
	cancel_unhold(&token);
	if (!cancel_is_wished(&token) || cancel_is_insisted(&token) ||
	    cancel_check(&token) != ERR_CANCELLED)
		return false;
	cancel_hold(&token);
	raise(SIGTERM);
	return cancel_is_wished(&token) && cancel_is_insisted(&token) && cancel_gave_up(&token);
}

static unsigned told;
static void tell(const char *what)
{
	told += strcmp(what, "a test") == 0;
}

/* One end of a pipe that nobody writes to. */
static int silent_fd(void)
{
	int ends[2];

	return pipe(ends) ? -1 : ends[0];
}

static bool waits_are_told(void)
{
	struct wait w = wait_begin(&token, "a test");

	cancel_set_teller(&token, tell);
	if (wait_fd(&w, silent_fd(), POLLIN, 300, 0) != ERR_TIMEOUT || told)
		return false;
	return !wait_pause(&w, 900) && !wait_pause(&w, 200) && told == 1 && !cancel_gave_up(&token);
}

static bool signals_end_waits(void)
{
	struct wait w = wait_begin(&token, "a test");
	int64_t start = wait_now_ms();
	int fd = silent_fd();

	cancel_after(1);
	if (wait_fd(&w, fd, POLLIN, -1, 500) != ERR_CANCELLED || !cancel_has_timed_out(&token))
		return false;
	if (wait_now_ms() - start < 1400 || wait_pause(&w, 10000) != ERR_CANCELLED)
		return false;
	raise(SIGINT); /* who insists is not made to wait */
	return wait_fd(&w, fd, POLLIN, -1, 10000) == ERR_CANCELLED && wait_now_ms() - start < 5000;
}

/* Who has closed the other end of standard output wants no more of it. */
static bool nobody_reads(void)
{
	struct wait w;
	int ends[2];

	if (pipe(ends) || dup2(ends[1], STDOUT_FILENO) < 0)
		return false;
	close(ends[0]);
	cancel_set_teller(&token, tell);
	w = wait_begin(&token, "a test");
	return wait_pause(&w, 5000) == ERR_CANCELLED && cancel_is_unheard(&token);
}

/* Each wait asks the token that it was given, and no other. */
static void test_two_tokens(void)
{
	struct cancel wished, other;
	struct wait ended, goes_on, endless = wait_begin(NULL, "a test");
	struct pollfd p[2] = {{.events = POLLIN}, {.events = POLLIN}};
	int64_t start = wait_now_ms();
	int fd = silent_fd();

	ASSERT_ERR(cancel_open(&wished), ERR_OK);
	ASSERT_ERR(cancel_open(&other), ERR_OK);
	ended = wait_begin(&wished, "a test");
	goes_on = wait_begin(&other, "a test");
	cancel_wish(&wished);
	ASSERT_ERR(wait_pause(&ended, 60000), ERR_CANCELLED);
	ASSERT_ERR(wait_fd(&ended, fd, POLLIN, -1, 0), ERR_CANCELLED);
	CU_ASSERT_TRUE(wait_now_ms() - start < 30000);
	ASSERT_ERR(wait_pause(&goes_on, 150), ERR_OK);
	ASSERT_ERR(wait_fd(&goes_on, fd, POLLIN, 150, 0), ERR_TIMEOUT);
	ASSERT_ERR(wait_fd(&endless, fd, POLLIN, 150, 0), ERR_TIMEOUT);
	CU_ASSERT_TRUE(wait_now_ms() - start >= 400);
	CU_ASSERT_TRUE(cancel_gave_up(&wished) && !cancel_gave_up(&other));
	p[0].fd = cancel_fd(&wished);
	p[1].fd = cancel_fd(&other);
	CU_ASSERT_EQUAL(poll(p, 2, 0), 1);
	CU_ASSERT_TRUE(p[0].revents && !p[1].revents);
	CU_ASSERT_TRUE(cancel_take(&wished) && !cancel_take(&other));
	ASSERT_ERR(wait_pause(&ended, 1), ERR_OK);
	cancel_hold(&wished); /* neither does a hold reach further */
	cancel_wish(&wished);
	cancel_wish(&other);
	CU_ASSERT_TRUE(!cancel_is_wished(&wished) && cancel_is_wished(&other));
	cancel_close(&wished);
	cancel_close(&other);
	close(fd);
}

/* Nobody can use the token that is none. */
static void test_no_token(void)
{
	cancel_wish(NULL);
	cancel_again(NULL);
	cancel_hold(NULL);
	cancel_unhold(NULL);
	CU_ASSERT_FALSE(cancel_is_wished(NULL) || cancel_is_insisted(NULL) || cancel_take(NULL));
	CU_ASSERT_FALSE(cancel_gave_up(NULL) || cancel_has_timed_out(NULL));
	ASSERT_ERR(cancel_check(NULL), ERR_OK);
	CU_ASSERT_EQUAL(cancel_fd(NULL), -1);
}

static void test_waits(void)
{
	in_child(holds_one_signal);
	in_child(waits_are_told);
	in_child(signals_end_waits);
	in_child(nobody_reads);
}

TEST_SUITE(tool, {"waits", test_waits}, {"two tokens", test_two_tokens},
	   {"no token", test_no_token}, {"options of every kind", test_options},
	   {"usage errors", test_usage_errors}, {"a failure as JSON", test_json_failure},
	   {"texts from outside", test_texts}, {"a warning is printable", test_warning},
	   {"output that is lost", test_output_lost}, {"help as JSON", test_json_help},
	   {"a group of commands", test_group}, {"ports", test_ports},
	   {"files are replaced whole", test_files}, {"a new folder", test_new_folder},
	   {"the files of a folder", test_files_of_folder},
	   {"signals that are taken, or not", test_interrupts})
