/*
 * symmetric: AES and hashes by OpenSSL EVP.
 *
 * Keys are slices (of a struct secret, or of memory that the caller wipes) of 16, 24 or 32 octets.
 * Outputs are written only on success. ERR_KEY: wrong key length; ERR_LENGTH: wrong data length;
 * ERR_MAC: authentication failed; ERR_CRYPTO: OpenSSL failed.
 */
#ifndef TWINKEY_CRYPTO_SYMMETRIC_H
#define TWINKEY_CRYPTO_SYMMETRIC_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct secret;
struct slice;
struct wbuf;

#define AES_BLOCK     16
#define GCM_NONCE_LEN 12
#define GCM_TAG_LEN   16
#define SHA256_LEN    32

/* AES-CBC without padding; in.len is a multiple of 16; out may be in.ptr. A context serves one
 * thread. */
struct cbc;
enum err cbc_new(struct slice key, struct cbc **out) MUST_CHECK;
void cbc_free(struct cbc **c);
enum err cbc_encrypt(struct cbc *c, const uint8_t iv[static AES_BLOCK], struct slice in,
		     uint8_t *out) MUST_CHECK;
enum err cbc_decrypt(struct cbc *c, const uint8_t iv[static AES_BLOCK], struct slice in,
		     uint8_t *out) MUST_CHECK;
/* AES-CMAC (NIST SP 800-38B) over the parts, one after the other. */
struct cmac;
enum err cmac_new(struct slice key, struct cmac **out) MUST_CHECK;
void cmac_free(struct cmac **m);
enum err cmac_sum(struct cmac *m, const struct slice *parts, size_t n,
		  uint8_t mac[static AES_BLOCK]) MUST_CHECK;

/* HMAC-SHA-256 with a key that is kept: for who sums often. A context serves one thread. */
struct hmac;
struct hmac *hmac_new(struct slice key) MUST_CHECK;
void hmac_free(struct hmac **m);
enum err hmac_sum(struct hmac *m, const struct slice *parts, size_t n,
		  uint8_t mac[static SHA256_LEN]) MUST_CHECK;

/* AES-GCM (NIST SP 800-38D): appends ciphertext and 16-octet tag to out. */
enum err aes_gcm_seal(struct slice key, const uint8_t nonce[static GCM_NONCE_LEN], struct slice aad,
		      struct slice plain, struct wbuf *out) MUST_CHECK;
/* Appends the plaintext to out; ERR_MAC leaves out as it was. */
enum err aes_gcm_open(struct slice key, const uint8_t nonce[static GCM_NONCE_LEN], struct slice aad,
		      struct slice sealed, struct wbuf *out) MUST_CHECK;

/*
 * The same with a key schedule that is kept: for callers that seal or open often (the card's
 * journal). One context serves one thread.
 */
struct gcm;
struct gcm *gcm_new(struct slice key) MUST_CHECK;
void gcm_free(struct gcm **g);
enum err gcm_seal(struct gcm *g, const uint8_t nonce[static GCM_NONCE_LEN], struct slice aad,
		  struct slice plain, struct wbuf *out) MUST_CHECK;
enum err gcm_open(struct gcm *g, const uint8_t nonce[static GCM_NONCE_LEN], struct slice aad,
		  struct slice sealed, struct wbuf *out) MUST_CHECK;

/* AES key wrap with padding (RFC 5649); key 32 octets. plain 1..4096 octets. */
enum err aes_key_wrap(struct slice key, struct slice plain, struct wbuf *out) MUST_CHECK;
/* ERR_MAC when the integrity check fails; out is then as it was. */
enum err aes_key_unwrap(struct slice key, struct slice wrapped, struct wbuf *out) MUST_CHECK;

enum err sha256(const struct slice *parts, size_t n, uint8_t digest[static SHA256_LEN]) MUST_CHECK;
enum err hmac_sha256(struct slice key, const struct slice *parts, size_t n,
		     uint8_t mac[static SHA256_LEN]) MUST_CHECK;
/* ANSI X9.63 key derivation with SHA-256 (SEC 1, 3.6.1). */
enum err x963_kdf_sha256(struct slice shared_secret, struct slice shared_info, uint8_t *out,
			 size_t out_len) MUST_CHECK;

/* Octets from OpenSSL's generator; random_secret for keys (private generator). */
enum err random_bytes(uint8_t *out, size_t n) MUST_CHECK;
struct secret *random_secret(size_t n) MUST_CHECK;

#endif
