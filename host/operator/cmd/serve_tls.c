#include "host/operator/cmd/serve_tls.h"

#include <stdio.h>

#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/http/tls_pair.h"
#include "tool/cli/program.h"
#include "tool/pki/pki.h"
#include "tool/sys/file.h"
#include "tool/sys/secret_file.h"

#define PEM_MAX	  65536
#define WARN_DAYS 30
#define DAY_S	  86400

/* How near the end of the certificate is. */
enum stage { STAGE_FAR, STAGE_SOON, STAGE_OVER };

static int load_file(const char *path, bool secret, struct wbuf *w)
{
	enum err e = secret ? secret_file_read(path, tool_cancel(), w)
			    : file_read(path, tool_cancel(), w);

	return e ? tool_fail(e, "cannot load '%s'", path) : TOOL_OK;
}

/* PEM text as a C string. */
static int end_text(struct wbuf *w)
{
	wbuf_u8(w, 0);
	return wbuf_done(w) ? tool_fail_said(ERR_SPACE, "a PEM file is too large") : TOOL_OK;
}

static int check(const struct serve_tls *t)
{
	const char *cert = t->files->cert ? t->files->cert : "the certificate in pki/DPtls";
	const char *key = t->files->key ? t->files->key : "the key in pki/DPtls";

	switch (http_tls_check(&t->pem)) {
	case HTTP_TLS_GOOD: return TOOL_OK;
	case HTTP_TLS_CERT: return tool_fail(ERR_CERT, "no TLS with %s", cert);
	case HTTP_TLS_KEY: return tool_fail(ERR_KEY, "no TLS with %s", key);
	case HTTP_TLS_PAIR:
		return tool_fail_said(ERR_KEY, "no TLS with %s and %s: they do not belong together",
				      cert, key);
	case HTTP_TLS_CLIENT_CA: break;
	}
	return tool_fail_said(ERR_CERT, "no certificate of a CA in '%s'", t->files->client_ca);
}

/* The operator's PKI has a TLS certificate of its own; OpenSSL's and GnuTLS' clients refuse
 * Brainpool. */
static int load_own_pair(struct serve_tls *t)
{
	enum err e = pki_cert_pem(cmd_dir, PKI_DP_TLS, EC_P256, &t->cert);

	if (!e)
		e = pki_key_pem(cmd_dir, PKI_DP_TLS, EC_P256, &t->key);
	return e ? tool_fail(e, "cannot load the TLS key and certificate (pki/DPtls; or give "
				"--tls-cert and --tls-key)")
		 : TOOL_OK;
}

static int load_texts(struct serve_tls *t)
{
	const struct serve_tls_files *files = t->files;
	int code;

	if (!files->cert != !files->key)
		return tool_usage("--tls-cert and --tls-key belong together");
	if (files->cert) {
		code = load_file(files->cert, false, &t->cert);
		if (!code) /* the group of those who serve may read one of root's */
			code = load_file(files->key, true, &t->key);
	} else {
		code = load_own_pair(t);
	}
	if (!code)
		code = end_text(&t->cert);
	if (!code)
		code = end_text(&t->key);
	if (!code && files->client_ca)
		code = load_file(files->client_ca, false, &t->client_ca);
	if (!code && files->client_ca)
		code = end_text(&t->client_ca);
	if (code)
		return code;
	t->pem = (struct http_tls){
		.key = (const char *)t->key.ptr,
		.cert = (const char *)t->cert.ptr,
		.client_ca = files->client_ca ? (const char *)t->client_ca.ptr : NULL,
	};
	return check(t);
}

int serve_tls_load(const struct serve_tls_files *files, struct serve_tls *out)
{
	*out = (struct serve_tls){.files = files,
				  .key = wbuf_grow(PEM_MAX),
				  .cert = wbuf_grow(PEM_MAX),
				  .client_ca = wbuf_grow(PEM_MAX)};
	return load_texts(out);
}

void serve_tls_free(struct serve_tls *t)
{
	wbuf_free(&t->key);
	wbuf_free(&t->cert);
	wbuf_free(&t->client_ca);
}

void serve_tls_forget_key(struct serve_tls *t)
{
	wbuf_free(&t->key);
	t->pem.key = NULL;
}

static const char *certificate_name(const struct serve_tls *t)
{
	return t->files->cert ? t->files->cert : "in pki/DPtls";
}

static struct http_tls_life life_of(const struct serve_tls *t)
{
	struct http_tls_life life;

	return http_tls_life(t->pem.cert, &life) ? (struct http_tls_life){0, INT64_MAX} : life;
}

void serve_tls_begin(struct serve_tls *t)
{
	struct http_tls_life life = life_of(t);
	char at[CMD_TIME_CAP];

	t->end = life.until;
	t->stage = STAGE_FAR;
	/* a certificate of tomorrow, or a clock of yesterday */
	if (cmd_now() < life.from)
		tool_warn("the TLS certificate %s is not valid before %s: nobody takes it until "
			  "then, unless this machine's clock is wrong",
			  certificate_name(t), cmd_time_text(life.from, at));
	serve_tls_look(t);
}

void serve_tls_look(struct serve_tls *t)
{
	int64_t left = t->end - cmd_now();
	int stage = left <= 0 ? STAGE_OVER : left <= WARN_DAYS * DAY_S ? STAGE_SOON : STAGE_FAR;
	char at[CMD_TIME_CAP];

	if (stage <= t->stage)
		return;
	t->stage = stage;
	tool_warn("the TLS certificate %s %s on %s: replace it and its key, then send SIGHUP",
		  certificate_name(t), stage == STAGE_OVER ? "expired" : "expires",
		  cmd_time_text(t->end, at));
}

void serve_tls_reload(struct serve_tls *t)
{
	struct serve_tls fresh;
	char at[CMD_TIME_CAP];

	if (serve_tls_load(t->files, &fresh) || http_tls_pair_use(&fresh.pem)) {
		tool_warn("SIGHUP: the TLS certificate and key from before stay in use");
		serve_tls_free(&fresh);
		return;
	}
	serve_tls_free(t);
	*t = fresh;
	serve_tls_forget_key(t);
	fprintf(stderr, "SIGHUP: the TLS certificate is replaced; this one ends on %s\n",
		cmd_time_text(life_of(t).until, at));
	serve_tls_begin(t);
}
