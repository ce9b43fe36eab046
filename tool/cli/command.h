/*
 * command: the tables that a program is made of: its subcommands, and the options of each.
 */
#ifndef TWINKEY_TOOL_COMMAND_H
#define TWINKEY_TOOL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum tool_exit {
	TOOL_OK = 0,
	TOOL_FAILED = 1,     /* it was tried and failed */
	TOOL_USAGE = 2,	     /* wrong options or arguments */
	TOOL_NO_CARD = 3,    /* no service, reader or card */
	TOOL_REFUSED = 4,    /* card or operator refused (authentication, state, PIN ...) */
	TOOL_CANCELLED = 130 /* Ctrl-C */
};

enum tool_kind { OPT_FLAG, OPT_STRING, OPT_UINT, OPT_LIST };

struct tool_option {
	const char *name; /* "reader", given as --reader X or --reader=X */
	char letter;	  /* 0 or a one-letter form */
	enum tool_kind kind;
	const char *arg; /* name of the value in the usage, NULL for flags */
	const char *help;
	void *value; /* bool *, const char **, unsigned *, struct tool_list * */
};
/* The end of a table of options. */
#define OPT_END                                                                                    \
	{                                                                                          \
		NULL, 0, OPT_FLAG, NULL, NULL, NULL                                                \
	}
/* OPT_LIST: an option that may be repeated. */
struct tool_list {
	const char *items[32];
	size_t count;
};

struct tool_command {
	const char *name; /* "profile list": words parted by one blank */
	const char *
		args; /* positional arguments for the usage, "" if none, e.g. "ICCID" or "[FILE]" */
	unsigned args_min, args_max;
	const char *summary;		   /* one line */
	const char *details;		   /* paragraphs for --help, or NULL */
	const struct tool_option *options; /* ended by an entry with name NULL; may be NULL */
	int (*run)(int argc, char **argv); /* the positional arguments; gives an exit code */
};

/* The rows of one source file. */
struct tool_table {
	const struct tool_command *rows;
	size_t count;
};
/* Puts the rows of n tables into out, one after the other; gives how many. cap: it has the room. */
size_t command_join(const struct tool_table *tables, size_t n, struct tool_command *out,
		    size_t cap);

struct cancel;

struct tool_program {
	const char *name, *summary;
	const struct tool_command *commands;
	size_t command_count;
	const struct tool_option *globals; /* understood before and after the subcommand */
	struct cancel *cancel; /* what ends its work and tells its waits; NULL: nothing */
	/* Looks at the globals before any subcommand runs; gives an exit code. May be NULL. */
	int (*check)(void);
};

#endif
