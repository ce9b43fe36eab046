/*
 * folder: the operator's folder that --dir names, and the stores in it.
 */
#ifndef TWINKEY_OPERATOR_CMD_FOLDER_H
#define TWINKEY_OPERATOR_CMD_FOLDER_H

#include "lib/base/err.h"
#include "tool/cli/command.h"

struct operator_store;
struct smdp_store;
struct subscriber;

/* The subscription manager's address, beside the stores in the operator's folder. */
#define CMD_ADDRESS_FILE "smdp.address"

/* What names a database of a server, for who gave something else. */
#define CMD_DATABASE_FORM                                                                          \
	"postgres: and what libpq takes as a connection (a URI or keywords), #NAME behind it of "  \
	"small letters, digits and '_'"

extern const char *cmd_dir; /* --dir */
/* The options that every subcommand understands, for the table of the program. */
extern const struct tool_option cmd_global_options[];

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
int cmd_manager_open(struct smdp_store **out) MUST_CHECK;

#endif
