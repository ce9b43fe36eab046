#include "host/operator/pki/release_key.h"
#include "tool/pki/pki.h"

#include "tool/sys/file.h"
#include "tool/sys/path.h"

#define SPKI_MAX 256

enum err release_key_create(const char *dir)
{
	char path[PATH_CAP];
	struct wbuf spki = wbuf_grow(SPKI_MAX);
	struct ec_key *key = NULL;
	enum err e = path_join(dir, "release.key", path, sizeof(path));

	if (!e)
		e = ec_key_generate(EC_P256, &key);
	if (!e)
		e = pki_key_write(path, key);
	if (!e)
		e = path_join(dir, "release.pub", path, sizeof(path));
	if (!e) {
		ec_put_spki(&spki, EC_P256, ec_key_point(key));
		e = wbuf_done(&spki);
	}
	if (!e)
		e = file_write(path, wbuf_slice(&spki), 0644, NULL);
	wbuf_free(&spki);
	ec_key_free(&key);
	return e;
}

enum err release_key_load(const char *dir, struct ec_key **out)
{
	char path[PATH_CAP];
	enum err e = path_join(dir, "release.key", path, sizeof(path));

	return e ? e : pki_key_read(path, out);
}
