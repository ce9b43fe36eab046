#include "tool/program.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bytes.h"
#include "tool/text.h"

#define WORDS_MAX   3	/* words in the name of a subcommand */
#define ARGS_MAX    256 /* positional arguments */
#define COLUMN	    28	/* where the help texts of options begin */
#define MESSAGE_MAX 1024

static struct {
	const struct tool_program *program;
	const struct tool_command *command;
	bool json, help, version;
} running;

static const struct tool_option common_options[] = {
	{"json", 0, OPT_FLAG, NULL, "Print one JSON object instead of text", &running.json},
	{"help", 'h', OPT_FLAG, NULL, "Show this help", &running.help},
	{"version", 0, OPT_FLAG, NULL, "Show the version", &running.version},
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

bool tool_json(void)
{
	return running.json;
}

void tool_print_json(json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_PRESERVE_ORDER);

	if (text)
		puts(text);
	fflush(stdout);
	free(text);
	json_decref(value);
}

void tool_say(const char *fmt, ...)
{
	char *line = NULL;
	va_list ap;

	if (running.json)
		return;
	va_start(ap, fmt);
	if (vasprintf(&line, fmt, ap) < 0)
		line = NULL;
	va_end(ap);
	if (line) {
		text_clean(line);
		puts(line);
	}
	free(line);
	fflush(stdout);
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
	case ERR_NO_CARD: return TOOL_NO_CARD;
	case ERR_REFUSED:
	case ERR_WRONG_STATE:
	case ERR_FACTOR:
	case ERR_MAC:
	case ERR_SYNC:
	case ERR_SIGNATURE:
	case ERR_REPLAY:
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

int tool_fail(enum err e, const char *fmt, ...)
{
	char what[MESSAGE_MAX];
	const char *text = err_text(e), *colon;
	va_list ap;

	va_start(ap, fmt);
	make_words(what, fmt, ap);
	va_end(ap);
	fflush(stdout);
	if (ends_with(what, text)) /* the other side's sentence is the same as ours */
		text = "";
	colon = *what && *text ? ": " : "";
	if (running.json)
		tool_print_json(json_pack("{s:{s:s, s:s++, s:s}}", "error", "code", err_name(e),
					  "message", what, colon, text, "hint", err_hint(e)));
	else
		fprintf(stderr, "%s: %s%s%s%s%s%s\n", program_name(), what, colon, text,
			*err_hint(e) ? " (" : "", err_hint(e), *err_hint(e) ? ")" : "");
	return exit_code(e);
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

void tool_warn(const char *fmt, ...)
{
	char what[MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	make_words(what, fmt, ap);
	va_end(ap);
	fflush(stdout);
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
	fflush(stdout);
	fprintf(stderr, "[%u/%u] %s\n", step, steps, what);
}

static void print_options(const char *title, const struct tool_option *o)
{
	if (!o || !o->name)
		return;
	printf("\n%s:\n", title);
	for (; o->name; o++) {
		char left[64], letter[8] = "    ";

		if (o->letter)
			snprintf(letter, sizeof(letter), "-%c, ", o->letter);
		snprintf(left, sizeof(left), "  %s--%s%s%s", letter, o->name, o->arg ? " " : "",
			 o->arg ? o->arg : "");
		if (strlen(left) < COLUMN)
			printf("%-*s%s\n", COLUMN, left, o->help);
		else
			printf("%s\n%*s%s\n", left, COLUMN, "", o->help);
	}
}

static void print_command_help(const struct tool_program *p, const struct tool_command *c)
{
	printf("Usage: %s %s [OPTION...]%s%s\n%s\n", p->name, c->name, *c->args ? " " : "", c->args,
	       c->summary);
	if (c->details)
		printf("\n%s\n", c->details);
	print_options("Options", c->options);
	print_options("General options", p->globals);
	print_options("Everywhere", common_options);
}

static void print_program_help(const struct tool_program *p, FILE *to)
{
	fprintf(to, "Usage: %s COMMAND [OPTION...] [ARGUMENT...]\n%s\n\nCommands:\n", p->name,
		p->summary);
	for (size_t i = 0; i < p->command_count; i++)
		fprintf(to, "  %-*s%s\n", COLUMN - 4, p->commands[i].name, p->commands[i].summary);
	fprintf(to,
		"\n'%s COMMAND --help' tells more of one. Exit codes: 0 good, 1 failed, 2 wrong "
		"usage,\n3 no reader or card, 4 refused by card or operator, 130 interrupted.\n",
		p->name);
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

static int parse(int argc, char **argv, size_t skip, char **args, int *count)
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

int tool_main(const struct tool_program *p, int argc, char **argv)
{
	char *words[WORDS_MAX], *args[ARGS_MAX + 1] = {NULL};
	size_t n, used;
	int count, r;

	running.program = p;
	for (int i = 1; i < argc; i++) /* so that a usage error is JSON as well */
		running.json = running.json || strcmp(argv[i], "--json") == 0;
	n = command_words(argc, argv, words);
	running.command = find_command(p, words, n, &used);
	r = parse(argc, argv, used, args, &count);
	if (running.version) {
		printf("%s %s\n", p->name, TWINKEY_VERSION);
		return TOOL_OK;
	}
	if (running.help) {
		if (running.command)
			print_command_help(p, running.command);
		else
			print_program_help(p, stdout);
		return TOOL_OK;
	}
	if (!running.command && n == 0 && !r) {
		if (running.json)
			return tool_usage("a command is missing");
		print_program_help(p, stderr);
		return TOOL_USAGE;
	}
	if (!running.command && n)
		return tool_usage("there is no command '%s'", words[0]);
	if (r)
		return r;
	if ((unsigned)count < running.command->args_min)
		return tool_usage("an argument is missing: %s", running.command->args);
	if ((unsigned)count > running.command->args_max)
		return tool_usage("unexpected argument '%s'", args[running.command->args_max]);
	return running.command->run(count, args);
}
