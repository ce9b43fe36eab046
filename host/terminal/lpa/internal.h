/*
 * internal: what the parts of the LPA share. Nobody else includes it.
 */
#ifndef TWINKEY_HOST_LPA_INTERNAL_H
#define TWINKEY_HOST_LPA_INTERNAL_H

#include "host/terminal/failure.h"
#include "host/terminal/lpa/es9p.h"
#include "host/terminal/lpa/lpa.h"

struct lpa {
	struct uicc *u;
	struct slice isdr_aid;
	unsigned channel;
	bool open;	  /* the logical channel */
	enum party party; /* whom it spoke to last */
	char message[ES9P_MESSAGE];
};

/* The sentence of a failure; gives e. */
enum err lpa_fail(struct lpa *l, enum err e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* One ES10 function: the whole answer is appended to response. ERR_CARD: a bad status word. */
enum err lpa_es10(struct lpa *l, struct slice request, struct wbuf *response,
		  uint16_t *sw) MUST_CHECK;

/* The same where the status word says nothing more (no 91xx follows). */
enum err lpa_ask(struct lpa *l, struct slice request, struct wbuf *der) MUST_CHECK;
/* A function whose whole answer is a result code under tag. */
enum err lpa_command(struct lpa *l, struct slice request, uint32_t tag,
		     uint32_t *result) MUST_CHECK;

/* A result code in words. */
struct lpa_words {
	uint32_t code;
	const char *text;
};
const char *lpa_word(const struct lpa_words *table, size_t n, uint32_t code);

#endif
