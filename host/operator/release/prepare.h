/*
 * prepare: makes a subscriber's profile package: the first subscription open to the subscription
 * manager, the second sealed under S. This is the one place where the two sides of the operator
 * meet: the manager gets a finished package and nothing else.
 */
#ifndef TWINKEY_OPERATOR_PREPARE_H
#define TWINKEY_OPERATOR_PREPARE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct ec_key;
struct operator_store;
struct subscriber;
struct subscriber_keys;
struct wbuf;

struct prepare_codes { /* decimal digits, "" for none */
	const char *pin, *puk;
};

/* The unprotected profile package (secret: it holds K1), appended to upp. */
enum err prepare_package(struct operator_store *s, const struct subscriber *sub,
			 const struct prepare_codes *codes, const struct ec_key *release_key,
			 struct wbuf *upp) MUST_CHECK;
/* Subscription 2 with K2 and OPc2 of keys, sealed under their S as key key_id; in derived mode what
 * the card needs to know of it, always the same octets. Appended to sealed. */
enum err prepare_sealed(const struct subscriber *sub, uint32_t key_id,
			const struct subscriber_keys *keys, const struct ec_key *release_key,
			struct wbuf *sealed) MUST_CHECK;
/* The elements of subscription 2, which a grant of derived mode carries: without K2. Appended. */
enum err prepare_elements(const struct subscriber *sub, const struct subscriber_keys *keys,
			  struct wbuf *elements) MUST_CHECK;
/* A subscription as a profile of its own, with no sealed part (two-profile mode). */
struct prepare_choice {
	int which;	      /* 1 or 2 */
	const uint8_t *iccid; /* of that profile: 10 octets */
	const struct prepare_codes *codes;
};
enum err prepare_single(struct operator_store *s, const struct subscriber *sub,
			const struct prepare_choice *choice, struct wbuf *upp) MUST_CHECK;
/* The metadata that the manager shows before the download (BF25), appended to out. */
enum err prepare_metadata(const struct subscriber *sub, const uint8_t iccid[static 10],
			  const char *smdp_address, struct wbuf *out) MUST_CHECK;
/* A random ICCID of 19 digits, the last one its check digit (ITU-T E.118). */
enum err prepare_random_iccid(uint8_t iccid[static 10]) MUST_CHECK;
/* The check digit behind n digits. */
char prepare_check_digit(const char *digits, size_t n);

#endif
