#include "tool/cli/program.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/bytes.h"
#include "tool/cli/help.h"
#include "tool/cli/text.h"
#include "tool/sys/cancel.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/trouble.h"

#define WORDS_MAX   3	/* words in the name of a subcommand */
#define ARGS_MAX    256 /* positional arguments */
#define MESSAGE_MAX 1024
#define TIMEOUT_MAX 86400 /* seconds */

static struct {
	const struct tool_program *program;
	const struct tool_command *command;
	bool json, help, version;
	const char *timeout;
	unsigned timeout_s; /* of it */
	int output_errno;   /* of the first write to standard output that failed; 0: none */
} running;

static const struct tool_option common_options[] = {
	{"json", 0, OPT_FLAG, NULL, "Print one JSON object instead of text", &running.json},
	{"timeout", 0, OPT_STRING, "SECONDS", "Give up after so long, as Ctrl-C does",
	 &running.timeout},
	{"help", 'h', OPT_FLAG, NULL, "Show this help", &running.help},
	{"version", 0, OPT_FLAG, NULL, "Show the version", &running.version},
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

struct cancel *tool_cancel(void)
{
	return running.program ? running.program->cancel : NULL;
}

bool tool_json(void)
{
	return running.json;
}

static void note_lost(bool failed)
{
	if (!failed || running.output_errno)
		return;
	running.output_errno = errno ? errno : EIO;
	if (running.output_errno == EPIPE) /* what is still to do is not wanted any more */
		cancel_again(tool_cancel());
}

/* What was printed is out, or is remembered as lost: the exit code says so at the end. */
static void flush_output(void)
{
	note_lost(fflush(stdout) != 0);
}

bool tool_output_lost(void)
{
	flush_output();
	if (ferror(stdout) && !running.output_errno)
		running.output_errno = EIO; /* of some time ago */
	return running.output_errno != 0;
}

void tool_print_json(json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_PRESERVE_ORDER);

	if (!text && !running.output_errno)
		running.output_errno = ENOMEM; /* there is no such answer */
	if (text)
		note_lost(puts(text) < 0);
	flush_output();
	free(text);
	json_decref(value);
}

static void print_line(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));
static void print_line(const char *fmt, va_list ap)
{
	char *line = NULL;

	if (vasprintf(&line, fmt, ap) < 0)
		line = NULL;
	if (line) {
		text_clean(line);
		note_lost(puts(line) < 0);
	}
	free(line);
	flush_output();
}

void tool_say(const char *fmt, ...)
{
	va_list ap;

	if (running.json)
		return;
	va_start(ap, fmt);
	print_line(fmt, ap);
	va_end(ap);
}

void tool_say_heads(const char *fmt, ...)
{
	va_list ap;

	if (running.json || !isatty(STDOUT_FILENO))
		return;
	va_start(ap, fmt);
	print_line(fmt, ap);
	va_end(ap);
}

static const char *program_name(void)
{
	return running.program ? running.program->name : "twinkey";
}

static int exit_code(enum err e)
{
	switch (e) {
	case ERR_OK: return TOOL_OK;
	case ERR_USAGE: return TOOL_USAGE;
	case ERR_NO_SERVICE:
	case ERR_NO_READER:
	case ERR_POLKIT:
	case ERR_MUTE:
	case ERR_ATR:
	case ERR_NO_CARD: return TOOL_NO_CARD;
	case ERR_REFUSED:
	case ERR_WRONG_STATE:
	case ERR_FACTOR:
	case ERR_MAC:
	case ERR_SYNC:
	case ERR_SIGNATURE:
	case ERR_REPLAY:
	case ERR_TRIES:
	case ERR_UNBOUND:
	case ERR_EXPIRED: return TOOL_REFUSED;
	case ERR_CANCELLED: return TOOL_CANCELLED;
	default: return TOOL_FAILED;
	}
}

static void make_words(char what[static MESSAGE_MAX], const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
static void make_words(char what[static MESSAGE_MAX], const char *fmt, va_list ap)
{
	vsnprintf(what, MESSAGE_MAX, fmt, ap);
	text_clean_line(what);
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

/* The reader had enough, as head(1) has. */
static bool unheard(void)
{
	return running.output_errno == EPIPE || cancel_is_unheard(tool_cancel());
}

/* text and hint: what people are told behind it. */
static int say_failure(enum err e, const char *what, const char *text, const char *hint)
{
	const char *colon = *what && *text ? ": " : "";

	flush_output();
	if (e == ERR_CANCELLED && unheard())
		return TOOL_FAILED;
	if (running.json)
		tool_print_json(json_pack("{s:{s:s, s:s++, s:s}}", "error", "code", err_name(e),
					  "message", what, colon, text, "hint", err_hint(e)));
	else
		fprintf(stderr, "%s: %s%s%s%s%s%s\n", program_name(), what, colon, text,
			*hint ? " (" : "", hint, *hint ? ")" : "");
	return exit_code(e);
}

/* What ends because of --timeout was not cancelled by anybody. */
static enum err cause_of(enum err e)
{
	return e == ERR_CANCELLED && cancel_has_timed_out(tool_cancel()) ? ERR_TIMEOUT : e;
}

int tool_fail(enum err e, const char *fmt, ...)
{
	char what[MESSAGE_MAX], late[64], trouble[MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	make_words(what, fmt, ap);
	va_end(ap);
	if (cause_of(e) != e) {
		snprintf(late, sizeof(late), "not done within %u s (--timeout)", running.timeout_s);
		return say_failure(ERR_TIMEOUT, what, late, "");
	}
	if (*trouble_of(e)) {
		snprintf(trouble, sizeof(trouble), "%s", trouble_of(e));
		text_clean_line(trouble);
		return say_failure(e, what, trouble, "");
	}
	/* the other side's sentence may be the same as ours */
	return say_failure(e, what, ends_with(what, err_text(e)) ? "" : err_text(e), err_hint(e));
}

int tool_fail_said(enum err e, const char *fmt, ...)
{
	char what[MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	make_words(what, fmt, ap);
	va_end(ap);
	return say_failure(cause_of(e), what, "", "");
}

int tool_usage(const char *fmt, ...)
{
	char what[MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	make_words(what, fmt, ap);
	va_end(ap);
	if (running.json)
		tool_print_json(json_pack("{s:{s:s, s:s, s:s}}", "error", "code",
					  err_name(ERR_USAGE), "message", what, "hint",
					  err_hint(ERR_USAGE)));
	else
		fprintf(stderr, "%s: %s\nTry '%s%s%s --help'.\n", program_name(), what,
			program_name(), running.command ? " " : "",
			running.command ? running.command->name : "");
	return TOOL_USAGE;
}

int tool_may_write(const char *path, bool anew)
{
	enum err e = path ? file_may_write(path, anew) : ERR_OK;

	if (e == ERR_EXISTS)
		return tool_fail_said(e, "%s: a file is there already: choose another name", path);
	return e ? tool_fail(e, "%s", path) : TOOL_OK;
}

const char *tool_mode_of(const char *path)
{
	static char text[16];
	struct stat st;

	text[0] = 0;
	if (strcmp(path, "-") != 0 && lstat(path, &st) == 0 && S_ISREG(st.st_mode))
		snprintf(text, sizeof(text), " (mode %04o)", (unsigned)st.st_mode & 07777);
	return text;
}

void tool_warn(const char *fmt, ...)
{
	char what[MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	make_words(what, fmt, ap);
	va_end(ap);
	flush_output();
	fprintf(stderr, "%s: %s\n", program_name(), what);
}

void tool_progress(unsigned step, unsigned steps, const char *fmt, ...)
{
	char what[MESSAGE_MAX];
	va_list ap;

	if (running.json)
		return;
	va_start(ap, fmt);
	make_words(what, fmt, ap);
	va_end(ap);
	flush_output();
	fprintf(stderr, "[%u/%u] %s\n", step, steps, what);
}

/* How many of the words name this subcommand; 0: they don't. */
static size_t name_matches(const char *name, char **words, size_t n)
{
	size_t used = 0;

	while (used < n) {
		size_t len = strcspn(name, " ");

		if (strlen(words[used]) != len || strncmp(words[used], name, len) != 0)
			return 0;
		used++;
		if (!name[len])
			return used;
		name += len + 1;
	}
	return 0;
}

static const struct tool_command *find_command(const struct tool_program *p, char **words, size_t n,
					       size_t *used)
{
	const struct tool_command *best = NULL;

	*used = 0;
	for (size_t i = 0; i < p->command_count; i++) {
		size_t m = name_matches(p->commands[i].name, words, n);

		if (m > *used) {
			*used = m;
			best = &p->commands[i];
		}
	}
	return best;
}

/* The option that an argument names: "--name", "--name=value" or "-x". */
static const struct tool_option *match(const struct tool_option *o, const char *arg,
				       size_t name_len)
{
	for (; o && o->name; o++) {
		if (arg[1] == '-'
			    ? strlen(o->name) == name_len && !strncmp(o->name, arg + 2, name_len)
			    : o->letter && arg[1] == o->letter && !arg[2])
			return o;
	}
	return NULL;
}

static int take_value(const struct tool_option *o, const char *value)
{
	struct tool_list *list = o->value;
	char *end;
	unsigned long v;

	switch (o->kind) {
	case OPT_FLAG: *(bool *)o->value = true; return TOOL_OK;
	case OPT_STRING: *(const char **)o->value = value; return TOOL_OK;
	case OPT_UINT:
		errno = 0;
		v = strtoul(value, &end, 10);
		if (errno || *end || end == value || *value == '-' || v > UINT32_MAX)
			return tool_usage("--%s wants a number, not '%s'", o->name, value);
		*(unsigned *)o->value = (unsigned)v;
		return TOOL_OK;
	case OPT_LIST:
		if (list->count == ARRAY_LEN(list->items))
			return tool_usage("--%s is given too often", o->name);
		list->items[list->count++] = value;
		return TOOL_OK;
	}
	return TOOL_USAGE;
}

/* Takes the option at argv[*i] (and the value behind it). */
static int take_option(int argc, char **argv, int *i)
{
	const struct tool_option *tables[] = {running.command ? running.command->options : NULL,
					      running.program->globals, common_options};
	const char *arg = argv[*i], *value = NULL;
	size_t name_len = arg[1] == '-' ? strcspn(arg + 2, "=") : 0;
	const struct tool_option *o = NULL;

	for (size_t t = 0; t < ARRAY_LEN(tables) && !o; t++)
		o = match(tables[t], arg, name_len);
	if (!o)
		return tool_usage("there is no option '%s'", arg);
	if (arg[1] == '-' && arg[2 + name_len] == '=')
		value = arg + 2 + name_len + 1;
	if (o->kind == OPT_FLAG && value)
		return tool_usage("--%s takes no value", o->name);
	if (o->kind != OPT_FLAG && !value) {
		if (*i + 1 >= argc)
			return tool_usage("--%s wants a value: %s", o->name,
					  o->arg ? o->arg : "VALUE");
		value = argv[++*i];
	}
	return take_value(o, value);
}

/* The words of the subcommand may stand anywhere before the positional arguments. */
static size_t command_words(int argc, char **argv, char **words)
{
	const struct tool_option *tables[] = {running.program->globals, common_options};
	size_t n = 0;

	for (int i = 1; i < argc && n < WORDS_MAX; i++) {
		const struct tool_option *o = NULL;

		if (argv[i][0] != '-' || !argv[i][1]) {
			words[n++] = argv[i];
			continue;
		}
		if (n)
			break;
		for (size_t t = 0; t < ARRAY_LEN(tables) && !o; t++)
			o = match(tables[t], argv[i],
				  argv[i][1] == '-' ? strcspn(argv[i] + 2, "=") : 0);
		if (o && o->kind != OPT_FLAG && !strchr(argv[i], '='))
			i++; /* its value */
	}
	return n;
}

static int parse_arguments(int argc, char **argv, size_t skip, char **args, int *count)
{
	bool only_args = false;
	int r;

	*count = 0;
	for (int i = 1; i < argc; i++) {
		if (!only_args && strcmp(argv[i], "--") == 0) {
			only_args = true;
		} else if (!only_args && argv[i][0] == '-' && argv[i][1]) {
			r = take_option(argc, argv, &i);
			if (r)
				return r;
		} else if (skip) {
			skip--;
		} else if (*count == ARGS_MAX) {
			return tool_usage("too many arguments");
		} else {
			args[(*count)++] = argv[i];
		}
	}
	return TOOL_OK;
}

/* The commands of a group, parted by commas; "" when there is none. */
static void list_group(const struct tool_program *p, const char *group,
		       char out[static MESSAGE_MAX])
{
	size_t used = 0;

	*out = 0;
	for (size_t i = 0; i < p->command_count && used < MESSAGE_MAX; i++) {
		if (help_in_group(&p->commands[i], group))
			used += (size_t)snprintf(out + used, MESSAGE_MAX - used, "%s%s",
						 used ? ", " : "",
						 p->commands[i].name + strlen(group) + 1);
	}
}

static int no_command(const struct tool_program *p, char **words, size_t n)
{
	char group[MESSAGE_MAX];

	if (n == 0 && running.json)
		return tool_usage("a command is missing");
	if (n == 0) {
		help_of_program(p, NULL, stderr);
		return TOOL_USAGE;
	}
	list_group(p, words[0], group);
	if (!*group)
		return tool_usage("there is no command '%s'", words[0]);
	if (n == 1)
		return tool_usage("'%s' wants a word more: %s", words[0], group);
	return tool_usage("'%s' has no command '%s', but: %s", words[0], words[1], group);
}

static void print_version(const struct tool_program *p)
{
	if (running.json)
		tool_print_json(
			json_pack("{s:s, s:s}", "program", p->name, "version", TWINKEY_VERSION));
	else
		printf("%s %s\n", p->name, TWINKEY_VERSION);
}

/* Of the command, of the commands that begin with a word, or of all. */
static void print_help(const struct tool_program *p, const char *group)
{
	if (running.json)
		tool_print_json(running.command ? help_json_of_command(running.command, p->globals,
								       common_options)
						: help_json_of_program(p, group));
	else if (running.command)
		help_of_command(p, running.command, common_options, stdout);
	else
		help_of_program(p, group, stdout);
}

/* Said once for each thing that is waited for. */
static void tell_wait(const char *what)
{
	static char before[MESSAGE_MAX];

	if (running.json || strncmp(before, what, sizeof(before) - 1) == 0)
		return;
	snprintf(before, sizeof(before), "%s", what);
	tool_warn("waiting for %s (Ctrl-C ends it)", what);
}

static int start_timer(void)
{
	char *end;
	unsigned long s;

	if (!running.timeout)
		return TOOL_OK;
	s = strtoul(running.timeout, &end, 10);
	if (*end || end == running.timeout || *running.timeout == '-' || s < 1 || s > TIMEOUT_MAX)
		return tool_usage("--timeout takes 1 to %d seconds, not '%s'", TIMEOUT_MAX,
				  running.timeout);
	running.timeout_s = (unsigned)s;
	cancel_after(running.timeout_s);
	return TOOL_OK;
}

/*
 * What was left undone is no success, whatever the command makes of it; nor does a script go on
 * after a Ctrl-C that came too late. A server that ends as it should has taken it.
 */
static int interrupted_code(int code)
{
	struct cancel *c = tool_cancel();

	if (!cancel_gave_up(c) && (!cancel_is_wished(c) || cancel_has_timed_out(c)))
		return code;
	if (unheard())
		return code ? code : TOOL_FAILED;
	if (!cancel_has_timed_out(c))
		return TOOL_CANCELLED;
	return code ? code : tool_fail(ERR_CANCELLED, "%s", running.command->name);
}

static int run_program(const struct tool_program *p, int argc, char **argv)
{
	char *words[WORDS_MAX], *args[ARGS_MAX + 1] = {NULL};
	size_t n, used;
	int count, r;

	for (int i = 1; i < argc; i++) /* so that a usage error is JSON as well */
		running.json = running.json || strcmp(argv[i], "--json") == 0;
	n = command_words(argc, argv, words);
	running.command = find_command(p, words, n, &used);
	r = parse_arguments(argc, argv, used, args, &count);
	if (running.version) {
		print_version(p);
		return TOOL_OK;
	}
	if (running.help && (running.command || help_has_group(p, n ? words[0] : NULL))) {
		print_help(p, n ? words[0] : NULL);
		return TOOL_OK;
	}
	if (!running.command && (n || !r))
		return no_command(p, words, n);
	if (r)
		return r;
	if ((unsigned)count < running.command->args_min)
		return tool_usage("an argument is missing: %s", running.command->args);
	if ((unsigned)count > running.command->args_max)
		return tool_usage("unexpected argument '%s'", args[running.command->args_max]);
	r = start_timer();
	if (!r && p->check)
		r = p->check();
	return r ? r : interrupted_code(running.command->run(count, args));
}

int tool_main(const struct tool_program *p, int argc, char **argv)
{
	int code;

	memset(&running, 0, sizeof(running));
	running.program = p;
	cancel_set_teller(p->cancel, tell_wait);
	code = run_program(p, argc, argv);
	if (!tool_output_lost())
		return code;
	if (!unheard())
		fprintf(stderr, "%s: standard output: %s\n", p->name,
			err_text(errno_err(running.output_errno)));
	return code ? code : TOOL_FAILED;
}
