/*
 * sim: a SIM described by a text file (lib/profile/simfile.h), as an enabled profile of the card.
 */
#ifndef TWINKEY_CARD_SIM_H
#define TWINKEY_CARD_SIM_H

#include "lib/base/err.h"

struct simfile;
struct store;

/* Builds the profile package, installs and enables it. ERR_FULL: no profile number is free. */
enum err sim_install(struct store *s, const struct simfile *f) MUST_CHECK;

#endif
