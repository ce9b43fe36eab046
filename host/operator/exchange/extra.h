/*
 * extra: what a document of a file says of a subscriber of another one of it, such as a number in a
 * collection beside that of the keys. Joined when all is read.
 */
#ifndef TWINKEY_OPERATOR_EXCHANGE_EXTRA_H
#define TWINKEY_OPERATOR_EXCHANGE_EXTRA_H

#include "host/operator/exchange/record.h"

struct exchange_extra {
	char link[EXCHANGE_LINK_MAX]; /* the record's */
	char imsi[IMSI_MAX + 1], msisdn[PROFILE_NUMBER_MAX + 1];
};
struct exchange_extras { /* zeroed: empty */
	struct exchange_extra *items;
	size_t count, cap;
};
/* A new one; NULL: memory is out. */
struct exchange_extra *exchange_extra_add(struct exchange_extras *x);
/* Puts them where their records have nothing yet, and frees them. */
void exchange_extras_join(struct exchange_extras *x, struct exchange_list *l);

#endif
