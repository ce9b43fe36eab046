#include "host/operator/cmd/shared/serve_tls.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/http/tls_pair.h"
#include "tool/cli/program.h"
#include "tool/pki/pki.h"
#include "tool/sys/file.h"
#include "tool/sys/secret_file.h"
#include "tool/sys/trouble.h"

#define PEM_MAX	  65536
#define WARN_DAYS 30
#define DAY_S	  86400

/* How near the end of the certificate is. */
enum stage { STAGE_FAR, STAGE_SOON, STAGE_OVER };

__attribute__((format(printf, 4, 5))) static enum err
trouble(struct serve_tls_trouble *t, enum err e, const char *option, const char *fmt, ...)
{
	va_list ap;

	t->option = option;
	va_start(ap, fmt);
	vsnprintf(t->what, sizeof(t->what), fmt, ap);
	va_end(ap);
	return e;
}

static enum err load_file(const char *path, bool secret, struct wbuf *w)
{
	return secret ? secret_file_read(path, tool_cancel(), w)
		      : file_read(path, tool_cancel(), w);
}

/* Into w, as a C string. */
static enum err load_pem(const char *path, const char *option, struct wbuf *w,
			 struct serve_tls_trouble *t)
{
	/* the group of those who serve may read a key of root's */
	enum err e = load_file(path, strcmp(option, SERVE_TLS_KEY) == 0, w);

	wbuf_u8(w, 0);
	if (!e)
		e = wbuf_done(w);
	if (e)
		return trouble(t, e, option, "cannot load '%s'", path);
	return ERR_OK;
}

static enum err check(const struct serve_tls *s, struct serve_tls_trouble *t)
{
	const char *cert = s->files->cert ? s->files->cert : "the certificate in pki/DPtls";
	const char *key = s->files->key ? s->files->key : "the key in pki/DPtls";

	switch (http_tls_check(&s->pem)) {
	case HTTP_TLS_GOOD: return ERR_OK;
	case HTTP_TLS_CERT: return trouble(t, ERR_CERT, SERVE_TLS_CERT, "no TLS with %s", cert);
	case HTTP_TLS_KEY: return trouble(t, ERR_KEY, SERVE_TLS_KEY, "no TLS with %s", key);
	case HTTP_TLS_PAIR:
		t->said = true;
		return trouble(t, ERR_KEY, SERVE_TLS_KEY,
			       "no TLS with %s and %s: they do not belong together", cert, key);
	case HTTP_TLS_CLIENT_CA: break;
	}
	t->said = true;
	return trouble(t, ERR_CERT, SERVE_TLS_CLIENT_CA, "no certificate of a CA in '%s'",
		       s->files->client_ca);
}

/* The operator's PKI has a TLS certificate of its own; OpenSSL's and GnuTLS' clients refuse
 * Brainpool. */
static enum err load_own_pair(struct serve_tls *s, struct serve_tls_trouble *t)
{
	enum err e = pki_cert_pem(cmd_dir, PKI_DP_TLS, EC_P256, &s->cert);

	if (!e)
		e = pki_key_pem(cmd_dir, PKI_DP_TLS, EC_P256, &s->key);
	wbuf_u8(&s->cert, 0);
	wbuf_u8(&s->key, 0);
	if (!e)
		e = wbuf_done(&s->cert);
	if (!e)
		e = wbuf_done(&s->key);
	return e ? trouble(t, e, NULL,
			   "cannot load the TLS key and certificate (pki/DPtls; or give "
			   "--tls-cert and --tls-key)")
		 : ERR_OK;
}

enum err serve_tls_read(const struct serve_tls_files *files, struct serve_tls *out,
			struct serve_tls_trouble *t)
{
	enum err e;

	*t = (struct serve_tls_trouble){.option = NULL};
	*out = (struct serve_tls){.files = files,
				  .key = wbuf_grow(PEM_MAX),
				  .cert = wbuf_grow(PEM_MAX),
				  .client_ca = wbuf_grow(PEM_MAX)};
	if (files->cert) {
		e = load_pem(files->cert, SERVE_TLS_CERT, &out->cert, t);
		if (!e)
			e = load_pem(files->key, SERVE_TLS_KEY, &out->key, t);
	} else {
		e = load_own_pair(out, t);
	}
	if (!e && files->client_ca)
		e = load_pem(files->client_ca, SERVE_TLS_CLIENT_CA, &out->client_ca, t);
	if (e)
		return e;
	out->pem = (struct http_tls){
		.key = (const char *)out->key.ptr,
		.cert = (const char *)out->cert.ptr,
		.client_ca = files->client_ca ? (const char *)out->client_ca.ptr : NULL,
	};
	return check(out, t);
}

int serve_tls_load(const struct serve_tls_files *files, struct serve_tls *out)
{
	struct serve_tls_trouble t;
	enum err e;

	*out = (struct serve_tls){.files = files};
	if (!files->cert != !files->key)
		return tool_usage("--tls-cert and --tls-key belong together");
	e = serve_tls_read(files, out, &t);
	if (!e)
		return TOOL_OK;
	return t.said ? tool_fail_said(e, "%s", t.what) : tool_fail(e, "%s", t.what);
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

struct http_tls_life serve_tls_life(const struct serve_tls *t)
{
	return life_of(t);
}

void serve_tls_reload(struct serve_tls *t)
{
	struct serve_tls fresh;
	struct serve_tls_trouble why;
	char at[CMD_TIME_CAP];
	enum err e;

	trouble_forget();
	e = serve_tls_read(t->files, &fresh, &why);
	if (!e)
		e = http_tls_pair_use(&fresh.pem);
	if (e) {
		tool_warn("SIGHUP: %s%s%s: the TLS certificate and key from before stay in use",
			  why.what, why.said || !*why.what ? "" : ": ",
			  why.said	   ? ""
			  : *trouble_of(e) ? trouble_of(e)
					   : err_text(e));
		serve_tls_free(&fresh);
		return;
	}
	serve_tls_free(t);
	*t = fresh;
	serve_tls_forget_key(t);
	tool_warn("SIGHUP: the TLS certificate is replaced; this one ends on %s",
		  cmd_time_text(life_of(t).until, at));
	serve_tls_begin(t);
}
