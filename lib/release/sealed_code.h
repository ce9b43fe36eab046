/*
 * sealed_code: the activation code of a second profile, sealed under S: the two-profile mode, for
 * eUICCs that have no key-release application (docs/protocol.md section 4).
 *
 * The operator makes it and the operator opens it; everybody else only carries it.
 */
#ifndef TWINKEY_RELEASE_SEALED_CODE_H
#define TWINKEY_RELEASE_SEALED_CODE_H

#include "lib/release/second_code.h"

struct secret;

/* Seals the activation code under S (32 octets); of c only key_id and the ICCIDs are read. */
enum err sealed_code_seal(const struct second_code *c, struct slice s, struct slice code,
			  struct wbuf *out) MUST_CHECK;
/* The activation code, without a NUL. ERR_MAC: a wrong S, or something was changed. */
enum err sealed_code_open(const struct second_code *c, struct slice s,
			  struct secret **code) MUST_CHECK;

#endif
