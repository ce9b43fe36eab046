/*
 * crl: certificate revocation lists, SGP.22 5.7.12.
 */
#ifndef TWINKEY_CARD_ISDR_CRL_H
#define TWINKEY_CARD_ISDR_CRL_H

#include "card-emu/apps/isdr/handler.h"

struct cert;

isdr_handler isdr_load_crl;

/* Whether a CRL of CI number ci (in the order of isdr_ci_certs()) names the certificate. */
bool isdr_crl_revoked(struct card *card, unsigned ci, const struct cert *c);

#endif
