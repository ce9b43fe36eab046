/*
 * crl: the lists of certificates that the operator's CIs have revoked; what serve says of them
 * when it begins.
 */
#ifndef TWINKEY_OPERATOR_CMD_CRL_H
#define TWINKEY_OPERATOR_CMD_CRL_H

#include "lib/base/err.h"

/* Warns of lists of revoked certificates that are not good or have run out. */
enum err cmd_crl_warn(void) MUST_CHECK;

#endif
