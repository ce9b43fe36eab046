/*
 * release_key: the key that grants are signed with (P-256), files of the operator's folder:
 * release.key (PKCS#8 PEM, 0600) and release.pub (SubjectPublicKeyInfo, DER).
 */
#ifndef TWINKEY_OPERATOR_RELEASE_KEY_H
#define TWINKEY_OPERATOR_RELEASE_KEY_H

#include "lib/base/err.h"

struct ec_key;

/* Made once, then loaded. */
enum err release_key_create(const char *dir) MUST_CHECK;
enum err release_key_load(const char *dir, struct ec_key **out) MUST_CHECK;

#endif
