/*
 * base: file systems that the card makes by itself: the eUICC's own, seen while no profile is
 * enabled (number 0), and that of a plain USIM described by a few values.
 */
#ifndef TWINKEY_CARD_BASE_H
#define TWINKEY_CARD_BASE_H

#include "card-emu/store/store.h"
#include "card-emu/uicc/profile.h"

struct base_sim {		  /* slices borrow */
	char imsi[16];		  /* 6 to 15 digits */
	uint8_t iccid[ICCID_LEN]; /* as in EF.ICCID */
	uint8_t mnc_len;	  /* 2 or 3 */
	struct subscription key;
	struct sqn_array sqn;
	struct pin_record pin; /* PIN1 */
};

/* MF, EF.DIR, EF.ICCID, EF.PL, EF.ARR of profile number 0. */
enum err base_put_euicc(struct store_txn *t) MUST_CHECK;
/* The enabled profile n: files, PIN, subscription, metadata. Not committed here. */
enum err base_put_sim(struct store_txn *t, unsigned n, const struct base_sim *sim) MUST_CHECK;

#endif
