#include "tool/cli/say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/cli/text.h"
#include "tool/cli/voice.h"
#include "tool/sys/cancel.h"
#include "tool/sys/file.h"
#include "tool/sys/trouble.h"

#define MESSAGE_MAX 1024

struct voice voice = {.program = "twinkey"};

struct cancel *tool_cancel(void)
{
	return voice.cancel;
}

bool tool_json(void)
{
	return voice.json;
}

static void note_lost(bool failed)
{
	if (!failed || voice.output_errno)
		return;
	voice.output_errno = errno ? errno : EIO;
	if (voice.output_errno == EPIPE) /* what is still to do is not wanted any more */
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
	if (ferror(stdout) && !voice.output_errno)
		voice.output_errno = EIO; /* of some time ago */
	return voice.output_errno != 0;
}

void tool_print_json(json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_PRESERVE_ORDER);

	if (!text && !voice.output_errno)
		voice.output_errno = ENOMEM; /* there is no such answer */
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

	if (voice.json)
		return;
	va_start(ap, fmt);
	print_line(fmt, ap);
	va_end(ap);
}

void tool_say_heads(const char *fmt, ...)
{
	va_list ap;

	if (voice.json || !isatty(STDOUT_FILENO))
		return;
	va_start(ap, fmt);
	print_line(fmt, ap);
	va_end(ap);
}

static int exit_code(enum err e)
{
	switch (e) {
	case ERR_OK: return TOOL_OK;
	case ERR_USAGE: return TOOL_USAGE;
	case ERR_NO_SERVICE:
	case ERR_SERVICE_DEAD:
	case ERR_NO_READER:
	case ERR_AMBIGUOUS:
	case ERR_NO_SUCH_CARD:
	case ERR_POLKIT:
	case ERR_MUTE:
	case ERR_ATR:
	case ERR_NFC_ABSENT:
	case ERR_NFC_MUTE:
	case ERR_NFC_LOST:
	case ERR_NFC_CRASH:
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

bool voice_is_unheard(void)
{
	return voice.output_errno == EPIPE || cancel_is_unheard(tool_cancel());
}

/* text and hint: what people are told behind it. */
static int say_failure(enum err e, const char *what, const char *text, const char *hint)
{
	const char *colon = *what && *text ? ": " : "";

	flush_output();
	if (e == ERR_CANCELLED && voice_is_unheard())
		return TOOL_FAILED;
	if (voice.json)
		tool_print_json(json_pack("{s:{s:s, s:s++, s:s}}", "error", "code", err_name(e),
					  "message", what, colon, text, "hint", err_hint(e)));
	else
		fprintf(stderr, "%s: %s%s%s%s%s%s\n", voice.program, what, colon, text,
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
		snprintf(late, sizeof(late), "not done within %u s (--timeout)", voice.timeout_s);
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
	if (voice.json)
		tool_print_json(json_pack("{s:{s:s, s:s, s:s}}", "error", "code",
					  err_name(ERR_USAGE), "message", what, "hint",
					  err_hint(ERR_USAGE)));
	else
		fprintf(stderr, "%s: %s\nTry '%s%s%s --help'.\n", voice.program, what,
			voice.program, voice.command ? " " : "",
			voice.command ? voice.command : "");
	return TOOL_USAGE;
}

int tool_may_write(const char *path, bool anew)
{
	enum err e = path ? file_may_write(path, anew) : ERR_OK;

	if (e == ERR_EXISTS)
		return tool_fail_said(e, "%s: a file is there already: choose another name", path);
	return e ? tool_fail(e, "%s", path) : TOOL_OK;
}

int tool_may_replace(const char *option, const char *path, bool force)
{
	enum err e = path ? file_may_write(path, force) : ERR_OK;

	if (e == ERR_EXISTS)
		return tool_fail_said(e,
				      "%s %s: a file is there already: choose another name, or "
				      "replace it with --force",
				      option, path);
	return e ? tool_fail(e, "%s %s", option, path) : TOOL_OK;
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

static struct {
	void (*hear)(void *ctx, const char *text);
	void *ctx;
} warnings;

void tool_warn_to(void (*hear)(void *ctx, const char *text), void *ctx)
{
	warnings.hear = hear;
	warnings.ctx = ctx;
}

void tool_warn(const char *fmt, ...)
{
	char what[MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	make_words(what, fmt, ap);
	va_end(ap);
	flush_output();
	if (warnings.hear)
		warnings.hear(warnings.ctx, what);
	else
		fprintf(stderr, "%s: %s\n", voice.program, what);
}

void tool_progress(unsigned step, unsigned steps, const char *fmt, ...)
{
	char what[MESSAGE_MAX];
	va_list ap;

	if (voice.json)
		return;
	va_start(ap, fmt);
	make_words(what, fmt, ap);
	va_end(ap);
	flush_output();
	fprintf(stderr, "[%u/%u] %s\n", step, steps, what);
}
