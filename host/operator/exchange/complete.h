/*
 * complete: what a list that was read lacks is made, and all of it is checked: keys against their
 * algorithms, what must stand once. Faults are noted in the list; with one of them nothing of it
 * may be imported.
 */
#ifndef TWINKEY_OPERATOR_EXCHANGE_COMPLETE_H
#define TWINKEY_OPERATOR_EXCHANGE_COMPLETE_H

#include "host/operator/exchange/record.h"

struct exchange_plan {
	/* IMSI 2 where the file has none: the first of a row of numbers, by the order of the file;
	 * NULL or "same": that of the first subscription. */
	const char *second;
	/* ICCIDs where the file has none: this, digits of the IMSI, a check digit (19 in all);
	 * NULL: a random one of the operator's own. */
	const char *iccid_prefix;
};

struct exchange_made { /* how many of each were made */
	size_t iccids, second_imsis, second_keys, sealing_keys, opcs;
	char first_iccid[PROFILE_ICCID_TEXT]; /* of random ones; "" */
};

/* ERR_VALUE: second or iccid_prefix are none; ERR_MEMORY, ERR_CRYPTO. */
enum err exchange_complete(struct exchange_list *l, const struct exchange_plan *plan,
			   struct exchange_made *made) MUST_CHECK;

#endif
