/*
 * hashed: values that are known by their salted hashes alone, tried on each window of a stream.
 */
#ifndef TWINKEY_TRACE_SEARCH_HASHED_H
#define TWINKEY_TRACE_SEARCH_HASHED_H

#include "lib/crypto/symmetric.h"
#include "lib/trace/search/forms.h"

/* Hashes that are tried in all streams together; a few seconds. */
#define SEARCH_HASHES_MAX (1u << 24)
#define SEARCH_HASHED_MAX 64 /* values */
#define SEARCH_HASHED_LEN 64 /* octets or digits of one */
#define SEARCH_SALT_MAX	  64

/* SHA-256 of salt and value, the value being octets or the ASCII of digits. */
struct search_hash {
	unsigned needle;
	bool digits;
	size_t len; /* of the value */
	struct slice salt;
	uint8_t hash[SHA256_LEN];
};

struct hashed {
	unsigned count;
	uint64_t tried;
	struct hashed_value {
		unsigned needle;
		bool digits;
		size_t len, salt_len;
		uint8_t salt[SEARCH_SALT_MAX], hash[SHA256_LEN];
	} values[SEARCH_HASHED_MAX];
};

#define HASHED_WINDOW (2 * SEARCH_HASHED_LEN)

/* The last octets of a stream, so that a window is in one piece. */
struct hashed_window {
	uint8_t octets[2 * HASHED_WINDOW];
	size_t len;
};

/* ERR_LENGTH; ERR_FULL: there are too many. */
enum err hashed_add(struct hashed *h, const struct search_hash *v) MUST_CHECK;
bool hashed_is_spent(const struct hashed *h);

/* What ends with the last octet of the window. */
struct hashed_match {
	unsigned needle;
	struct search_form form;
	size_t octets; /* of the stream */
};
struct hashed_sink {
	void (*take)(void *ctx, const struct hashed_match *m);
	void *ctx;
};
void hashed_step(struct hashed *h, struct hashed_window *w, uint8_t octet,
		 const struct hashed_sink *sink);

#endif
