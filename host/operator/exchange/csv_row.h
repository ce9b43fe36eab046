/*
 * csv_row: the columns of a table of subscribers, and rows of text in the manner of RFC 4180.
 */
#ifndef TWINKEY_OPERATOR_EXCHANGE_CSV_ROW_H
#define TWINKEY_OPERATOR_EXCHANGE_CSV_ROW_H

#include "lib/base/bytes.h"

/* In the order of an export. */
enum csv_column {
	CSV_IMSI,
	CSV_IMSI2,
	CSV_ICCID,
	CSV_MSISDN,
	CSV_MSISDN2,
	CSV_NAME,
	CSV_ALGORITHM,
	CSV_K,
	CSV_OP,
	CSV_OPC,
	CSV_AMF,
	CSV_SQN,
	CSV_IND_BITS,
	CSV_RES_BITS,
	CSV_ITERATIONS,
	CSV_ALGORITHM2,
	CSV_K2,
	CSV_OPC2,
	CSV_SQN2,
	CSV_IND_BITS2,
	CSV_RES_BITS2,
	CSV_ITERATIONS2,
	CSV_S,
	CSV_KEY_ID,
	CSV_DERIVED,
	CSV_IN_MEMORY,
	CSV_KEEP_FIRST,
	CSV_AUC_ID, /* of PyHSS: SQN is decimal there */
	CSV_COLUMNS
};
#define CSV_EXPORTED CSV_AUC_ID /* those before it, but for OP and AMF */
const char *csv_column_name(enum csv_column c);
/* In any case, by a name of ours or one that others have. CSV_COLUMNS: it is not known. */
enum csv_column csv_column_of(struct slice name);
bool csv_column_is_key(enum csv_column c);

/* Rows of a text. A field's octets stand in `mem` until the next row. */
#define CSV_FIELDS_MAX 64
struct csv_reader {
	struct slice rest;
	uint8_t separator;
	unsigned line, next_line; /* that the row begins in, from 1 */
	struct wbuf mem;	  /* grows; wiped by csv_reader_close() */
	size_t count;
	struct {
		size_t at, len;
	} fields[CSV_FIELDS_MAX];
};
void csv_reader_open(struct csv_reader *r, struct slice text);
void csv_reader_close(struct csv_reader *r);
/* The next row that is not empty. ERR_NOT_FOUND: the end; ERR_ENCODING: a quote is not closed, or
 * stands within a field; ERR_TRUNCATED: the last row has no end; ERR_SPACE: too many fields, or
 * one is too long. */
enum err csv_reader_row(struct csv_reader *r) MUST_CHECK;
struct slice csv_reader_field(const struct csv_reader *r, size_t i);

#endif
