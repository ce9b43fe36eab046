#include "tool/cli/program.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/bytes.h"
#include "tool/cli/completion/completion.h"
#include "tool/cli/help.h"
#include "tool/cli/voice.h"
#include "tool/sys/cancel.h"
#include "tool/sys/command.h"
#include "tool/sys/errno.h"

#define OUTPUT_BUFFER (64u * 1024)
#define WORDS_MAX     3 /* words in the name of a subcommand */
#define MESSAGE_MAX   1024
#define TIMEOUT_MAX   86400 /* seconds */
#define GIVEN_MAX     64

static struct {
	const struct tool_program *program;
	const struct tool_command *command;
	bool help, version;
	const char *timeout, *completion;
	const void *given[GIVEN_MAX]; /* the values of options on the command line */
	size_t given_count;
} running;

static const struct tool_option common_options[] = {
	{"json", 0, OPT_FLAG, NULL, "Print one JSON object instead of text", &voice.json},
	{"timeout", 0, OPT_STRING, "SECONDS", "Give up after so long, as Ctrl-C does",
	 &running.timeout},
	{"help", 'h', OPT_FLAG, NULL, "Show this help", &running.help},
	{"version", 0, OPT_FLAG, NULL, "Show the version", &running.version},
	{"completion", 0, OPT_STRING, COMPLETION_SHELLS,
	 "Print what makes this shell complete command lines", &running.completion},
	OPT_END,
};

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

bool tool_was_given(const struct tool_option *o)
{
	for (size_t i = 0; i < running.given_count; i++)
		if (running.given[i] == o->value)
			return true;
	return false;
}

static int take_value(const struct tool_option *o, const char *value)
{
	struct tool_list *list = o->value;
	char *end;
	unsigned long v;

	if (running.given_count < GIVEN_MAX && !tool_was_given(o))
		running.given[running.given_count++] = o->value;
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

	if (n == 0 && voice.json)
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
	if (voice.json)
		tool_print_json(
			json_pack("{s:s, s:s}", "program", p->name, "version", TWINKEY_VERSION));
	else
		printf("%s %s\n", p->name, TWINKEY_VERSION);
}

static int print_completion(const struct tool_program *p)
{
	FILE *to = stdout;
	char *text = NULL;
	size_t len;

	if (voice.json)
		to = open_memstream(&text, &len);
	if (!to)
		return tool_fail(ERR_MEMORY, "--completion");
	if (!completion_write(p, common_options, running.completion, to))
		return tool_usage("--completion takes " COMPLETION_SHELLS ", not '%s'",
				  running.completion);
	if (voice.json) {
		fclose(to);
		tool_print_json(json_pack("{s:s, s:s, s:s}", "program", p->name, "shell",
					  running.completion, "script", text));
		free(text);
	}
	return TOOL_OK;
}

/* Of the command, of the commands that begin with a word, or of all. */
static void print_help(const struct tool_program *p, const char *group)
{
	if (voice.json)
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

	if (voice.json || strncmp(before, what, sizeof(before) - 1) == 0)
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
	voice.timeout_s = (unsigned)s;
	cancel_after(voice.timeout_s);
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
	if (voice_is_unheard())
		return code ? code : TOOL_FAILED;
	if (!cancel_has_timed_out(c))
		return TOOL_CANCELLED;
	return code ? code : tool_fail(ERR_CANCELLED, "%s", running.command->name);
}

/* args has room for all of argv, and ends with NULL. */
static int run_with(const struct tool_program *p, int argc, char **argv, char **args)
{
	char *words[WORDS_MAX];
	size_t n, used;
	int count, r;

	/* so that a usage error is JSON as well; what stands behind -- is not ours */
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		voice.json = voice.json || strcmp(argv[i], "--json") == 0;
	n = command_words(argc, argv, words);
	running.command = find_command(p, words, n, &used);
	voice.command = running.command ? running.command->name : NULL;
	r = parse_arguments(argc, argv, used, args, &count);
	if (running.version) {
		print_version(p);
		return TOOL_OK;
	}
	if (running.completion)
		return print_completion(p);
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

static int run_program(const struct tool_program *p, int argc, char **argv)
{
	char **args = calloc((size_t)argc + 1, sizeof(*args));
	int code = args ? run_with(p, argc, argv, args) : tool_fail(ERR_MEMORY, "%s", p->name);

	free(args);
	return code;
}

/* A help is written at once: a disk that is full is told with its cause, and who reads its first
 * lines alone breaks nothing off. */
static void buffer_output(void)
{
	static char buffer[OUTPUT_BUFFER];

	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
}

int tool_main(const struct tool_program *p, int argc, char **argv)
{
	int code;

	buffer_output();
	memset(&running, 0, sizeof(running));
	running.program = p;
	voice = (struct voice){.program = p->name, .cancel = p->cancel};
	cancel_set_teller(p->cancel, tell_wait);
	code = run_program(p, argc, argv);
	if (tool_output_lost()) {
		if (!voice_is_unheard())
			fprintf(stderr, "%s: standard output: %s\n", p->name,
				err_text(errno_err(voice.output_errno)));
		code = code ? code : TOOL_FAILED;
	}
	command_die_alike();
	return code;
}
