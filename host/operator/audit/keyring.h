/*
 * keyring: the key of a store (host/operator/pki/key_file.h). Columns are sealed under it
 * (AES-256-GCM: nonce, ciphertext, tag); log and rows are authenticated by keys that come from it.
 *
 * A label, public, is the additional data of what is sealed: it names the row and the column, so
 * that a value cannot be moved to another. What cannot be opened is ERR_CORRUPT.
 */
#ifndef TWINKEY_OPERATOR_KEYRING_H
#define TWINKEY_OPERATOR_KEYRING_H

#include <stdbool.h>

#include "lib/base/bytes.h"
#include "lib/crypto/symmetric.h"

struct keyring;
struct secret;

#define KEYRING_SEALED_MORE 28 /* octets that a sealed value has beside its content */

/* Reads the key file, or makes one. ERR_NOT_FOUND; ERR_CORRUPT: it is none. */
enum err keyring_open(const char *path, bool make, struct keyring **out) MUST_CHECK;
void keyring_close(struct keyring **k);
/* From which version on the key file says that the rows are authenticated; 0: it says nothing. */
int keyring_version(const struct keyring *k);
/* Writes that version into the file, unless it is there already. */
enum err keyring_tell(struct keyring *k, int version) MUST_CHECK;

/* Of the links of logs; borrowed. */
struct slice keyring_log_key(const struct keyring *k);
/* Of the heads of logs, and of rows; borrowed. */
struct slice keyring_row_key(const struct keyring *k);

/* Appended to out. */
enum err keyring_seal(struct keyring *k, struct slice label, struct slice plain,
		      struct wbuf *out) MUST_CHECK;
enum err keyring_unseal(struct keyring *k, struct slice label, struct slice sealed,
			struct wbuf *out) MUST_CHECK;
/* Into memory of a secret's; an empty content is ERR_CORRUPT. */
enum err keyring_unseal_secret(struct keyring *k, struct slice label, struct slice sealed,
			       struct secret **out) MUST_CHECK;
/* One block under a key of its own, which nobody else can make or read (AES-256). */
enum err keyring_hide(struct keyring *k, const uint8_t plain[static AES_BLOCK],
		      uint8_t hidden[static AES_BLOCK]) MUST_CHECK;
enum err keyring_show(struct keyring *k, const uint8_t hidden[static AES_BLOCK],
		      uint8_t plain[static AES_BLOCK]) MUST_CHECK;
/* How often something was unsealed. Tests count by it. */
unsigned long keyring_unsealed(const struct keyring *k);

#endif
