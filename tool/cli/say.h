/*
 * say: how a program speaks: its answer on standard output, as text or as one JSON object; what
 * failed and what goes on, on standard error. A failure's exit code: enum tool_exit.
 */
#ifndef TWINKEY_TOOL_SAY_H
#define TWINKEY_TOOL_SAY_H

#include <jansson.h>

#include "lib/base/err.h"
#include "tool/cli/command.h"

/* The token of the program that runs, for its subcommands to hand down. */
struct cancel *tool_cancel(void);
/* --json was given (set by tool_main). */
bool tool_json(void);
/* Some of what was printed did not reach standard output (full disk, closed pipe). */
bool tool_output_lost(void);
/* Prints a JSON value on one line of standard output and frees it. */
void tool_print_json(json_t *value);
/*
 * Lines of standard output for people; silent under --json. What is said passes text_clean(), here
 * and in the four below (in these text_clean_line()); texts from outside in it text_line() first.
 */
void tool_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The heads of a list's columns: on a terminal alone, so that programs read lines of one kind. */
void tool_say_heads(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * Says on standard error what failed: "twinkey: WHAT: SENTENCE (HINT)"; under --json an object
 * {"error": {"code", "message", "hint"}} on standard output. Gives the exit code that fits e.
 */
int tool_fail(enum err e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same where fmt says all of it: "twinkey: WHAT". */
int tool_fail_said(enum err e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A usage error in the arguments of the running subcommand: TOOL_USAGE. */
int tool_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * Whether the command's output can go to path, which may be NULL; asked before anything is done.
 * A file that is there may be replaced only with anew. TOOL_OK, or it has said why not.
 */
int tool_may_write(const char *path, bool anew);
/* The same of what this option names, in a command that has --force. */
int tool_may_replace(const char *option, const char *path, bool force);
/* " (mode 0600)" of the file that was written, "" where path is none. The next call's overwrites
 * it. */
const char *tool_mode_of(const char *path);
/* A line of standard error beside the result: "twinkey: TEXT". Also under --json. */
void tool_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Warnings go there instead, without the program's name; NULL: to standard error again. */
void tool_warn_to(void (*hear)(void *ctx, const char *text), void *ctx);
/* Progress on standard error ("[3/7] text"); silent under --json. */
void tool_progress(unsigned step, unsigned steps, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
