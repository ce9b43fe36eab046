/*
 * limits: how large keys and values of the card's store may be, and the version of its folder.
 */
#ifndef TWINKEY_CARD_STORE_LIMITS_H
#define TWINKEY_CARD_STORE_LIMITS_H

#define STORE_KEY_MAX	64	    /* characters of a key */
#define STORE_VALUE_MAX (64 * 1024) /* octets of a value */
#define STORE_FORMAT	2 /* version of the folder; 1 is brought up, others: ERR_VERSION */

#endif
