/*
 * keys: the keys of cards that an auditor has, as a text of lines: a kind, a name, and the values
 *in hex.
 *
 *	milenage NAME K OPc		16 octets each
 *	tuak NAME K TOPc		K of 16 or 32 octets, TOPc of 32
 *	xor NAME K			16 octets: the test algorithm of 3GPP TS 34.108
 *
 * Blank lines and lines that begin with # are skipped, and those of lib/trace/open/keys.h, which
 *may stand in the same file. Values live in the secure heap.
 */
#ifndef TWINKEY_TRACE_KEYS_H
#define TWINKEY_TRACE_KEYS_H

#include "lib/base/secret.h"
#include "lib/base/bytes.h"

#define CARD_KEYS_MAX	   256
#define CARD_KEY_NAME	   32
#define CARD_KEY_VALUES	   4
#define CARD_KEYS_TEXT_MAX (64u << 10)

enum card_key_kind {
	CARD_KEY_MILENAGE, /* values: K, OPc */
	CARD_KEY_TUAK,	   /* K, TOPc */
	CARD_KEY_XOR,	   /* K */
};

struct card_key {
	enum card_key_kind kind;
	char name[CARD_KEY_NAME]; /* whatever its owner calls it; no secret */
	struct secret *values[CARD_KEY_VALUES];
};

struct card_keys;

/* The words of the kinds that lib/trace/open has, in the order of its enum key_kind: here, so that
 * each of the two knows which lines are the other's. */
#define OPEN_KEY_WORDS "scp02", "scp03", "scp80", "bsp", "bsp-otsk"

/* A line that begins with this word is one of these kinds. */
bool card_keys_knows(struct slice word);

struct card_keys_error {
	unsigned line;	 /* 0: the text as a whole */
	const char *why; /* a sentence; never a value of the text */
};

/* ERR_VALUE: a line is none, *error says which; ERR_MEMORY. */
enum err card_keys_parse(struct slice text, struct card_keys **out,
			 struct card_keys_error *error) MUST_CHECK;
/* keys NULL: none. */
size_t card_keys_count(const struct card_keys *keys);
const struct card_key *card_keys_at(const struct card_keys *keys, size_t i);
void card_keys_free(struct card_keys **keys);

#endif
