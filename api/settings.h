/*
 * settings: what the caller of libtwinkey.so wants, in the words of the card.
 */
#ifndef TWINKEY_API_SETTINGS_H
#define TWINKEY_API_SETTINGS_H

#include "card-emu/make/identity.h"
#include "card-emu/make/make.h"
#include "include/twinkey/card.h"

/* Both fill error on failure. from NULL: what a struct of zeros says. The result borrows from it.
 */
enum twinkey_code settings_options(const struct twinkey_options *from, struct card_options *to,
				   struct twinkey_error *error) MUST_CHECK;

/* A card to be made; begins as zeros, settings_free() in the end. */
struct settings {
	struct make_order order;
	struct identity_files files;
	struct simfile *sim;
	struct wbuf rules;
};
/* s->order.options is set already. */
enum twinkey_code settings_identity(const struct twinkey_identity *from, struct settings *s,
				    struct twinkey_error *error) MUST_CHECK;
void settings_free(struct settings *s);

#endif
