/*
 * upp_outcome: a profile package put into an empty card's store, and what the EUICCResponse says.
 */
#ifndef TWINKEY_TESTS_UPP_OUTCOME_H
#define TWINKEY_TESTS_UPP_OUTCOME_H

#include "card-emu/store/store.h"

#define UPP_PACKAGE_MAX (1u << 20)

struct upp_outcome {
	unsigned status;     /* of the element that ended the walk */
	unsigned note;	     /* of the first that was left out; 0: none was */
	unsigned notes;	     /* how many were */
	uint64_t id;	     /* of the element that ended the walk */
	struct store *store; /* with the profile as number 1, when it was installed; else empty */
};

/* without: the set of services that the card does not have. The caller closes the store. */
struct upp_outcome upp_install_octets(struct slice package, uint32_t without);
/* The package in upp_notation.h's form. */
struct upp_outcome upp_install(const char *text, uint32_t without);

#endif
