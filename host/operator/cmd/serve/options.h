/*
 * options: what `twinkey-operator serve` is told, by its command line and by the file of --config:
 * one table for both.
 *
 * Functions that give an int have said what is wrong, and give the exit code; TOOL_OK otherwise.
 */
#ifndef TWINKEY_OPERATOR_SERVE_OPTIONS_H
#define TWINKEY_OPERATOR_SERVE_OPTIONS_H

#include <stdbool.h>

#include "host/operator/cmd/shared/serve_tls.h"
#include "host/operator/service/log.h"
#include "lib/base/bytes.h"
#include "tool/cli/command.h"
#include "tool/cli/option_file.h"

/* Where it listens; each may be an option, or a socket passed under this name. */
enum serve_role {
	SERVE_SOCKET,
	SERVE_PLAIN,
	SERVE_LISTEN,
	SERVE_RELEASE,
	SERVE_METRICS,
	SERVE_ROLES
};
/* As LISTEN_FDNAMES has it; NULL: there is none so. */
const char *serve_role_name(enum serve_role role);

struct serve_options {
	const char *config;
	bool check;
	const char *at[SERVE_ROLES]; /* NULL: not there */
	struct serve_tls_files tls;
	const char *es2_token, *deleted;
	const char *address, *env;
	const char *log_to, *log_format, *log_level;
	unsigned stop_after; /* seconds */
	bool keep_rejected, log;
};
extern struct serve_options serve_options;
extern const struct tool_option serve_option_table[];

#define SERVE_TOKEN_MIN 16
#define SERVE_TOKEN_MAX 256

/* Where faults of options go: said in words without full stop. */
struct serve_faults {
	/* option: its name; NULL: of none, or of more than one */
	void (*tell)(struct serve_faults *f, const char *option, const char *what);
	unsigned count;
};
void serve_fault(struct serve_faults *f, const char *option, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The sentence for e, or the words that were set for it. */
const char *serve_why(enum err e);

/*
 * Takes the file of --config in, if there is one: what the command line says stays. Each fault of
 * it is said with file and line.
 */
int serve_options_read(void) MUST_CHECK;
/* What is wrong with options beside one another. passed: sockets of these roles were passed. */
void serve_options_judge(struct serve_faults *f, unsigned passed);
/* Of --log-to and what belongs to it. False: there is none, or its options are wrong. */
bool serve_log_place(struct service_log_place *place);
/* Reads the token of --es2-token into token; nothing where there is none. */
enum err serve_token_read(struct wbuf *token, struct serve_faults *f) MUST_CHECK;
/* --check-config: what look() finds wrong beside what was read is said; the exit code. */
int serve_options_check(void (*look)(struct serve_faults *f, unsigned passed), unsigned passed);
/* HOST:PORT with a port up to 65535. */
bool serve_port_good(const char *address);

#endif
