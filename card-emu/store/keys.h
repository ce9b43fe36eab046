/*
 * keys: what lies where in the card's non-volatile memory. One table, for all who read or write it.
 *
 * A profile has a number n (1..STORE_PROFILES_MAX, two hex digits), free numbers are reused.
 * S marks a secret (store_put_secret).
 *
 *   euicc/eid            16 octets
 *   euicc/key[/<i>]    S PKCS#8 of SK.EUICC, the first signer without a number, as below
 *   euicc/cert[/<i>]     CERT.EUICC (DER)
 *   euicc/eum[/<i>]      CERT.EUM (DER)
 *   euicc/ci/<i>         CI certificates (DER)
 *   euicc/crl/<i>        CRL of CI i in force, see apps/isdr/crl.c; euicc/crlnew/<i>: parts of a
 * newer euicc/svn            version of SGP.22 to announce, 3 octets euicc/rat            rules
 * authorisation table, contents (lib/rsp/rat.h) euicc/without        services that the card does
 * not have, a set in 4 octets euicc/before         operational profile that was enabled before the
 * test profile, one octet euicc/ot/<i>       S one-time key: SM-DP+ OID (one octet of length
 * first), PKCS#8 euicc/otnext         the slot that is filled next, one octet euicc/dp default
 * SM-DP+ address p/<n>/meta           StoreMetadataRequest BF25 (DER), as it came p/<n>/dp
 * DpProprietaryData, contents of B8 p/<n>/signer         which signer its download used (one octet;
 * absent: the first) p/<n>/state          see struct profile_record in card-emu/profile/record.h
 *   p/<n>/f/<path>       one file; path: FIDs in hex from the MF or an ADF (3F00, 7FF0 = first ADF)
 *   p/<n>/pin/<ref>    S one global PIN with its PUK and their counters
 *   p/<n>/pin/<ref>/<df> S the same of a local PIN
 *   p/<n>/pins/<df>      the DF whose local PINs this one has
 *   p/<n>/aka/<sub>    S subscription sub (1 or 2, from 16: further applications): algorithm, K ...
 *   p/<n>/naa/<adf>      the number of the subscription whose key this application uses
 *   p/<n>/cdma/<adf>   S PE-CDMAParameter without its header
 *   p/<n>/header         the value of ProfileHeader
 *   p/<n>/app/<kind>/<aid> an application, as card-emu/profile/applist.h has it
 *   p/<n>/raw/<kind>/<aid> its element (of a security domain: S)
 *   p/<n>/sqn/<sub>      its SQN array
 *   p/<n>/sqnk/<print>   that of a key that was replaced; print: the key's fingerprint, in hex
 *   p/<n>/sealed         SealedElements (DER), as in the profile
 *   p/<n>/kra            highest keyId seen, active subscription
 *   i/<iccid>            the number of the profile with this ICCID (hex), one octet
 *   euicc/enabled        the number of the enabled profile, one octet, 0: none
 *   n/<seq>              pending notifications (DER), seq 8 hex digits; n/next: next seq
 */
#ifndef TWINKEY_CARD_STORE_KEYS_H
#define TWINKEY_CARD_STORE_KEYS_H

#define STORE_PROFILES_MAX    128

#define STORE_KEY_EID	      "euicc/eid"
#define STORE_KEY_CERT	      "euicc/cert"
#define STORE_KEY_EUM	      "euicc/eum"
#define STORE_KEY_SK	      "euicc/key"
#define STORE_KEY_CI	      "euicc/ci/%u"
#define STORE_PREFIX_CI	      "euicc/ci/"
#define STORE_KEY_CRL	      "euicc/crl/%u"
#define STORE_KEY_CRL_NEW     "euicc/crlnew/%u"
#define STORE_KEY_SVN	      "euicc/svn"
#define STORE_KEY_RAT	      "euicc/rat"
#define STORE_KEY_WITHOUT     "euicc/without"
#define STORE_KEY_BEFORE      "euicc/before"
#define STORE_KEY_OT	      "euicc/ot/%u"
#define STORE_KEY_OT_NEXT     "euicc/otnext"
#define STORE_KEY_DEFAULT_DP  "euicc/dp"
#define STORE_KEY_ENABLED     "euicc/enabled"
#define STORE_PREFIX_BY_ICCID "i/"
#define STORE_PREFIX_ALL      "p/"
#define STORE_PREFIX_N	      "p/%02x/"
#define STORE_KEY_META	      "p/%02x/meta"
#define STORE_KEY_DP	      "p/%02x/dp"
#define STORE_KEY_SIGNER      "p/%02x/signer"
#define STORE_KEY_STATE	      "p/%02x/state"
#define STORE_PREFIX_FILES    "p/%02x/f/"
#define STORE_KEY_PIN	      "p/%02x/pin/%02x"
#define STORE_PREFIX_PIN      "p/%02x/pin/"
#define STORE_KEY_PIN_LOCAL   "p/%02x/pin/%02x/%s"
#define STORE_KEY_PIN_SHARED  "p/%02x/pins/%s"
#define STORE_KEY_NAA	      "p/%02x/naa/%s"
#define STORE_KEY_CDMA	      "p/%02x/cdma/%s"
#define STORE_KEY_HEADER      "p/%02x/header"
#define STORE_KEY_APP	      "p/%02x/app/%u/%s"
#define STORE_PREFIX_APP      "p/%02x/app/"
#define STORE_KEY_APP_RAW     "p/%02x/raw/%u/%s"
#define STORE_KEY_AKA	      "p/%02x/aka/%u"
#define STORE_KEY_SQN	      "p/%02x/sqn/%u"
#define STORE_KEY_SQN_PAST    "p/%02x/sqnk/%s"
#define STORE_KEY_SEALED      "p/%02x/sealed"
#define STORE_KEY_KRA	      "p/%02x/kra"
#define STORE_PREFIX_NOTE     "n/"
#define STORE_KEY_NOTE	      "n/%08x"
#define STORE_KEY_NOTE_NEXT   "n/next"

#endif
