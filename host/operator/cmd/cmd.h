/*
 * cmd: what the subcommands of twinkey-operator share.
 *
 * Each host/operator/cmd/X.c exports its rows as cmd_X and cmd_X_count and is listed in CMD_TABLES.
 */
#ifndef TWINKEY_OPERATOR_CMD_H
#define TWINKEY_OPERATOR_CMD_H

#include "host/operator/store/store.h"
#include "tool/cli/program.h"

#define CMD_TABLES(X)                                                                              \
	X(init)                                                                                    \
	X(subscribers)                                                                             \
	X(profile)                                                                                 \
	X(order)                                                                                   \
	X(factor)                                                                                  \
	X(auc)                                                                                     \
	X(crl)                                                                                     \
	X(release)                                                                                 \
	X(policy)                                                                                  \
	X(log)                                                                                     \
	X(serve)

#define CMD_EXTERN(name)                                                                           \
	extern const struct tool_command cmd_##name[];                                             \
	extern const size_t cmd_##name##_count;
CMD_TABLES(CMD_EXTERN)
#undef CMD_EXTERN

/* The subscription manager's address, beside the stores in the operator's folder. */
#define CMD_ADDRESS_FILE "smdp.address"

/* The options that every subcommand understands. */
extern const char *cmd_dir; /* --dir */

/* The operator's folder is there, and its owner's alone; in the manner of cmd_store_open(). */
int cmd_folder_check(void) MUST_CHECK;
/* Opens the operator's folder. On failure it has said why and gives the exit code; TOOL_OK
 * otherwise. */
int cmd_store_open(struct operator_store **out) MUST_CHECK;
/* The subscriber of --imsi (either IMSI), in the same manner. */
int cmd_subscriber(struct operator_store *s, const char *imsi, struct subscriber *out,
		   int *sub) MUST_CHECK;
/* *address, unless it was given: the name that init was told. Lives as long as the program. */
enum err cmd_address(const char **address) MUST_CHECK;
/* The subscription manager's store in the operator's folder, in the same manner. */
struct smdp_store;
int cmd_manager_open(struct smdp_store **out) MUST_CHECK;
/* Seconds since 1970. */
int64_t cmd_now(void);
/* The same as 2026-01-31T12:00:00Z, in text; "" for what is no time. Gives text. */
#define CMD_TIME_CAP 40
const char *cmd_time_text(int64_t at, char text[static CMD_TIME_CAP]);
/* Warns of lists of revoked certificates that are not good or have run out. */
enum err cmd_crl_warn(void) MUST_CHECK;

#endif
