/*
 * attach: one authentication of the card by the operator: a challenge of its AuC, the card's
 * answer, the operator's verdict, with one resynchronisation. What a network attach does, without
 * the radio.
 */
#ifndef TWINKEY_HOST_ATTACH_H
#define TWINKEY_HOST_ATTACH_H

#include <jansson.h>

#include "host/terminal/failure.h"
#include "host/terminal/usim.h"

struct http_client;

struct attach {
	bool gsm;		/* GSM context instead of 3G */
	bool resynchronised;	/* the card asked for it, and it was done */
	struct failure failure; /* of attach_run() */
	char imsi[USIM_IMSI_MAX + 1];
	uint8_t rand[USIM_RAND_LEN], autn[USIM_AUTN_LEN];
	struct usim_answer answer; /* wipe it after use */
	json_t *verdict;	   /* result, access, subscription, state; the caller's */
};

/*
 * Attaches the selected USIM (its PIN verified). ERR_MAC: the card refuses AUTN; ERR_SYNC: it asks
 * for a second resynchronisation; any other failure of card or operator.
 */
enum err attach_run(struct uicc *u, struct http_client *op, struct attach *a) MUST_CHECK;
/* Wipes the answer, gives the verdict back. */
void attach_forget(struct attach *a);
/* A text of the verdict ("access", "state"); "" if it has none. */
const char *attach_text(const struct attach *a, const char *name);

#endif
