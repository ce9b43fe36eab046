/*
 * needles: the file in which an auditor gives secrets that no trace may have (docs/trace.md).
 *
 * A line has a kind, a name and a value, parted by blanks; '#' begins a comment, empty lines do not
 * matter. The value is hex or digits, as its kind has it, or hex:, digits: or text: says; or it is
 * known by its hash alone: sha256:LENGTH:SALT:HASH of octets, sha256-digits:LENGTH:SALT:HASH.
 */
#ifndef TWINKEY_TRACE_SEARCH_NEEDLES_H
#define TWINKEY_TRACE_SEARCH_NEEDLES_H

#include "lib/base/bytes.h"

#define NEEDLES_FILE_MAX (1u << 20)
#define NEEDLES_MAX	 4096
#define NEEDLE_NAME_MAX	 48

struct search;

enum needle_kind {
	NEEDLE_K,
	NEEDLE_OPC,
	NEEDLE_S,
	NEEDLE_PIN,
	NEEDLE_PUK,
	NEEDLE_ADM,
	NEEDLE_SCP,
	NEEDLE_OTA,
	NEEDLE_ANY,
};

/* Nothing of the value. */
struct needle {
	enum needle_kind kind;
	bool hashed;
	char name[NEEDLE_NAME_MAX]; /* printable ASCII without blanks */
};

/* Why a file is refused; it never has anything of the line but its number. */
struct needles_fault {
	unsigned line; /* from 1; 0: the file as a whole */
	const char *why;
};

struct needles;

/* "K", "OPc", ... */
const char *needle_kind_name(enum needle_kind kind);

/*
 * Adds each value of the file to s, as the needle of its number, from 0. ERR_VALUE: fault says why;
 * ERR_MEMORY, ERR_SPACE. s may have some of the values then.
 */
enum err needles_read(struct slice text, struct search *s, struct needles **out,
		      struct needles_fault *fault) MUST_CHECK;
unsigned needles_count(const struct needles *n);
const struct needle *needles_at(const struct needles *n, unsigned i);
void needles_close(struct needles **n);

/*
 * Appends the same file with a hash in the place of each value, each with a salt of its own, and
 * without its comments. Errors as above; ERR_CRYPTO.
 */
enum err needles_hash(struct slice text, struct wbuf *out, struct needles_fault *fault) MUST_CHECK;

#endif
