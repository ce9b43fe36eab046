/*
 * base: the file system that the card makes by itself: the eUICC's own, seen while no profile is
 * enabled (number 0).
 */
#ifndef TWINKEY_CARD_BASE_H
#define TWINKEY_CARD_BASE_H

#include "lib/base/err.h"

struct store_txn;

/* MF, EF.DIR, EF.ICCID, EF.PL, EF.ARR of profile number 0. */
enum err base_put_euicc(struct store_txn *t) MUST_CHECK;

#endif
