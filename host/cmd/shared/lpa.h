/*
 * lpa: what the subcommands share that manage profiles.
 */
#ifndef TWINKEY_HOST_CMD_LPA_H
#define TWINKEY_HOST_CMD_LPA_H

#include "lib/base/err.h"

struct lpa;
struct lpa_delivery;
struct lpa_report;
struct uicc;

/*
 * Opens the card as cmd_open() does, and its ISD-R. On failure it has said why (what kind of card
 * it is instead), and the value is the exit code. cmd_lpa_close() gives code as cmd_close() does.
 */
int cmd_lpa_open(struct uicc **u, struct lpa **l) MUST_CHECK;
/* The same of a card that is open, and stays so. */
int cmd_lpa_on(struct uicc *u, struct lpa **l) MUST_CHECK;
int cmd_lpa_close(struct uicc **u, struct lpa **l, int code);
/* Sends the notifications when a way to the managers is known; says what was kept. */
void cmd_lpa_report(struct lpa *l);
/* How cmd_lpa_report() does it, and what it says. */
struct lpa_delivery cmd_delivery(void);
void cmd_tell_report(const struct lpa_report *r);
/* Says that a download begins anew; for struct lpa_download. */
void cmd_lpa_retry(void *ctx, unsigned attempt, unsigned attempts, const char *why);

#endif
