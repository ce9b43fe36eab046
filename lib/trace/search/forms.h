/*
 * forms: a value in each form that it may stand in, as a pattern of half octets.
 *
 * Which forms there are follows from the kind of the value and its length alone, and so does the
 * length of each pattern: two values of one kind and length have the same forms, one by one. Who
 * replaces one value by another relies on that.
 *
 *	SEARCH_OCTETS	as they are, also half an octet off (from 5 octets on); with the halves of
 *			each octet swapped; both also from the last to the first. The first two in
 *			hex (also parted by blanks or colons; as they are in UCS-2, too), base64 and
 *			base64url at the three alignments.
 *	SEARCH_DIGITS	as text and BCD (the digits' order is that of the half octets, which begin
 *			anywhere); as semi-octets (TS 23.040 9.1.2.3) with the F of an odd count and
 *			without the last digit; as a mobile identity (TS 24.008 10.5.1.4, EF.IMSI):
 *			the first digit beside its type, and without the first digit. All of them in
 *			hex and base64.
 *	SEARCH_CODE	a PIN, PUK or ADM of 4 to 8 digits: in the 8 octets that a command has, with
 *			FF behind (TS 102 221 9.5.1), in hex and base64; one of 8 digits also as
 *			text and semi-octets; a shorter one in quotes or behind the word PIN.
 *			Nothing else: four digits stand everywhere by chance.
 *	SEARCH_TEXT	as it is, in UCS-2 and UTF-16 of either order, in the packed 7-bit alphabet
 *			(TS 23.038 6.1.2), in hex, base64 and base64url.
 *
 * A pattern that would be met by chance is weak, and nobody searches it: octets that are all the
 * same; fewer than 4 octets, 9 digits in half octets, 8 digits or 6 letters as text, 6 letters of
 * base64.
 */
#ifndef TWINKEY_TRACE_SEARCH_FORMS_H
#define TWINKEY_TRACE_SEARCH_FORMS_H

#include "lib/base/bytes.h"

#define SEARCH_VALUE_MAX   256 /* octets, digits or letters */
#define SEARCH_OCTETS_MIN  4
#define SEARCH_DIGITS_MIN  8
#define SEARCH_CODE_MIN	   4
#define SEARCH_CODE_MAX	   8
#define SEARCH_TEXT_MIN	   6
#define SEARCH_PATTERN_MAX (8 * SEARCH_VALUE_MAX + 32) /* half octets */

enum search_kind { SEARCH_OCTETS, SEARCH_DIGITS, SEARCH_CODE, SEARCH_TEXT };

/* How the octets of the value are made ... */
enum search_as {
	SEARCH_AS_IT_IS,
	SEARCH_AS_SWAPPED,
	SEARCH_AS_REVERSED,
	SEARCH_AS_REVERSED_SWAPPED,
	SEARCH_AS_TEXT,
	SEARCH_AS_BCD,
	SEARCH_AS_SEMI_OCTETS,
	SEARCH_AS_IDENTITY,
	SEARCH_AS_PADDED_CODE,
};

/* ... and how these stand in what is searched. */
enum search_in {
	SEARCH_IN_OCTETS,
	SEARCH_IN_HEX,
	SEARCH_IN_BASE64,
	SEARCH_IN_BASE64URL,
	SEARCH_IN_UCS2,
	SEARCH_IN_UCS2_HEX,
	SEARCH_IN_7_BIT,
};

struct search_form {
	enum search_as as;
	enum search_in in;
	unsigned shift; /* octets (base64) or bits (7-bit) in front of it in its group */
};

/* "octets, halves swapped, in hex" */
#define SEARCH_FORM_TEXT_MAX 64
void search_form_text(struct search_form form, char out[static SEARCH_FORM_TEXT_MAX]);

struct search_pattern {
	unsigned number; /* of the form, from 0 */
	struct search_form form;
	struct slice halves; /* each in an octet of its own */
	bool aligned;	     /* it begins with an octet */
	bool weak;
};

struct search_pattern_sink {
	void (*take)(void *ctx, const struct search_pattern *p);
	void *ctx;
};

/*
 * Gives all of them; value: octets, or digits and letters of ASCII. ERR_LENGTH: it is too short or
 * too long for its kind; ERR_VALUE: a digit is none.
 */
enum err search_forms(enum search_kind kind, struct slice value,
		      const struct search_pattern_sink *sink) MUST_CHECK;

#endif
