/*
 * told: what an audit is given and what it tells: values alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_TOLD_H
#define TWINKEY_TRACE_AUDIT_TOLD_H

#include "lib/finding/finding.h"
#include "lib/trace/event.h"

#define AUDIT_RULES_MAX 512
#define AUDIT_WHERE_MAX 96

struct audit_secrets; /* secrets.h */
struct decode_item;
struct trace_keys;

/* A place in the trace: an exchange, or an event that is none. */
struct audit_spot {
	unsigned card;
	struct trace_place place;
	uint64_t last; /* the number of the last piece; place.number where there is one */
	bool has_time;
	int64_t time_ns;
};

/* Borrows for the call. where is "12", or "12-14", and ", card 1" for all but the first card. */
struct audit_finding {
	struct finding finding;
	const char *kind;		/* its detail without the numbers that run (kind.h) */
	size_t number;			/* of its rule, as audit_rule_number() */
	const struct decode_item *item; /* what is judged as it is found; NULL: the trace's end */
	struct audit_spot at;
	bool has_before; /* it disagrees with something earlier */
	struct audit_spot before;
};

enum audit_party { AUDIT_CARD, AUDIT_HOST, AUDIT_OPERATOR, AUDIT_MANAGER /* SM-DP+ */ };

/* An event of weight, of a kind that a person follows in a diagram; borrows for the call. */
struct audit_mark {
	struct audit_spot at;
	unsigned channel;
	enum audit_party from, to; /* from == to: it happens there */
	const char *text;	   /* "AUTHENTICATE: synchronisation failure" */
	bool failed;
};

struct audit_sink {
	void (*finding)(void *ctx, const struct audit_finding *f);
	void (*mark)(void *ctx, const struct audit_mark *m); /* NULL: not wanted */
	/* NULL: not wanted. Without words: decode_words() has them. */
	void (*item)(void *ctx, const struct decode_item *item);
	void *ctx;
};

/*
 * Where to put values that memory has no room for: a file that nobody else sees. Both are false on
 * failure. No write: they are kept in memory up to AUDIT_SEEN_MAX, and what is beyond is not
 * compared with what comes after, which is a finding of its own.
 */
struct audit_spill {
	bool (*write)(void *ctx, uint64_t at, struct slice octets);
	bool (*read)(void *ctx, uint64_t at, uint8_t *dst, size_t len);
	void *ctx;
};

/* Borrows until audit_close(). */
struct audit_options {
	/* The trace claims to be of a card and a network in use, not of a test: what is published
	 * for tests must not be in it. Without it that is judged where the trace itself claims so.
	 */
	bool production;
	/* That must not be seen; NULL: those that are published for tests. */
	const struct audit_secrets *secrets;
	const struct trace_keys *keys; /* those of cards (lib/trace/keys); NULL: none */
	struct audit_spill spill;
};

#endif
