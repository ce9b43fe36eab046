/*
 * convert: from a record to what the store keeps, and back.
 */
#ifndef TWINKEY_OPERATOR_EXCHANGE_CONVERT_H
#define TWINKEY_OPERATOR_EXCHANGE_CONVERT_H

#include "host/operator/exchange/format.h"

struct subscriber;
struct subscriber_keys;
struct exchange_record;

/* Of a record that exchange_complete() found good. What it lacks of the second subscription's keys
 * and of S is random. Free keys by subscriber_keys_free(). */
enum err exchange_to_store(const struct exchange_record *r, struct subscriber *sub,
			   struct subscriber_keys *keys) MUST_CHECK;

/* The record of a subscriber, appended to l; its number is the subscriber's id. which: of his two
 * subscriptions the one that goes to a format of one key. What the format cannot have is a fault.
 */
struct exchange_source {
	const struct subscriber *subscriber;
	const struct subscriber_keys *keys;
	int which; /* 1 or 2 */
};
enum err exchange_from_store(struct exchange_list *l, const struct exchange_format *format,
			     const struct exchange_source *from) MUST_CHECK;

#endif
