/*
 * field: values of a file as text, put where they belong in a record. Readers are lenient in form
 * (blanks around, hex with blanks, colons or 0x) and strict in content; what is wrong is noted as a
 * fault of the field, and the value stays as it was. An empty value is none.
 */
#ifndef TWINKEY_OPERATOR_EXCHANGE_FIELD_H
#define TWINKEY_OPERATOR_EXCHANGE_FIELD_H

#include "host/operator/exchange/record.h"

struct field {
	struct exchange_list *list;
	unsigned number;
	const char *name; /* for the note */
	struct slice value;
};

void field_imsi(const struct field *f, char imsi[static IMSI_MAX + 1]);
/* A telephone number; "msisdn-" of 5G and a trailing blank are taken off. */
void field_msisdn(const struct field *f, char msisdn[static PROFILE_NUMBER_MAX + 1]);
/* 18 to 20 digits. The last of 19 should be a check digit: a warning where it is not. */
void field_iccid(const struct field *f, char iccid[static PROFILE_ICCID_TEXT]);
/* 16 or 32 octets in hex. */
void field_key(const struct field *f, struct exchange_key *out);
void field_amf(const struct field *f, struct exchange_half *out);
/* How a number is written: as the file's format has it, or to be seen by itself: 12 hex digits, hex
 * behind 0x, else decimal. */
enum field_base { FIELD_ANY, FIELD_DECIMAL, FIELD_HEX };
void field_sqn(const struct field *f, enum field_base base, struct exchange_half *out);
void field_algorithm(const struct field *f, enum aka_algorithm *out);
/* A decimal number from 0 to max. */
void field_uint(const struct field *f, unsigned max, unsigned *out);
void field_bool(const struct field *f, bool *out);
void field_text(const struct field *f, char *out, size_t cap);
/* Whether it is empty, but for blanks. */
bool field_is_empty(const struct field *f);

#endif
