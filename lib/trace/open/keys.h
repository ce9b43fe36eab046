/*
 * keys: the keys that an auditor has, from a text.
 *
 * A line is a kind, what the key is of, and the key; all in hex, parted by blanks. What stands
 *behind # is a comment. Kinds (docs/trace.md, "Keys file"):
 *	scp02 KVN ENC MAC [DEK]		two keys of DES each; KVN: the key version, or *
 *	scp03 KVN ENC MAC [DEK]		AES
 *	scp80 KIC KID KIC-KEY KID-KEY	the octets KIc and KID of the packet; a key may be -
 *	bsp TRANSACTION-ID ENC MAC MCV	session keys of a bound profile package
 *	bsp-otsk TRANSACTION-ID PRIVATE-KEY EID	the eUICC's one-time key (PKCS#8 or SEC 1, DER)
 */
#ifndef TWINKEY_TRACE_OPEN_KEYS_H
#define TWINKEY_TRACE_OPEN_KEYS_H

#include "lib/base/bytes.h"

#define KEYS_TEXT_MAX (1u << 20)
#define KEYS_ID_MAX   16
#define KEYS_PARTS    3

struct secret;

enum key_kind { KEY_SCP02, KEY_SCP03, KEY_SCP80, KEY_BSP, KEY_BSP_OTSK };

struct key_row {
	enum key_kind kind;
	bool any; /* of whatever id */
	uint8_t id[KEYS_ID_MAX];
	size_t id_len;
	struct secret *parts[KEYS_PARTS]; /* as they stand in the line; NULL: it is not there */
};

struct trace_keys;

struct keys_error {
	unsigned line;	 /* from 1 */
	const char *why; /* for people, without a word of the line */
};

/* ERR_VALUE: *why says what is wrong; ERR_MEMORY. */
enum err keys_parse(struct slice text, struct trace_keys **out, struct keys_error *why) MUST_CHECK;
/* The next row behind after (NULL: the first) of this kind and id; NULL: there are no more. */
const struct key_row *keys_next(const struct trace_keys *keys, enum key_kind kind, struct slice id,
				const struct key_row *after);
void keys_free(struct trace_keys **keys);

#endif
