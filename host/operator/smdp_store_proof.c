/*
 * smdp_store_proof: what of the manager's rows is not sealed is authenticated. A profile's row
 * belongs to the last entry of the log about it, as a subscriber's does (docs/adr/0012).
 */
#include "host/operator/smdp_store_sql.h"

#define ROW_MAX (SMDP_UPP_MAX + 4096)

static void put_column(struct wbuf *w, sqlite3_stmt *st, int at)
{
	int type = sqlite3_column_type(st, at);
	struct slice value = SLICE_EMPTY;

	wbuf_u8(w, (uint8_t)type);
	if (type == SQLITE_INTEGER) {
		wbuf_uint(w, (uint64_t)sqlite3_column_int64(st, at), 8);
		return;
	}
	if (type != SQLITE_NULL)
		value = sql_column(st, at);
	wbuf_u32(w, (uint32_t)value.len);
	wbuf_put(w, value);
}

enum err manager_row_mac(struct smdp_store *s, const char *label, sqlite3_stmt *st, int columns,
			 uint8_t mac[static SHA256_LEN])
{
	struct wbuf w = wbuf_grow(ROW_MAX);
	struct slice all;
	enum err e;

	wbuf_put(&w, slice_str(label));
	for (int i = 0; i < columns; i++)
		put_column(&w, st, i);
	all = wbuf_slice(&w);
	e = wbuf_done(&w);
	if (!e)
		e = hmac_sha256(secret_slice(s->head_key), &all, 1, mac);
	wbuf_free(&w);
	return e;
}

enum err manager_row_check(struct smdp_store *s, const char *label, sqlite3_stmt *st, int columns)
{
	uint8_t mac[SHA256_LEN];
	enum err e = manager_row_mac(s, label, st, columns, mac);

	if (e)
		return e;
	return secret_equal(sql_column(st, columns), SLICE_OF(mac)) ? ERR_OK : ERR_CORRUPT;
}
