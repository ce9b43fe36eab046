/*
 * install: the card's side of the profile interpreter (lib/profile/interpret/interpret.h): profile
 * elements become files, PINs and subscriptions in one store transaction.
 */
#ifndef TWINKEY_CARD_INSTALL_H
#define TWINKEY_CARD_INSTALL_H

#include "lib/base/bytes.h"

struct store;
struct store_txn;

struct install_place {
	struct store_txn *txn;
	unsigned number;  /* of the profile */
	uint32_t without; /* set of services that the card does not have (lib/profile/services.h) */
};

/*
 * Interprets an unprotected profile package. The transaction is not committed here. report gets the
 * EUICCResponse (DER) of the TCA specification in either case. iccid: from the ProfileHeader, in
 * the form of struct profile_record (nibbles swapped). ERR_REFUSED: an element was refused, the
 * report says why; any failure: roll the transaction back.
 */
enum err install_profile(const struct install_place *place, struct slice upp,
			 uint8_t iccid[static 10], struct wbuf *report) MUST_CHECK;
/* The services that the card was made without. */
uint32_t install_without(const struct store *s);
/* What a release has opened; secret. */
struct install_opened {
	struct slice elements;
	struct slice derived_k; /* K that the elements leave out (derived mode); else empty */
	bool again; /* subscription 2 was there before, under the same keyId: its SQN array goes on
		     */
};
/*
 * Applies the opened elements of a sealed part to the installed profile n as subscription 2
 * (PE-AKAParameter, PE-GenericFileManagement, PE-PINCodes). Reads what it changes from s. The SQN
 * array begins anew, but for a key that the profile has already: that one keeps its own.
 * ERR_REFUSED: an element is refused, or asks for an algorithm that the card does not have;
 * ERR_VALUE: there is no key among them. Roll the transaction back then.
 */
enum err install_patch(const struct store *s, const struct install_place *place,
		       const struct install_opened *opened) MUST_CHECK;

#endif
