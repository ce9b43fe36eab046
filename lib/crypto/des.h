/*
 * des: triple DES, which old security domains and over-the-air packets still have (GlobalPlatform
 * E, TS 102 225). For reading what was recorded: nothing of ours is protected by it.
 */
#ifndef TWINKEY_CRYPTO_DES_H
#define TWINKEY_CRYPTO_DES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct slice;

#define DES_BLOCK    8
#define DES_TWO_KEYS 16
#define DES_KEYS_MAX 24

/* What a run over some blocks is done with. */
struct des_run {
	const struct slice *key; /* 8 octets (DES), 16 (two keys), 24 (three keys) */
	uint8_t iv[DES_BLOCK];
	bool encrypt;
};
/* CBC without padding; in.len is a multiple of 8; out may be in.ptr. ERR_KEY, ERR_LENGTH,
 * ERR_CRYPTO. */
enum err des_cbc(const struct des_run *run, struct slice in, uint8_t *out) MUST_CHECK;

#endif
