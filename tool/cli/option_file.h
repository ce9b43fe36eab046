/*
 * option_file: a file of values for a command's options, so that a service needs no long command
 * line.
 *
 * A line is NAME = VALUE, where NAME is an option's long name; blanks around both are no part of
 * them, and all that follows the sign is the value, as it stands. A flag's value is yes or no. An
 * empty line, and one whose first character but blanks is #, says nothing. A name stands once, but
 * for an option that may be repeated. What was given on the command line stays as it is.
 *
 * The text is UTF-8 or any other octets, without control characters but tabs; a line has
 * OPTION_FILE_LINE_MAX octets at most, the file OPTION_FILE_MAX.
 */
#ifndef TWINKEY_TOOL_OPTION_FILE_H
#define TWINKEY_TOOL_OPTION_FILE_H

#include "lib/base/bytes.h"
#include "tool/cli/command.h"

#define OPTION_FILE_MAX	     65536
#define OPTION_FILE_LINE_MAX 4096
#define OPTION_FILE_ROWS_MAX 128
#define OPTION_FILE_SAID_MAX 512 /* octets of what is said of a fault, with the NUL */

/* What may stand in the file, and where what is wrong goes. */
struct option_file_rules {
	const struct tool_option *tables[2]; /* each ended by OPT_END; NULL: none */
	const char *const *never; /* names that belong to the command line alone; ends with NULL */
	/* what: a sentence without full stop; may have texts of the file in it */
	void (*fault)(void *ctx, unsigned line, const char *what);
	void *ctx;
};

struct option_file_row {
	const struct tool_option *option;
	const char *value; /* in the text */
	unsigned line;	   /* the first is 1 */
};

/* Begins as {0}. The values that options are given point into it: it lives as long as they do. */
struct option_file {
	char *text;
	struct option_file_row rows[OPTION_FILE_ROWS_MAX];
	size_t count;
};

/*
 * Reads the text; every fault is told. ERR_VALUE: there was one; ERR_MEMORY. No option is changed.
 */
enum err option_file_read(struct slice text, const struct option_file_rules *rules,
			  struct option_file *out) MUST_CHECK;
/* Gives the options what was read, but for those that given() says were on the command line. */
void option_file_apply(const struct option_file *s, bool (*given)(const struct tool_option *o));
/* The line that set this option; 0: none did. */
unsigned option_file_line(const struct option_file *s, const char *name);
void option_file_free(struct option_file *s);

#endif
