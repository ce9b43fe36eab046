/*
 * network: the names of serving networks that keys are bound to.
 *
 * A PLMN is 5 or 6 digits, MCC and MNC.
 */
#ifndef TWINKEY_OPERATOR_AUC_NETWORK_H
#define TWINKEY_OPERATOR_AUC_NETWORK_H

#include "lib/base/bytes.h"

#define NETWORK_PLMN_LEN 3
#define NETWORK_NAME_MAX 255 /* octets: of an access network name (TS 24.302) */
#define NETWORK_NAME_CAP (NETWORK_NAME_MAX + 1)

/* As TS 24.008 10.5.1.13 codes it: the SN id of KASME. ERR_VALUE: it is none. */
enum err network_plmn(const char *digits, uint8_t plmn[static NETWORK_PLMN_LEN]) MUST_CHECK;
/* "5G:mnc001.mcc001.3gppnetwork.org" (TS 24.501 9.12.1). ERR_VALUE. */
enum err network_name_of(const char *digits, char name[static NETWORK_NAME_CAP]) MUST_CHECK;
/* Whether it is such a name; a network of somebody's own has ":" and its NID, 11 hex digits, behind
 * it. */
bool network_is_5g(const char *name);
/* Whether it can be an access network's name (TS 33.402, RFC 9048): printable, without spaces. */
bool network_is_name(const char *name);

#endif
