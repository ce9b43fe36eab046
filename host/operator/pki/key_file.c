#include "host/operator/pki/key_file.h"

#include "lib/crypto/symmetric.h"
#include "tool/sys/file.h"

#define KEY_LEN	 32
#define FILE_LEN (KEY_LEN + 1) /* with the version; without in files of older versions */

enum err key_file_make(const char *path, struct key_file *out)
{
	*out = (struct key_file){.key = random_secret(KEY_LEN)};
	return out->key ? file_write(path, secret_slice(out->key), 0600, NULL) : ERR_MEMORY;
}

enum err key_file_read(const char *path, struct key_file *out)
{
	struct wbuf w = wbuf_grow(FILE_LEN);
	struct slice all;
	enum err e = file_read(path, NULL, &w);

	all = wbuf_slice(&w);
	*out = (struct key_file){.version = slice_at(all, KEY_LEN)};
	if (!e && all.len != KEY_LEN && all.len != FILE_LEN)
		e = ERR_CORRUPT;
	if (!e) {
		out->key = secret_copy(slice_sub(all, 0, KEY_LEN));
		e = out->key ? ERR_OK : ERR_MEMORY;
	}
	wbuf_free(&w);
	return e;
}

enum err key_file_tell(const char *path, struct key_file *k, int version)
{
	struct wbuf w = wbuf_grow(FILE_LEN);
	enum err e;

	if (k->version == version)
		return ERR_OK;
	wbuf_put(&w, secret_slice(k->key));
	wbuf_u8(&w, (uint8_t)version);
	e = wbuf_done(&w);
	if (!e)
		e = file_write(path, wbuf_slice(&w), 0600, NULL);
	if (!e)
		k->version = version;
	wbuf_free(&w);
	return e;
}
