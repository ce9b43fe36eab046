/*
 * keys: the keys that an auditor has, out of a text.
 *
 * A line is a kind, what the key is of, and its values in hex, parted by blanks; what stands behind
 * # is a comment. The kinds are those of docs/trace.md, "Keys file". Values live in the secure
 * heap.
 */
#ifndef TWINKEY_TRACE_KEYS_H
#define TWINKEY_TRACE_KEYS_H

#include "lib/base/bytes.h"

#define KEYS_TEXT_MAX (1u << 20)
#define KEYS_NAME_MAX 32 /* with its end */
#define KEYS_ID_MAX   16
#define KEYS_PARTS    3

struct secret;

enum key_kind {
	/* of a card */
	KEY_MILENAGE, /* K, OPc */
	KEY_TUAK,     /* K, TOPc */
	KEY_XOR,      /* K */
	/* of what is opened */
	KEY_SCP02,   /* id: the key version; ENC, MAC, perhaps DEK */
	KEY_SCP03,   /* likewise */
	KEY_SCP80,   /* id: KIc, KID; the keys of both, of which one may not be there */
	KEY_BSP,     /* id: the transaction; ENC, MAC, MCV */
	KEY_BSP_OTSK /* id: the transaction; the private key in DER, the EID */
};

struct key_row {
	enum key_kind kind;
	char name[KEYS_NAME_MAX]; /* of a card: whatever its owner calls it; no secret */
	bool any;		  /* of whatever id */
	uint8_t id[KEYS_ID_MAX];
	size_t id_len;
	struct secret *parts[KEYS_PARTS]; /* as they stand in the line; NULL: it is not there */
};

struct trace_keys;

struct keys_error {
	unsigned line;	 /* from 1 */
	const char *why; /* for people, without a word of the line */
};

/* ERR_VALUE: a line is none, *error says which; ERR_MEMORY. *out is set on success alone. */
enum err keys_parse(struct slice text, struct trace_keys **out,
		    struct keys_error *error) MUST_CHECK;
/* The next row behind after (NULL: the first) of this kind and id; NULL: there are no more. */
const struct key_row *keys_next(const struct trace_keys *keys, enum key_kind kind, struct slice id,
				const struct key_row *after);
/* The keys of cards, in their order: how many, and each by its index. keys NULL: none. */
size_t keys_card_count(const struct trace_keys *keys);
const struct key_row *keys_card_at(const struct trace_keys *keys, size_t i);
void keys_free(struct trace_keys **keys);

#endif
