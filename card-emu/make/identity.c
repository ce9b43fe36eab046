#include "card-emu/make/identity.h"

#include <stdio.h>

#include "lib/base/bytes.h"
#include "lib/crypto/cert.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/ec_curve.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/secret_file.h"

#define FILE_LIMIT (64 * 1024)

static struct wbuf *next_place(struct identity_files *f, enum identity_kind kind)
{
	const struct {
		struct wbuf *files;
		size_t max, *count;
	} kinds[] = {[IDENTITY_EUICC] = {f->euicc, ARRAY_LEN(f->euicc), &f->euicc_count},
		     [IDENTITY_KEY] = {f->key, ARRAY_LEN(f->key), &f->key_count},
		     [IDENTITY_EUM] = {f->eum, ARRAY_LEN(f->eum), &f->eum_count},
		     [IDENTITY_CI] = {f->ci, ARRAY_LEN(f->ci), &f->ci_count}};

	return *kinds[kind].count == kinds[kind].max ? NULL
						     : &kinds[kind].files[(*kinds[kind].count)++];
}

enum err identity_read_file(struct identity_files *f, enum identity_kind kind, const char *path)
{
	struct wbuf *w = next_place(f, kind);
	bool open_to_others = false;
	enum err e;

	snprintf(f->where, sizeof(f->where), "%s", path);
	if (!w)
		return ERR_SPACE;
	*w = wbuf_grow(FILE_LIMIT);
	if (kind != IDENTITY_KEY)
		return file_read(path, f->cancel, w);
	e = secret_file_read_test(path, f->cancel, w, &open_to_others);
	if (open_to_others && f->open_to_others)
		f->open_to_others(path);
	return e;
}

struct reading {
	struct identity_files *files;
	enum identity_kind kind;
};

static enum err read_one(void *ctx, const char *path)
{
	struct reading *r = ctx;

	return identity_read_file(r->files, r->kind, path);
}

/* Some of the files in a folder of the PKI. */
static enum err read_kind(struct identity_files *f, enum identity_kind kind, const char *dir,
			  const char *folder)
{
	struct reading r = {f, kind};
	const char *prefix = kind == IDENTITY_KEY ? "SK_" : "CERT_";
	const char *suffix = kind == IDENTITY_KEY ? ".pem" : ".der";
	char path[PATH_CAP], pattern[64];
	enum err e = path_join(dir, folder, path, sizeof(path));

	snprintf(pattern, sizeof(pattern), "%s/%s*%s", folder, prefix, suffix);
	if (!e)
		e = path_join(dir, pattern, f->where, sizeof(f->where));
	return e ? e : file_each(path, prefix, suffix, read_one, &r);
}

/* SGP.26's folder has the CI's certificate in two issues with one key. */
static void drop_same_keys(struct identity_files *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->ci_count; i++) {
		struct cert c, other;
		bool same = false;

		for (size_t k = 0; k < kept && cert_parse(wbuf_slice(&f->ci[i]), &c) == ERR_OK; k++)
			same = same || (cert_parse(wbuf_slice(&f->ci[k]), &other) == ERR_OK &&
					slice_equal(cert_key_id(&c), cert_key_id(&other)));
		if (same)
			wbuf_free(&f->ci[i]);
		else
			f->ci[kept++] = f->ci[i];
	}
	f->ci_count = kept;
}

enum err identity_read_folder(const char *dir, struct identity_files *f)
{
	enum err e = read_kind(f, IDENTITY_CI, dir, "CI");

	if (e == ERR_NOT_FOUND)
		e = read_kind(f, IDENTITY_CI, dir, "CertificateIssuer");
	if (!e)
		e = read_kind(f, IDENTITY_EUICC, dir, "eUICC");
	if (!e)
		e = read_kind(f, IDENTITY_KEY, dir, "eUICC");
	if (!e)
		e = read_kind(f, IDENTITY_EUM, dir, "EUM");
	if (!e)
		drop_same_keys(f);
	return e;
}

static enum err find_key_of(const struct identity_files *f, const struct cert *c, struct slice *out)
{
	enum err e = ERR_KEY;

	for (size_t i = 0; i < f->key_count && e; i++) {
		struct slice encoded = wbuf_slice(&f->key[i]);
		struct ec_key *key = NULL;

		if (ec_key_load(encoded, &key) == ERR_OK && ec_key_curve(key) == c->curve &&
		    slice_equal(ec_key_point(key), cert_point(c))) {
			*out = encoded;
			e = ERR_OK;
		}
		ec_key_free(&key);
	}
	return e;
}

static enum err find_eum(const struct identity_files *f, const struct cert *c, struct slice *out)
{
	for (size_t i = 0; i < f->eum_count; i++) {
		struct cert eum;

		if (cert_parse(wbuf_slice(&f->eum[i]), &eum) ||
		    !slice_equal(cert_key_id(&eum), cert_authority_id(c)))
			continue;
		*out = wbuf_slice(&f->eum[i]);
		return ERR_OK;
	}
	return ERR_CERT_UNTRUSTED;
}

enum err identity_match(const struct identity_files *f, struct card_identity *id)
{
	size_t n = 0;
	enum err e = ERR_OK;

	for (enum ec_curve curve = EC_P256; curve <= EC_BP256R1; curve++) {
		for (size_t i = 0; i < f->euicc_count && !e; i++) {
			struct card_signer s = {.euicc_cert = wbuf_slice(&f->euicc[i])};
			struct cert c;

			e = cert_parse(s.euicc_cert, &c);
			if (e || c.curve != curve)
				continue;
			e = find_key_of(f, &c, &s.euicc_key);
			if (!e)
				e = find_eum(f, &c, &s.eum_cert);
			id->signers[n++] = s;
		}
	}
	for (size_t i = 0; i < f->ci_count; i++)
		id->ci_certs[i] = wbuf_slice(&f->ci[i]);
	return e;
}

void identity_free(struct identity_files *f)
{
	struct wbuf *all[] = {f->euicc, f->key, f->eum, f->ci};
	size_t counts[] = {f->euicc_count, f->key_count, f->eum_count, f->ci_count};

	for (size_t k = 0; k < ARRAY_LEN(all); k++) {
		for (size_t i = 0; i < counts[k]; i++)
			wbuf_free(&all[k][i]);
	}
	*f = (struct identity_files){0};
}
