/*
 * keys: what an auditor has keys for, as a text of lines: a kind, a name, and the values in hex.
 *
 *	milenage NAME K OPc		16 octets each
 *	tuak NAME K TOPc		K of 16 or 32 octets, TOPc of 32
 *	xor NAME K			16 octets: the test algorithm of 3GPP TS 34.108
 *
 * Blank lines and lines that begin with # are skipped. Values live in the secure heap.
 */
#ifndef TWINKEY_TRACE_KEYS_H
#define TWINKEY_TRACE_KEYS_H

#include "lib/base/secret.h"
#include "lib/base/bytes.h"

#define TRACE_KEYS_MAX	    256
#define TRACE_KEY_NAME	    32
#define TRACE_KEY_VALUES    4
#define TRACE_KEYS_TEXT_MAX (64u << 10)

enum trace_key_kind {
	TRACE_KEY_MILENAGE, /* values: K, OPc */
	TRACE_KEY_TUAK,	    /* K, TOPc */
	TRACE_KEY_XOR,	    /* K */
};

struct trace_key {
	enum trace_key_kind kind;
	char name[TRACE_KEY_NAME]; /* whatever its owner calls it; no secret */
	struct secret *values[TRACE_KEY_VALUES];
};

struct trace_keys;

struct trace_keys_error {
	unsigned line;	 /* 0: the text as a whole */
	const char *why; /* a sentence; never a value of the text */
};

/* ERR_VALUE: a line is none, *error says which; ERR_MEMORY. */
enum err trace_keys_parse(struct slice text, struct trace_keys **out,
			  struct trace_keys_error *error) MUST_CHECK;
/* keys NULL: none. */
size_t trace_keys_count(const struct trace_keys *keys);
const struct trace_key *trace_keys_at(const struct trace_keys *keys, size_t i);
void trace_keys_free(struct trace_keys **keys);

#endif
