#include "host/operator/audit/row.h"

#include "host/operator/db/db.h"
#include "lib/base/secret.h"

static void put_column(struct wbuf *w, const struct db_statement *st, int at)
{
	enum db_type type = db_type(st, at);
	struct slice value = SLICE_EMPTY;

	wbuf_u8(w, (uint8_t)type);
	if (type == DB_INTEGER) {
		wbuf_uint(w, (uint64_t)db_int(st, at), 8);
		return;
	}
	if (type != DB_NULL)
		value = db_bytes(st, at);
	wbuf_u32(w, (uint32_t)value.len);
	wbuf_put(w, value);
}

void row_image(const char *label, const struct db_statement *st, int columns, struct wbuf *image)
{
	wbuf_put(image, slice_str(label));
	for (int i = 0; i < columns; i++)
		put_column(image, st, i);
}

enum err row_image_mac(struct slice key, const struct wbuf *image, uint8_t mac[static SHA256_LEN])
{
	struct slice all = wbuf_slice(image);
	enum err e = wbuf_done(image);

	return e ? e : hmac_sha256(key, &all, 1, mac);
}

enum err row_mac(struct slice key, const char *label, const struct db_statement *st, int columns,
		 uint8_t mac[static SHA256_LEN])
{
	struct wbuf image = wbuf_grow(ROW_MAX);
	enum err e;

	row_image(label, st, columns, &image);
	e = row_image_mac(key, &image, mac);
	wbuf_free(&image);
	return e;
}

enum err row_check(struct slice key, const char *label, const struct db_statement *st, int columns)
{
	uint8_t mac[SHA256_LEN];
	enum err e = row_mac(key, label, st, columns, mac);

	if (e)
		return e;
	return secret_equal(db_bytes(st, columns), SLICE_OF(mac)) ? ERR_OK : ERR_CORRUPT;
}
