/*
 * make: a new card as a whole: its identity, a PKI of its own where it gets one, its SIM. What
 * `twinkey-card create` and libtwinkey.so make.
 */
#ifndef TWINKEY_CARD_MAKE_H
#define TWINKEY_CARD_MAKE_H

#include "card-emu/card.h"

struct identity_files;
struct simfile;

enum make_from {
	MAKE_FROM_FILES,    /* certificates and keys of files */
	MAKE_FROM_IDENTITY, /* those of identity */
	MAKE_OWN_PKI,	    /* a test PKI of the card's own (lib/rsp/pki.h), on both curves */
	MAKE_PLAIN,	    /* none: a SIM's carrier, to which no profile can be downloaded */
};

struct make_order {
	struct card_options options;
	enum make_from from;
	const struct identity_files *files;
	/* 32 digits; NULL: the certificates', or a random one where there is none yet */
	const char *eid;
	/* svn, rat and without are the caller's, and what it signs with under MAKE_FROM_IDENTITY.
	 * Otherwise the functions below set that, for themselves alone, and the EID. */
	struct card_identity identity;
	const struct simfile *sim; /* NULL: none */
};

/*
 * Makes the card in options.dir: beside its place, and moved there at once, so that nothing is ever
 * half there. A PKI of its own lies below dir/pki, with all keys: an operator can take it over. The
 * anchor is made last of all, and is gone when the card could not be made. Errors of card_create(),
 * card_install_sim(), identity_match(), file_new_dir(), file_place_dir(); ERR_ENCODING: no EID.
 */
enum err make_in_folder(struct make_order *order) MUST_CHECK;
/* The same in memory: opened, with nothing on any disk. The keys of its PKI's CI and EUM are gone.
 */
enum err make_in_memory(struct make_order *order, struct card **out) MUST_CHECK;

#endif
