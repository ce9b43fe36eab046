#include "host/operator/cmd/serve/serve_env.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/cmd/shared/folder.h"
#include "host/operator/http/listen.h"
#include "tool/cli/say.h"
#include "tool/pki/pki.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/place.h"

#define CA_FILE	  "ca.pem"
#define PEM_MAX	  65536
#define LINES_MAX (ENVIRONMENT_MAX * PATH_CAP)

/* The CI's certificate where whoever calls the server can read it. */
static int add_ca(struct environment *env)
{
	struct wbuf pem = wbuf_grow(PEM_MAX);
	char *dir = realpath(cmd_dir, NULL);
	char path[PATH_CAP];
	enum err e = dir ? path_join(dir, CA_FILE, path, sizeof(path)) : ERR_NOT_FOUND;

	if (!e)
		e = pki_cert_pem(dir, PKI_CI, EC_P256, &pem);
	if (!e)
		e = file_replace(path, wbuf_slice(&pem), 0644, tool_cancel());
	if (!e)
		environment_add(env, "TWINKEY_CA", "%s", path);
	wbuf_free(&pem);
	free(dir);
	return e ? tool_fail(e, "cannot write the CI's certificate to '%s/" CA_FILE "'", cmd_dir)
		 : TOOL_OK;
}

/* For who works elsewhere, whole. */
static int add_socket(struct environment *env, const char *path)
{
	char *whole = realpath(path, NULL);

	if (!whole)
		return tool_fail(ERR_NOT_FOUND, "%s", path);
	environment_add(env, "TWINKEY_OPERATOR", "unix:%s", whole);
	free(whole);
	return TOOL_OK;
}

int serve_env_fill(struct environment *env, const struct serve_places *at)
{
	int code = TOOL_OK;

	environment_add(env, "TWINKEY_SMDP_ADDRESS", "%s", at->address);
	if (at->listen) {
		environment_add(env, "TWINKEY_SMDP_PORT", "%s", strrchr(at->listen, ':') + 1);
		environment_add(env, "TWINKEY_SMDP_CONNECT", "%s", at->listen);
	}
	if (at->listen && at->own_certificate)
		code = add_ca(env);
	if (code)
		return code;
	if (at->socket)
		return add_socket(env, at->socket);
	if (at->plain)
		environment_add(env, "TWINKEY_OPERATOR", "http://%s", at->plain);
	else if (http_is_loopback(at->listen))
		environment_add(env, "TWINKEY_OPERATOR", "https://%s", at->address);
	return TOOL_OK;
}

int serve_env_prepare(const char *file)
{
	int code = tool_may_write(file, true);
	struct place p;

	if (file && !code && place_find(file, &p) == ERR_OK && p.kind == PLACE_FILE)
		unlink(p.path);
	return code;
}

int serve_env_write(const char *file, const struct environment *env)
{
	struct wbuf lines = wbuf_grow(LINES_MAX);
	enum err e = environment_lines(env, &lines);

	if (!e && file)
		e = file_write(file, wbuf_slice(&lines), 0644, tool_cancel());
	wbuf_free(&lines);
	return e ? tool_fail(e, "cannot write '%s'", file ? file : "the environment") : TOOL_OK;
}

void serve_env_remove(const char *file, const struct environment *env)
{
	struct wbuf lines = wbuf_grow(LINES_MAX), there = wbuf_grow(LINES_MAX);
	struct place p;

	if (file && place_find(file, &p) == ERR_OK && p.kind == PLACE_FILE &&
	    environment_lines(env, &lines) == ERR_OK &&
	    file_read(p.path, tool_cancel(), &there) == ERR_OK &&
	    slice_equal(wbuf_slice(&lines), wbuf_slice(&there)))
		unlink(p.path);
	wbuf_free(&lines);
	wbuf_free(&there);
}
