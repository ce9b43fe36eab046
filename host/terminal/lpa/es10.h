/*
 * es10: one LPA's conversation with the ISD-R: a channel, and ES10 functions on it by STORE DATA
 * (SGP.22 5.7.2). For the parts of the LPA alone.
 */
#ifndef TWINKEY_HOST_LPA_ES10_H
#define TWINKEY_HOST_LPA_ES10_H

#include "host/terminal/failure.h"
#include "host/terminal/lpa/es9p.h"

struct uicc;

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
/* Opens the channel and SELECTs the ISD-R. ERR_CARD: there is none. */
enum err lpa_open_channel(struct lpa *l) MUST_CHECK;
/* While the manager is waited for: others may have the card, where the LPA has its own channel. */
void lpa_rest(struct lpa *l);
enum err lpa_resume(struct lpa *l) MUST_CHECK;
/* One ES10 function: the whole answer is appended to response. ERR_CARD: a bad status word. */
enum err lpa_es10(struct lpa *l, struct slice request, struct wbuf *response,
		  uint16_t *sw) MUST_CHECK;

/* The same where the status word says nothing more (no 91xx follows). */
enum err lpa_ask(struct lpa *l, struct slice request, struct wbuf *der) MUST_CHECK;
/* A function whose whole answer is a result code under tag. */
enum err lpa_command(struct lpa *l, struct slice request, uint32_t tag,
		     uint32_t *result) MUST_CHECK;

#endif
