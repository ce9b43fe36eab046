/*
 * rsp: what the messages of SGP.22 v2 share: tags, lengths and named bits.
 *
 * Conventions of es10a, es10b, es10c and es8p: INTERFACE_parse_MESSAGE() takes one whole data
 * object (tag and length included), refuses trailing bytes and hands out slices that borrow from
 * it; INTERFACE_put_MESSAGE() appends the whole data object to a wbuf (sticky failure). An OPTIONAL
 * field that is absent is a slice whose ptr is NULL. Fields named *_raw are the whole data object
 * as it came, because that is what was signed.
 *
 * The module has AUTOMATIC TAGS: a SEQUENCE none of whose fields carries a tag gets [0], [1] ...;
 * one that carries a tag somewhere keeps the universal tags of the others.
 */
#ifndef TWINKEY_RSP_RSP_H
#define TWINKEY_RSP_RSP_H

#include "lib/bytes.h"
#include "lib/tlv.h"

#define SGP22_TAG_EUICC_INFO1		      0xBF20u
#define SGP22_TAG_PREPARE_DOWNLOAD	      0xBF21u
#define SGP22_TAG_EUICC_INFO2		      0xBF22u
#define SGP22_TAG_INITIALISE_SECURE_CHANNEL   0xBF23u
#define SGP22_TAG_CONFIGURE_ISDP	      0xBF24u
#define SGP22_TAG_STORE_METADATA	      0xBF25u
#define SGP22_TAG_REPLACE_SESSION_KEYS	      0xBF26u
#define SGP22_TAG_INSTALLATION_RESULT_DATA    0xBF27u
#define SGP22_TAG_LIST_NOTIFICATION	      0xBF28u
#define SGP22_TAG_SET_NICKNAME		      0xBF29u
#define SGP22_TAG_RETRIEVE_NOTIFICATIONS      0xBF2Bu
#define SGP22_TAG_PROFILES_INFO		      0xBF2Du
#define SGP22_TAG_EUICC_CHALLENGE	      0xBF2Eu
#define SGP22_TAG_NOTIFICATION_METADATA	      0xBF2Fu
#define SGP22_TAG_NOTIFICATION_SENT	      0xBF30u
#define SGP22_TAG_ENABLE_PROFILE	      0xBF31u
#define SGP22_TAG_DISABLE_PROFILE	      0xBF32u
#define SGP22_TAG_DELETE_PROFILE	      0xBF33u
#define SGP22_TAG_MEMORY_RESET		      0xBF34u
#define SGP22_TAG_LOAD_CRL		      0xBF35u
#define SGP22_TAG_BOUND_PROFILE_PACKAGE	      0xBF36u
#define SGP22_TAG_PROFILE_INSTALLATION_RESULT 0xBF37u
#define SGP22_TAG_AUTHENTICATE_SERVER	      0xBF38u
#define SGP22_TAG_CONFIGURED_ADDRESSES	      0xBF3Cu
#define SGP22_TAG_EUICC_DATA		      0xBF3Eu
#define SGP22_TAG_SET_DEFAULT_DP_ADDRESS      0xBF3Fu
#define SGP22_TAG_CANCEL_SESSION	      0xBF41u
#define SGP22_TAG_GET_RAT		      0xBF43u

#define SGP22_TAG_SIGNATURE		      0x5F37u
#define SGP22_TAG_OTPK			      0x5F49u
#define SGP22_TAG_AID			      0x4Fu
#define SGP22_TAG_ICCID			      0x5Au /* and the EID in BF3E */
#define SGP22_TAG_TAG_LIST		      0x5Cu
#define SGP22_TAG_PROFILE_INFO		      0xE3u
#define SGP22_TAG_PROFILE_STATE		      0x9F70u
#define SGP22_TAG_NICKNAME		      0x90u
#define SGP22_TAG_SERVICE_PROVIDER	      0x91u
#define SGP22_TAG_PROFILE_NAME		      0x92u
#define SGP22_TAG_ICON_TYPE		      0x93u
#define SGP22_TAG_ICON			      0x94u
#define SGP22_TAG_PROFILE_CLASS		      0x95u
#define SGP22_TAG_NOTIFICATION_CONFIG	      0xB6u
#define SGP22_TAG_PROFILE_OWNER		      0xB7u
#define SGP22_TAG_DP_PROPRIETARY	      0xB8u
#define SGP22_TAG_PPR			      0x99u
#define SGP22_TAG_SERVICE_DATA		      0xBF22u /* serviceSpecificDataStoredInEuicc */

#define RSP_CHALLENGE_LEN		      16
#define RSP_TRANSACTION_ID_MAX		      16
#define RSP_EID_LEN			      16
#define RSP_ICCID_LEN			      10
#define RSP_VERSION_LEN			      3
#define RSP_HASH_LEN			      32
#define RSP_ADDRESS_MAX			      255

/* Named bits, as tlv_bits() gives them: bit 0 is the top bit. */
#define RSP_BIT(n)	  (0x80000000u >> (n))
#define RSP_EVENT_INSTALL RSP_BIT(0)
#define RSP_EVENT_ENABLE  RSP_BIT(1)
#define RSP_EVENT_DISABLE RSP_BIT(2)
#define RSP_EVENT_DELETE  RSP_BIT(3)
#define RSP_PPR1	  RSP_BIT(1) /* disabling is not allowed */
#define RSP_PPR2	  RSP_BIT(2) /* deletion is not allowed */
#define RSP_PPR3	  RSP_BIT(3) /* deletion is required on disabling: not in force any more */

/* A lone request such as BF20 00: the tag with nothing in it. */
enum err rsp_parse_empty(struct slice der, uint32_t tag) MUST_CHECK;
/* { INTEGER [0] } under tag: the answer of most ES10 functions. */
enum err rsp_parse_result(struct slice der, uint32_t tag, uint32_t *result) MUST_CHECK;
void rsp_put_result(struct wbuf *w, uint32_t tag, uint32_t result);

/* Readers that also check a length range; failures go to the cursor. */
struct slice rsp_expect_range(struct cursor *c, uint32_t tag, size_t min, size_t max);
bool rsp_optional_range(struct cursor *c, uint32_t tag, size_t min, size_t max, struct slice *out);
uint32_t rsp_expect_bits(struct cursor *c, uint32_t tag);
/* An optional field is written only when it is there. */
void rsp_put_optional(struct wbuf *w, uint32_t tag, struct slice value);

/* The contents of a UTF8String: ERR_VALUE when it is no UTF-8, ERR_LENGTH for more than max
 * characters, as X.680 counts them. */
enum err rsp_check_text(struct slice text, size_t max) MUST_CHECK;

/* As tlv_leave(), but what a later version added at the end is passed over: the module has
 * EXTENSIBILITY IMPLIED. It must be whole data objects. */
void rsp_leave(struct cursor *c, struct cursor *inner);

/* SEQUENCE OF SubjectKeyIdentifier, given without its outer tag. */
bool rsp_key_ids_have(struct slice list, struct slice key_id);

#endif
