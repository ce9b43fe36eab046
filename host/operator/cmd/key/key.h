/*
 * key: what commands share about the key that seals the stores' keys.
 */
#ifndef TWINKEY_OPERATOR_CMD_KEY_H
#define TWINKEY_OPERATOR_CMD_KEY_H

#include "host/operator/keysource/source.h"

#define CMD_KEY_HELP                                                                               \
	"Where the key that seals comes from: file:PATH, env:NAME, credential:NAME or pkcs11:..."

/* PINs of tokens are asked for on the terminal. */
void cmd_key_begin(void);
/* The source that was given by this option. TOOL_OK, or it has said what is wrong with it. */
int cmd_key_source(const char *option, const char *text, struct key_source *out) MUST_CHECK;

#endif
