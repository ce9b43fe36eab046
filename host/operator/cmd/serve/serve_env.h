/*
 * serve_env: what others need to reach the server that runs, as variables: in a file, in JSON.
 *
 *   TWINKEY_SMDP_ADDRESS  what an activation code has for the manager: NAME, with :PORT where that
 * is not 443 TWINKEY_SMDP_PORT     the port of HTTPS TWINKEY_SMDP_CONNECT  where it listens by
 * HTTPS, HOST:PORT in numbers, for whom the name leads elsewhere TWINKEY_CA            a file (PEM)
 * with the CI that issued the TLS certificate, if that is the operator's own TWINKEY_OPERATOR where
 * the lab interface is, for twinkey --operator
 */
#ifndef TWINKEY_OPERATOR_CMD_SERVE_ENV_H
#define TWINKEY_OPERATOR_CMD_SERVE_ENV_H

#include <stdbool.h>

#include "tool/cli/environment.h"

/* Where the server is, or is not (NULL). The system has chosen the ports that were 0. */
struct serve_places {
	const char *socket, *plain, *listen; /* the last two HOST:PORT */
	const char *address;		     /* of the manager, for activation codes */
	bool own_certificate;		     /* TLS is that of the operator's PKI */
};

/* Adds the variables; writes the CI's certificate into the operator's folder. TOOL_OK, or it has
 * said what failed. */
int serve_env_fill(struct environment *env, const struct serve_places *at);
/*
 * The file (NULL: none) that has them while the server serves: asked for before; what an earlier
 * server has left there goes. TOOL_OK, or it has said what is wrong.
 */
int serve_env_prepare(const char *file);
/* Whole, at once. */
int serve_env_write(const char *file, const struct environment *env);
/* Takes the file away, if it still is what was written. */
void serve_env_remove(const char *file, const struct environment *env);

#endif
