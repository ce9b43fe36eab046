/*
 * install_secrets: the PINs and keys of a package. For card-emu/profile/install.c alone.
 */
#ifndef TWINKEY_CARD_INSTALL_SECRETS_H
#define TWINKEY_CARD_INSTALL_SECRETS_H

#include "lib/profile/interpret/interpret.h"

struct install;
struct install_pin;

/* For struct profile_sink; ctx is a struct install. */
enum pe_status install_puk(void *ctx, const struct profile_puk *p);
enum pe_status install_pin(void *ctx, const struct profile_pin *p);
enum pe_status install_pin_share(void *ctx, const char *df, const char *with);
enum pe_status install_aka(void *ctx, const struct profile_aka *a);
enum pe_status install_cdma(void *ctx, const struct profile_cdma *c);

/* The PIN that a reference means at path. NULL: there is none. */
const struct install_pin *install_find_pin(const struct install *in, const char *path, uint8_t ref);

#endif
