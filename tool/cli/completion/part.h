/*
 * part: what the three shells' scripts are made of: the words that may follow others on a command
 * line, what a value is by its name in the tables, and texts in quotes. For tool/cli/completion
 * alone.
 */
#ifndef TWINKEY_TOOL_COMPLETION_PART_H
#define TWINKEY_TOOL_COMPLETION_PART_H

#include <stdio.h>

#include "tool/cli/command.h"

#define PART_NAME_MAX  64  /* octets of a program's name, with the NUL */
#define PART_ABOUT_MAX 256 /* octets of a description, with the NUL */

/* A program whose script is written. */
struct part_script {
	FILE *to;
	const struct tool_program *program;
	const struct tool_option *common;
	char function[PART_NAME_MAX]; /* what the shell calls: "_twinkey-card" */
};

/* What stands behind one command line or another: "", a group ("profile"), or a command. */
struct part_place {
	const char *path; /* its words are the first len octets of path */
	size_t len;
	const struct tool_command *command; /* NULL: more words must come; no command is a group */
};
/* Calls each for the places of a program, the empty one first, each once. */
void part_each_place(const struct part_script *s,
		     void (*each)(const struct part_script *s, const struct part_place *at));
/* Calls each for the words that may follow a place; about: its summary, or the words that follow
 * it. */
void part_each_next(const struct part_script *s, const struct part_place *at,
		    void (*each)(const struct part_script *s, const struct part_place *at,
				 const char *word, const char *about));

enum part_kind {
	PART_FLAG,    /* no value */
	PART_OTHER,   /* one that nobody can guess */
	PART_FILE,    /* FILE, PATH, SOCKET */
	PART_FOLDER,  /* DIR, FOLDER */
	PART_WORDS,   /* one of some words: 3g|gsm */
	PART_COMMAND, /* COMMAND, and what it takes */
};
/* By the value's name; NULL: a flag. */
enum part_kind part_kind(const char *arg);
/* The name of a command's first argument, in out; NULL: it takes none. */
const char *part_first_argument(const struct tool_command *c, char out[static PART_NAME_MAX]);

/* Writes text, with back in front of each of its octets that is in these. */
void part_put_escaped(FILE *to, const char *text, const char *these, const char *back);
/* The words of PART_WORDS, parted by one blank. */
void part_put_words(FILE *to, const char *arg);
/* Writes a piece of script, with the program's function for each @ that begins or is a word. */
void part_put_script(const struct part_script *s, const char *script);

#endif
