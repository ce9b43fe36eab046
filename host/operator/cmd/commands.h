/*
 * commands: the subcommands of twinkey-operator. Each X.c of CMD_TABLES has the
 * rows cmd_X and their number cmd_X_count; main.c joins them. What they share is in
 * host/operator/cmd/shared.
 */
#ifndef TWINKEY_OPERATOR_CMD_COMMANDS_H
#define TWINKEY_OPERATOR_CMD_COMMANDS_H

#include "tool/cli/command.h"

/* Two of them take what a release wants. */
#define CMD_WANTS_USAGE                                                                            \
	"--factors wants one-of: or all-of:, and any or kinds parted by commas: totp, sent, "      \
	"agent, identity, provider, passkey"

#define CMD_TABLES(X)                                                                              \
	X(init)                                                                                    \
	X(key)                                                                                     \
	X(migrate)                                                                                 \
	X(subscriber_add)                                                                          \
	X(move_in)                                                                                 \
	X(move_out)                                                                                \
	X(subscribers)                                                                             \
	X(rotation)                                                                                \
	X(profile)                                                                                 \
	X(import)                                                                                  \
	X(order)                                                                                   \
	X(factor)                                                                                  \
	X(auc)                                                                                     \
	X(av)                                                                                      \
	X(crl)                                                                                     \
	X(release)                                                                                 \
	X(policy)                                                                                  \
	X(backup)                                                                                  \
	X(log)                                                                                     \
	X(tidy)                                                                                    \
	X(portal)                                                                                  \
	X(desk)                                                                                    \
	X(serve)                                                                                   \
	X(gateway)

#define CMD_EXTERN(name)                                                                           \
	extern const struct tool_command cmd_##name[];                                             \
	extern const size_t cmd_##name##_count;
CMD_TABLES(CMD_EXTERN)
#undef CMD_EXTERN

#endif
