/*
 * listeners: the sockets that `twinkey-operator serve` serves on: those of its options, and those
 * that the system's manager has passed under the names of their roles. A passed one stands in the
 * place of the option of its role; a role may have more than one of them.
 *
 * Functions that give an int have said what is wrong, and give the exit code; TOOL_OK otherwise.
 */
#ifndef TWINKEY_OPERATOR_SERVE_LISTENERS_H
#define TWINKEY_OPERATOR_SERVE_LISTENERS_H

#include "host/operator/cmd/serve/options.h"
#include "host/operator/http/server.h"
#include "host/operator/service/passed.h"
#include "tool/sys/local.h"

struct listeners {
	struct passed passed;
	unsigned passed_roles; /* a bit each */
	struct local_socket own;
	bool has_own; /* the socket at a path that this process has made */
	struct {
		enum serve_role role;
		char place[PASSED_PLACE_CAP]; /* path, or address and port as it was chosen */
	} rows[HTTP_LISTENERS_MAX];
	size_t count;
};

/* What was passed; to be asked first. */
int listeners_take(struct listeners *l) MUST_CHECK;
/* Opens the others, and fills setup's listeners. On failure all are closed. */
int listeners_open(struct listeners *l, const struct http_tls *tls,
		   struct http_setup *setup) MUST_CHECK;
/* The first place of the role; NULL: there is none. */
const char *listeners_at(const struct listeners *l, enum serve_role role);
/* The role is asked for, by an option or a socket. */
bool listeners_want(const struct listeners *l, enum serve_role role);
/* The path of its own socket goes; to be called while it is open. */
void listeners_remove(struct listeners *l);

#endif
