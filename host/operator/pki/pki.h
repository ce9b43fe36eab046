/*
 * pki: the operator's PKI (tool/pki/pki.h) and its release key, files of the operator's folder:
 * pki/, release.key (PKCS#8 PEM, 0600) and release.pub (SubjectPublicKeyInfo, DER).
 */
#ifndef TWINKEY_OPERATOR_PKI_H
#define TWINKEY_OPERATOR_PKI_H

#include "tool/pki/pki.h"

/* The release key (P-256): made once, then loaded. */
enum err release_key_create(const char *dir) MUST_CHECK;
enum err release_key_load(const char *dir, struct ec_key **out) MUST_CHECK;

#endif
