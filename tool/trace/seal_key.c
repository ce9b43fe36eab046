#include "tool/trace/seal_key.h"

#include "lib/crypto/ec.h"
#include "lib/trace/seal/seal.h"
#include "tool/cli/say.h"
#include "tool/sys/file.h"
#include "tool/sys/secret_file.h"

#define FILE_MAX 4096

static enum err read_key(const char *path, struct cancel *cancel, struct ec_key **out)
{
	struct wbuf w = wbuf_grow(FILE_MAX);
	struct ec_key *key = NULL;
	enum err e = secret_file_read(path, cancel, &w);

	if (!e)
		e = ec_key_load(wbuf_slice(&w), &key);
	if (!e && ec_key_curve(key) != EC_P256)
		e = ERR_KEY;
	wbuf_free(&w);
	if (e)
		ec_key_free(&key);
	else
		*out = key;
	return e;
}

static enum err create_key(const char *path, struct cancel *cancel, struct ec_key **out)
{
	struct wbuf w = wbuf_grow(FILE_MAX);
	struct ec_key *key = NULL;
	enum err e = ec_key_generate(EC_P256, &key);

	if (!e)
		e = ec_key_save(key, &w);
	if (!e)
		e = file_create(path, wbuf_slice(&w), 0600, cancel);
	wbuf_free(&w);
	if (e)
		ec_key_free(&key);
	else
		*out = key;
	return e;
}

enum err seal_key_open(const char *path, struct cancel *cancel, struct ec_key **out, bool *made)
{
	enum err e = read_key(path, cancel, out);

	*made = false;
	if (e != ERR_NOT_FOUND)
		return e;
	e = create_key(path, cancel, out);
	*made = e == ERR_OK;
	return e == ERR_EXISTS ? read_key(path, cancel, out) : e; /* another one was faster */
}

int seal_key_of_option(const char *path, struct ec_key **out)
{
	uint8_t fingerprint[SHA256_LEN];
	char hex[2 * SHA256_LEN + 1];
	struct ec_key *key = NULL;
	bool made = false;
	enum err e;

	*out = NULL;
	if (!path)
		return TOOL_OK;
	e = seal_key_open(path, tool_cancel(), &key, &made);
	if (!e)
		e = seal_fingerprint(ec_key_point(key), fingerprint);
	if (!e)
		e = hex_encode(SLICE_OF(fingerprint), hex, sizeof(hex));
	if (e) {
		ec_key_free(&key);
		return tool_fail(e, "--seal %s", path);
	}
	tool_warn("the trace is sealed by %s key %s", made ? "a new" : "the", hex);
	*out = key;
	return TOOL_OK;
}
