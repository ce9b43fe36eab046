/*
 * tlv: BER-TLV data objects under the DER rules (ISO 7816-4 5.2.2, X.690).
 *
 * Tags have one to three octets and are held as a number in wire order (0x5A, 0xBF2D, 0x9F70).
 * Lengths are definite, minimal and at most four octets after the first. Nesting is at most
 * TLV_DEPTH_MAX. Reading is by cursor, with its sticky failure; nothing is allocated.
 */
#ifndef TWINKEY_TLV_H
#define TWINKEY_TLV_H

#include "lib/base/bytes.h"

#define TLV_DEPTH_MAX 16

/* Universal tags of ASN.1 */
#define ASN1_BOOLEAN	      0x01u
#define ASN1_INTEGER	      0x02u
#define ASN1_BIT_STRING	      0x03u
#define ASN1_OCTET_STRING     0x04u
#define ASN1_NULL	      0x05u
#define ASN1_OID	      0x06u
#define ASN1_UTF8_STRING      0x0Cu
#define ASN1_PRINTABLE_STRING 0x13u
#define ASN1_UTC_TIME	      0x17u
#define ASN1_GENERALIZED_TIME 0x18u
#define ASN1_SEQUENCE	      0x30u
#define ASN1_SET	      0x31u
/* The context tags [n], primitive and constructed. */
#define ASN1_CONTEXT(n)	 (0x80u | (n))
#define ASN1_CONTEXTC(n) (0xA0u | (n))

struct tlv {
	uint32_t tag;
	struct slice value;
	struct slice raw; /* tag, length and value */
};

/* The next object. False at the end of the data and on failure (which is then in c->err). */
bool tlv_next(struct cursor *c, struct tlv *out);
/* Tag and length only; the value may not be there yet (streams). False as above. */
bool tlv_header(struct cursor *c, uint32_t *tag, size_t *value_len);
/* The tag of the next object without reading it, 0 at the end or on failure. */
uint32_t tlv_peek(const struct cursor *c);
/* Skips the next object, whatever its tag; it and its contents must be DER. */
void tlv_skip(struct cursor *c);
/* The value of the next object, which must carry this tag: ERR_TAG otherwise. */
struct slice tlv_expect(struct cursor *c, uint32_t tag);
/* Same with tag and length in front. */
struct slice tlv_expect_raw(struct cursor *c, uint32_t tag);
/* Reads the next object only if it carries this tag. */
bool tlv_optional(struct cursor *c, uint32_t tag, struct slice *value);
/* Into a constructed object: a cursor over its value. Close it with tlv_leave(). */
struct cursor tlv_enter(struct cursor *c, uint32_t tag);
/* Takes the failure of the inner cursor over into c; unread bytes inside are ERR_TRAILING. */
void tlv_leave(struct cursor *c, const struct cursor *inner);
/* Exactly one object with this tag fills s; its value goes to *value. */
enum err tlv_only(struct slice s, uint32_t tag, struct slice *value) MUST_CHECK;
/* Looks for the first object with this tag among the objects of s (one level). */
bool tlv_find(struct slice s, uint32_t tag, struct slice *value);

/*
 * As tlv_enter() and tlv_leave(), for a SEQUENCE that later versions may extend (X.680 7.2, 25.1).
 * The other readers, given the inner cursor, skip objects whose tags are not among known (0 ends
 * the list), which must outlive the cursor. What is skipped must be well formed, as deep as
 * tlv_enter() goes. A known object is never skipped: one that comes twice or in disorder meets a
 * reader that expects another tag.
 */
struct cursor tlv_enter_open(struct cursor *c, uint32_t tag, const uint32_t *known);
/* As cursor_done(), for a cursor with known tags: unknown objects may be left. */
enum err tlv_done(const struct cursor *c) MUST_CHECK;

/* The value of the next object as a DER INTEGER that is not negative and fits 63 bits. */
uint64_t tlv_expect_uint(struct cursor *c, uint32_t tag);
/* As a BOOLEAN (DER: 00 or FF). */
bool tlv_expect_bool(struct cursor *c, uint32_t tag);
/* As a BOOLEAN of BER (all but 00 is TRUE), for what no signature covers. */
bool tlv_expect_ber_bool(struct cursor *c, uint32_t tag);
/* The octets of an INTEGER as a number: ERR_ENCODING when not minimal, ERR_VALUE when negative. */
enum err tlv_uint(struct slice value, uint64_t *out) MUST_CHECK;
/* As a BIT STRING of at most 32 bits; bit 0 of ASN.1 is the top bit (1u << 31) of the result. */
enum err tlv_bits(struct slice value, uint32_t *out) MUST_CHECK;

/* Writers. tlv_open() writes the tag; tlv_close() puts the length in. Failure is sticky in w. */
size_t tlv_open(struct wbuf *w, uint32_t tag);
void tlv_close(struct wbuf *w, size_t mark);
void tlv_put(struct wbuf *w, uint32_t tag, struct slice value);
void tlv_put_uint(struct wbuf *w, uint32_t tag, uint64_t v);
void tlv_put_bool(struct wbuf *w, uint32_t tag, bool v);
void tlv_put_str(struct wbuf *w, uint32_t tag, const char *text);
/* A BIT STRING with named bits (DER: trailing zero bits are dropped); top bit first as above. */
void tlv_put_bits(struct wbuf *w, uint32_t tag, uint32_t bits);
/* Tag and length without the value, for a stream. */
void tlv_put_header(struct wbuf *w, uint32_t tag, size_t value_len);
/* Octets that tag and length of a value of this size take. */
size_t tlv_header_len(uint32_t tag, size_t value_len);

#endif
