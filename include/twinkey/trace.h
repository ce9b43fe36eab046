/*
 * trace: what passed over a card's interface, read, named and judged: from a file of any form that
 * 'twinkey trace show' reads, or exchange by exchange as a program has them.
 *
 *	struct twinkey_trace_options how = {.size = sizeof(how), .finding = take_finding};
 *	struct twinkey_trace *trace;
 *
 *	if (twinkey_trace_open(&how, &trace, &error))
 *		errx(1, "%s", error.text);
 *	while ((n = fread(octets, 1, sizeof(octets), file)) > 0)
 *		if (twinkey_trace_feed(trace, octets, n, &error))
 *			errx(1, "%s", error.text);
 *	if (twinkey_trace_end(trace, &error))
 *		errx(1, "%s", error.text);
 *	twinkey_trace_close(&trace);
 *
 * Threads: a trace is used by one thread at a time; different traces by different threads at once.
 *
 * Memory stays below 64 MiB whatever the trace's length. So that every value that must not come
 * twice is remembered, the library makes a file without a name in TMPDIR (else /tmp) when there
 * are more than 65,536 of them; spill = 0 forbids it: half a million are remembered then, and the
 * end says TWINKEY_ERR_SPACE if there were more.
 *
 * Pointers must not be NULL where it isn't said. What a struct that a callback is given points to
 * is borrowed for the call. Texts are UTF-8 and hold no secret: PINs, keys and what AUTHENTICATE
 * derives are octets of FF.
 */
#ifndef TWINKEY_TRACE_API_H
#define TWINKEY_TRACE_API_H

#include <stddef.h>
#include <stdint.h>
#include <twinkey/card.h>
#include <twinkey/error.h>
#include <twinkey/version.h>

#ifdef __cplusplus
extern "C" {
#endif

struct twinkey_trace;

enum twinkey_event_kind {
	TWINKEY_EVENT_EXCHANGE = 0, /* a command and what came of it, GET RESPONSE included */
	TWINKEY_EVENT_RESET = 1,
	TWINKEY_EVENT_PPS = 2,	   /* ISO 7816-3 9 */
	TWINKEY_EVENT_REMOVED = 3, /* the card has no power any more */
	TWINKEY_EVENT_FAULT = 4,   /* something that could not be read; the rest goes on */
};

enum twinkey_status {
	TWINKEY_STATUS_NONE = 0, /* no status word was recorded */
	TWINKEY_STATUS_GOOD = 1,
	TWINKEY_STATUS_WARNING = 2, /* 62xx, 63xx */
	TWINKEY_STATUS_ERROR = 3,
};

/* Members may be added at the end; size says which there are. */
struct twinkey_event {
	size_t size;
	enum twinkey_event_kind kind;
	unsigned card;	       /* which of the trace's cards, from 0 */
	const char *reader;    /* its name; "" without one */
	uint64_t number, last; /* of its first and last frame, line or exchange, from 1 */
	int has_time;
	int64_t time_ns;  /* since 1970, or since the recorder's own beginning */
	const char *name; /* "READ BINARY" */
	const char *what; /* its parameters in a few words; of a FAULT what is wrong; may be "" */
	/* EXCHANGE */
	unsigned channel;
	const char *path;   /* "MF/ADF.USIM/EF.IMSI": the file or directory that it is about */
	const char *status; /* what the status word means here */
	enum twinkey_status level;
	unsigned sw;			    /* 0 for TWINKEY_STATUS_NONE */
	struct twinkey_octets data, answer; /* without secrets; of a RESET answer is the ATR */
};

enum twinkey_severity {
	TWINKEY_SEVERITY_INFO = 0,
	TWINKEY_SEVERITY_WARNING = 1,
	TWINKEY_SEVERITY_ERROR = 2,
};

/* A rule of the audit. Its texts are static. */
struct twinkey_rule {
	size_t size;
	const char *id; /* "COD-01", for ever */
	enum twinkey_severity severity;
	const char *family; /* what rules of its prefix are about */
	const char *clause; /* of the standard */
	const char *says;   /* what holds where there is no finding */
	const char *means;  /* what it means otherwise */
	const char *remedy; /* what to do */
};

struct twinkey_finding {
	size_t size;
	struct twinkey_rule rule;
	const char *where;  /* "12", "12-14, card 1" */
	const char *detail; /* what stands there instead */
	unsigned card;
	uint64_t number, last;
	uint64_t before; /* the earlier exchange that it disagrees with; 0: none */
};

/* A struct of zeros with its size finds the form by itself, and tells nobody. */
struct twinkey_trace_options {
	size_t size;	  /* sizeof the struct: must be set */
	const char *from; /* the name of a form ("pcscd", "lpac"); NULL: it is found */
	int production;	  /* it claims to be no test: nothing that is for tests may be in it */
	int spill;	  /* a file may be made for what memory has no room for */
	/* NULL: not wanted. The order is that of the trace; findings that only the end can tell
	 * come at the end. They must not call the library with this trace. */
	void (*event)(void *ctx, const struct twinkey_event *event);
	void (*finding)(void *ctx, const struct twinkey_finding *finding);
	void *ctx;
};

/* options may be NULL; error too. TWINKEY_ERR_VALUE: there is no form of that name. */
TWINKEY_PUBLIC enum twinkey_code twinkey_trace_open(const struct twinkey_trace_options *options,
						    struct twinkey_trace **trace,
						    struct twinkey_error *error);
/*
 * More of a recorded trace. What can be told has been told when it returns.
 * TWINKEY_ERR_UNSUPPORTED: it is of no form that is known; TWINKEY_ERR_STATE: exchanges were given
 * before, or it has ended.
 */
TWINKEY_PUBLIC enum twinkey_code twinkey_trace_feed(struct twinkey_trace *trace,
						    const uint8_t *octets, size_t len,
						    struct twinkey_error *error);
/*
 * In place of that, what a program did with its card, one after the other: a reset with its ATR
 * (which may be empty), and a command (TPDU or APDU) with its response (data and status word;
 * empty: there was none). Each counts one in number. TWINKEY_ERR_STATE: octets were fed before, or
 * it has ended.
 */
TWINKEY_PUBLIC enum twinkey_code twinkey_trace_reset(struct twinkey_trace *trace,
						     struct twinkey_octets atr);
TWINKEY_PUBLIC enum twinkey_code twinkey_trace_exchange(struct twinkey_trace *trace,
							struct twinkey_octets command,
							struct twinkey_octets response);
/* There is no more; only closing is left. TWINKEY_ERR_IO, TWINKEY_ERR_SPACE, TWINKEY_ERR_MEMORY:
 * what was found is true, but may not be all. */
TWINKEY_PUBLIC enum twinkey_code twinkey_trace_end(struct twinkey_trace *trace,
						   struct twinkey_error *error);
/* *trace may be NULL, and is afterwards. */
TWINKEY_PUBLIC void twinkey_trace_close(struct twinkey_trace **trace);

/* The rule at this place of the table; rule->size must be set. 0: there is none any more. */
TWINKEY_PUBLIC int twinkey_rule(size_t index, struct twinkey_rule *rule);

#ifdef __cplusplus
}
#endif

#endif
