/*
 * fields: what the messages of the release are made of. For kra.c and grant.c alone.
 */
#ifndef TWINKEY_RELEASE_FIELDS_H
#define TWINKEY_RELEASE_FIELDS_H

#include "lib/base/tlv.h"

#define FIELDS_TAG_SIGNED    0xB0u
#define FIELDS_TAG_SIGNATURE 0x5F37u
#define FIELDS_TAG_OTPK	     0x5F49u /* a one-time public key */

/* Of a grant */
enum grant_tag { GR_KEY_ID = 0x80, GR_ICCID, GR_EID, GR_NONCE, GR_WRAPPED, GR_ELEMENTS = 0xA5 };

struct ec_key;

/* The value of the next object, which must have exactly n octets: as a copy, as a slice. */
void fields_copy(struct cursor *c, uint32_t tag, uint8_t *dst, size_t n);
struct slice fields_sized(struct cursor *c, uint32_t tag, size_t n);
uint32_t fields_u32(struct cursor *c, uint32_t tag);

/* The signed part of a message: a cursor for its fields, and the whole of it for the signature. */
struct cursor fields_enter_signed(struct cursor *in, struct slice *signed_part);
/* Appends the signature over what was written from mark on. */
enum err fields_sign(struct wbuf *w, size_t mark, const struct ec_key *key) MUST_CHECK;

#endif
