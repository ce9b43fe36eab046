#include "tool/pki/pki.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/base64.h"
#include "lib/crypto/cert.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/secret_file.h"

#define KEY_MAX 1024

static const struct part_row {
	const char *folder, *name; /* CERT_<name>_<curve>.der, SK_<name>_<curve>.pem */
} parts[PKI_PARTS] = {
	[PKI_CI] = {"CI", "CI_ECDSA"},
	[PKI_EUM] = {"EUM", "EUM_ECDSA"},
	[PKI_EUICC] = {"eUICC", "EUICC_ECDSA"},
	[PKI_DP_AUTH] = {"DPauth", "S_SM_DPauth_ECDSA"},
	[PKI_DP_PB] = {"DPpb", "S_SM_DPpb_ECDSA"},
	[PKI_DP_TLS] = {"DPtls", "S_SM_DP_TLS"},
};

static const char *curve_name(enum ec_curve curve)
{
	return curve == EC_P256 ? "NIST" : "BRP";
}

static enum err part_path(const char *dir, enum pki_part part, enum ec_curve curve, bool key,
			  char path[static PATH_CAP])
{
	const struct part_row *row = &parts[part];
	int n = snprintf(path, PATH_CAP, "%s/pki/%s/%s_%s_%s.%s", dir, row->folder,
			 key ? "SK" : "CERT", row->name, curve_name(curve), key ? "pem" : "der");

	return n > 0 && n < PATH_CAP ? ERR_OK : ERR_SPACE;
}

enum err pki_cert(const char *dir, enum pki_part part, enum ec_curve curve, struct wbuf *out)
{
	char path[PATH_CAP];
	enum err e = part_path(dir, part, curve, false, path);

	return e ? e : file_read(path, NULL, out);
}

enum err pki_key_read(const char *path, struct ec_key **out)
{
	struct wbuf w = wbuf_grow(KEY_MAX);
	enum err e = secret_file_read(path, NULL, &w);

	if (!e)
		e = ec_key_load(wbuf_slice(&w), out);
	wbuf_free(&w);
	return e;
}

enum err pki_key(const char *dir, enum pki_part part, enum ec_curve curve, struct ec_key **out)
{
	char path[PATH_CAP];
	enum err e = part_path(dir, part, curve, true, path);

	return e ? e : pki_key_read(path, out);
}

enum err pki_cert_pem(const char *dir, enum pki_part part, enum ec_curve curve, struct wbuf *out)
{
	struct wbuf der = wbuf_grow(PKI_CERT_MAX);
	enum err e = pki_cert(dir, part, curve, &der);

	if (!e)
		base64_put_pem(out, "CERTIFICATE", wbuf_slice(&der));
	wbuf_free(&der);
	return e ? e : wbuf_done(out);
}

enum err pki_key_pem(const char *dir, enum pki_part part, enum ec_curve curve, struct wbuf *out)
{
	char path[PATH_CAP];
	enum err e = part_path(dir, part, curve, true, path);

	return e ? e : secret_file_read(path, NULL, out);
}

enum err pki_key_write(const char *path, const struct ec_key *key)
{
	struct wbuf der = wbuf_grow(KEY_MAX), pem = wbuf_grow(KEY_MAX);
	enum err e = ec_key_save(key, &der);

	if (!e) {
		base64_put_pem(&pem, "PRIVATE KEY", wbuf_slice(&der));
		e = wbuf_done(&pem);
	}
	if (!e)
		e = file_replace(path, wbuf_slice(&pem), 0600, NULL);
	wbuf_free(&der);
	wbuf_free(&pem);
	return e;
}

struct making {
	const char *dir;
	struct pki_names names; /* those of a subscription manager */
	struct pki pki;
};

/* SM-DP+ programs look for the CI in a folder of this name. */
static enum err put_ci_again(const char *dir, const struct pki *p)
{
	char path[PATH_CAP];
	enum err e;
	int n = snprintf(path, sizeof(path), "%s/pki/CertificateIssuer", dir);

	if (n < 0 || n >= PATH_CAP)
		return ERR_SPACE;
	e = file_make_dir(path);
	n = snprintf(path, sizeof(path), "%s/pki/CertificateIssuer/CERT_CI_ECDSA_%s.der", dir,
		     curve_name(p->curve));
	if (n < 0 || n >= PATH_CAP)
		return ERR_SPACE;
	return e ? e : file_replace(path, wbuf_slice(&p->certs[PKI_CI]), 0644, NULL);
}

static enum err write_part(const char *dir, const struct pki *p, enum pki_part part)
{
	char path[PATH_CAP];
	int n = snprintf(path, sizeof(path), "%s/pki/%s", dir, parts[part].folder);
	enum err e = n > 0 && n < PATH_CAP ? file_make_dir(path) : ERR_SPACE;

	if (!e)
		e = part_path(dir, part, p->curve, false, path);
	if (!e)
		e = file_replace(path, wbuf_slice(&p->certs[part]), 0644, NULL);
	if (!e)
		e = part_path(dir, part, p->curve, true, path);
	return e ? e : pki_key_write(path, p->keys[part]);
}

enum err pki_write(const char *dir, const struct pki *p)
{
	char path[PATH_CAP];
	enum err e = path_join(dir, "pki", path, sizeof(path));

	if (!e)
		e = file_make_dir(path);
	for (int i = 0; !e && i < PKI_PARTS; i++) {
		if (p->certs[i].len)
			e = write_part(dir, p, (enum pki_part)i);
	}
	return !e && p->certs[PKI_CI].len ? put_ci_again(dir, p) : e;
}

static enum err make_part(struct making *m, enum pki_part part)
{
	enum err e = pki_issue(&m->pki, part, &m->names);

	return e ? e : write_part(m->dir, &m->pki, part);
}

static enum err making_start(struct making *m, const char *dir, enum ec_curve curve,
			     const char *smdp_address)
{
	char path[PATH_CAP];
	enum err e = path_join(dir, "pki", path, sizeof(path));

	*m = (struct making){.dir = dir,
			     .names = {.smdp_address = smdp_address, .now = (int64_t)time(NULL)}};
	pki_init(&m->pki, curve);
	return e ? e : file_make_dir(path);
}

enum err pki_create(const char *dir, enum ec_curve curve, const uint8_t eid[static 16],
		    const char *smdp_address)
{
	char digits[33];
	struct pki_names names = {
		.eid = digits, .smdp_address = smdp_address, .now = (int64_t)time(NULL)};
	struct pki p;
	enum err e = hex_encode(slice_make(eid, 16), digits, sizeof(digits));

	pki_init(&p, curve);
	for (int i = 0; !e && i < (smdp_address ? PKI_PARTS : PKI_DP_AUTH); i++)
		e = pki_issue(&p, (enum pki_part)i, &names);
	if (!e)
		e = pki_write(dir, &p);
	pki_free(&p);
	return e;
}

/* Certificate and key of the CI; ERR_NOT_FOUND: one of them is not there. */
static enum err load_ci(struct making *m)
{
	struct cert ci;
	enum err e = pki_cert(m->dir, PKI_CI, m->pki.curve, &m->pki.certs[PKI_CI]);

	if (!e)
		e = pki_key(m->dir, PKI_CI, m->pki.curve, &m->pki.keys[PKI_CI]);
	if (!e)
		e = cert_parse(wbuf_slice(&m->pki.certs[PKI_CI]), &ci);
	if (!e && !slice_equal(ec_key_point(m->pki.keys[PKI_CI]), cert_point(&ci)))
		e = ERR_KEY;
	return e;
}

/* Whether the part is missing; when it has run out is told. */
static enum err load_or_miss(struct making *m, enum pki_part part, int64_t now, bool *missing,
			     int64_t *ended)
{
	struct cert c;
	enum err e = pki_cert(m->dir, part, m->pki.curve, &m->pki.certs[part]);

	*missing = e == ERR_NOT_FOUND;
	if (e)
		return *missing ? ERR_OK : e;
	if (!cert_parse(wbuf_slice(&m->pki.certs[part]), &c) && now > c.not_after)
		*ended = c.not_after;
	return ERR_OK;
}

enum err pki_complete(const char *dir, enum ec_curve curve, const char *smdp_address, int64_t now,
		      struct pki_health *health)
{
	bool missing[PKI_PARTS] = {false}, any = false, lacks = false;
	struct pki_health h = {.ended = {0}};
	struct making m;
	enum err e = making_start(&m, dir, curve, smdp_address);

	for (int i = PKI_DP_AUTH; !e && i < PKI_PARTS; i++) {
		e = load_or_miss(&m, (enum pki_part)i, now, &missing[i], &h.ended[i]);
		lacks = lacks || missing[i];
		any = any || missing[i] || h.ended[i];
	}
	if (!e && any) {
		e = load_ci(&m);
		if (e && !lacks) { /* what has run out stays as it is */
			any = false;
			e = ERR_OK;
		}
	}
	for (int i = PKI_DP_AUTH; !e && any && i < PKI_PARTS; i++) {
		if (!missing[i] && !h.ended[i])
			continue;
		wbuf_cut(&m.pki.certs[i], 0);
		e = make_part(&m, (enum pki_part)i);
		h.renewed[i] = !e && !missing[i];
	}
	pki_free(&m.pki);
	*health = h;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}
