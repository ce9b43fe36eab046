/*
 * notify: what the eUICC has to report to the managers (SGP.22 3.5): lists it, delivers it.
 */
#ifndef TWINKEY_HOST_LPA_NOTIFY_H
#define TWINKEY_HOST_LPA_NOTIFY_H

#include "host/terminal/lpa/es9p.h"

struct lpa;

/* The notifications that wait in the eUICC, lowest number first: the metadata (BF2F) of each. */
enum err lpa_list_notifications(struct lpa *l, struct wbuf *der, struct slice *items) MUST_CHECK;
struct lpa_report {
	bool untold;		    /* nothing was sent: no way to the managers is known */
	enum err err;		    /* why not all of them were tried */
	unsigned sent, kept;	    /* kept: its receiver did not take it; it stays in the eUICC */
	char message[ES9P_MESSAGE]; /* why the first was kept */
};
/*
 * Sends what the eUICC has to report, each to the address that it names, in the order of the
 * numbers (SGP.22 3.5), and takes it off the list when it was taken. One that is not taken does not
 * hold the others up, but where nobody is found at its address, later ones to the same stay as
 * well.
 */
enum err lpa_send_notifications(struct lpa *l, const struct es9p_network *net,
				struct lpa_report *report) MUST_CHECK;
/* The one of this number (0 is one). ERR_NOT_FOUND: there is none. */
enum err lpa_send_notification(struct lpa *l, const struct es9p_network *net, uint32_t seq,
			       struct lpa_report *report) MUST_CHECK;
struct lpa_delivery {
	struct slice isdr_aid; /* empty: AID_ISDR */
	const struct es9p_network *network;
	void (*report)(void *ctx, const struct lpa_report *report); /* what became of it; or NULL */
	void *ctx;
};
/* Sends all where a way to the managers is known, and reports. */
void lpa_deliver(struct lpa *l, const struct lpa_delivery *d);
/* Takes one off the list unsent: its receiver never hears of it. ERR_NOT_FOUND. */
enum err lpa_remove_notification(struct lpa *l, uint32_t seq) MUST_CHECK;

#endif
