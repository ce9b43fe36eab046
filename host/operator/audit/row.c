#include "host/operator/audit/row.h"

#include "host/operator/db/db.h"
#include "lib/base/secret.h"

static void put_value(struct wbuf *w, enum db_type type, struct slice v)
{
	wbuf_u8(w, (uint8_t)type);
	wbuf_u32(w, (uint32_t)v.len);
	wbuf_put(w, v);
}

void row_put_int(struct wbuf *image, int64_t v)
{
	wbuf_u8(image, DB_INTEGER);
	wbuf_uint(image, (uint64_t)v, 8);
}

void row_put_bytes(struct wbuf *image, struct slice v)
{
	put_value(image, DB_BYTES, v);
}

void row_image(const char *label, const struct db_statement *st, int columns, struct wbuf *image)
{
	wbuf_put(image, slice_str(label));
	for (int i = 0; i < columns; i++) {
		enum db_type type = db_type(st, i);

		if (type == DB_INTEGER)
			row_put_int(image, db_int(st, i));
		else
			put_value(image, type, type == DB_NULL ? SLICE_EMPTY : db_bytes(st, i));
	}
}

enum err row_image_mac(struct hmac *key, const struct wbuf *image, uint8_t mac[static SHA256_LEN])
{
	struct slice all = wbuf_slice(image);
	enum err e = wbuf_done(image);

	return e ? e : hmac_sum(key, &all, 1, mac);
}

enum err row_mac(struct hmac *key, const char *label, const struct db_statement *st, int columns,
		 uint8_t mac[static SHA256_LEN])
{
	struct wbuf image = wbuf_grow(ROW_MAX);
	enum err e;

	row_image(label, st, columns, &image);
	e = row_image_mac(key, &image, mac);
	wbuf_free(&image);
	return e;
}

enum err row_check(struct hmac *key, const char *label, const struct db_statement *st, int columns)
{
	uint8_t mac[SHA256_LEN];
	enum err e = row_mac(key, label, st, columns, mac);

	if (e)
		return e;
	return secret_equal(db_bytes(st, columns), SLICE_OF(mac)) ? ERR_OK : ERR_CORRUPT;
}
