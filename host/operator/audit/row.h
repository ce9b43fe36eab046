/*
 * row: rows that are authenticated: an HMAC-SHA256 over a label and the columns, with their types
 * and lengths. It shows that somebody else has written the row.
 */
#ifndef TWINKEY_OPERATOR_ROW_H
#define TWINKEY_OPERATOR_ROW_H

#include "lib/base/bytes.h"
#include "lib/crypto/symmetric.h"

struct db_statement;
struct hmac;

#define ROW_MAX (320u * 1024) /* octets of an image */

/*
 * The image of the row that st stands on, over which the HMAC is: label, then `columns` columns
 * from the first on; appended to image. A number is 9 octets of it: its type, and 8 of its value.
 */
void row_image(const char *label, const struct db_statement *st, int columns, struct wbuf *image);
/* The same of values that are to be a row's. */
void row_put_int(struct wbuf *image, int64_t v);
void row_put_bytes(struct wbuf *image, struct slice v);
enum err row_image_mac(struct hmac *key, const struct wbuf *image,
		       uint8_t mac[static SHA256_LEN]) MUST_CHECK;
enum err row_mac(struct hmac *key, const char *label, const struct db_statement *st, int columns,
		 uint8_t mac[static SHA256_LEN]) MUST_CHECK;
/* Whether the HMAC is in the column after them: ERR_CORRUPT if not. */
enum err row_check(struct hmac *key, const char *label, const struct db_statement *st,
		   int columns) MUST_CHECK;

#endif
