/*
 * commands: the subcommands of twinkey. Each X of CMD_TABLES has the rows cmd_X and their number
 * cmd_X_count, in host/cmd/X.c (trace_X: host/cmd/trace/X.c); main.c joins them. What they share is
 * in host/cmd/shared.
 */
#ifndef TWINKEY_HOST_CMD_COMMANDS_H
#define TWINKEY_HOST_CMD_COMMANDS_H

#include "tool/cli/command.h"

#define CMD_TABLES(X)                                                                              \
	X(readers)                                                                                 \
	X(card)                                                                                    \
	X(apdu)                                                                                    \
	X(trace_audit)                                                                             \
	X(trace_diff)                                                                              \
	X(trace_record)                                                                            \
	X(trace_show)                                                                              \
	X(trace_verify)                                                                            \
	X(trace_redact)                                                                            \
	X(trace_secrets)                                                                           \
	X(relay)                                                                                   \
	X(auth)                                                                                    \
	X(profile)                                                                                 \
	X(package)                                                                                 \
	X(download)                                                                                \
	X(notification)                                                                            \
	X(doctor)                                                                                  \
	X(chip)                                                                                    \
	X(release)                                                                                 \
	X(run)                                                                                     \
	X(test_card)

#define CMD_EXTERN(name)                                                                           \
	extern const struct tool_command cmd_##name[];                                             \
	extern const size_t cmd_##name##_count;
CMD_TABLES(CMD_EXTERN)
#undef CMD_EXTERN

#endif
