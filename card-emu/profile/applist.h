/*
 * applist: the applications that a profile brings besides its ADFs: security domains, RFM
 * applications, load packages and their instances. They are kept and listed; no bytecode runs.
 */
#ifndef TWINKEY_CARD_APPLIST_H
#define TWINKEY_CARD_APPLIST_H

#include "lib/profile/interpret/interpret.h"

struct store;
struct store_txn;

/* Keeps the application and its element, as a secret if the element holds keys. ERR_SPACE: it is
 * too large. */
enum err app_put(struct store_txn *t, unsigned n, const struct profile_app *a) MUST_CHECK;
/* Calls each() per application of profile n until it returns false; raw is empty. */
void app_each(const struct store *s, unsigned n,
	      bool (*each)(void *ctx, const struct profile_app *a), void *ctx);
/* "security domain", "RFM", "load package", "application" */
const char *app_kind_name(enum profile_app_kind kind);

#endif
