#include "card-emu/cmd/identity.h"

#include <stdio.h>

#include "lib/base/bytes.h"
#include "lib/crypto/cert.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/ec_curve.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/secret_file.h"

#define FILE_LIMIT (64 * 1024)

static char where[PATH_CAP];

const char *identity_where(void)
{
	return where;
}

enum secrecy { PUBLIC_FILE, KEY_FILE };

struct reading {
	struct wbuf *files;
	size_t max, *count;
	enum secrecy secrecy;
};

static enum err read_one(void *ctx, const char *path)
{
	struct reading *r = ctx;
	struct wbuf *w = &r->files[*r->count];
	bool open_to_others = false;
	enum err e;

	snprintf(where, sizeof(where), "%s", path);
	if (*r->count == r->max)
		return ERR_SPACE;
	++*r->count;
	*w = wbuf_grow(FILE_LIMIT);
	if (r->secrecy == PUBLIC_FILE)
		return file_read(path, tool_cancel(), w);
	e = secret_file_read_test(path, tool_cancel(), w, &open_to_others);
	if (open_to_others)
		tool_warn("others can read or change '%s': good for a test key alone", path);
	return e;
}

static enum err read_each(struct reading *r, const struct tool_list *list)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < list->count && !e; i++)
		e = read_one(r, list->items[i]);
	return e;
}

enum err identity_read_list(const struct tool_list *list, struct wbuf *files, size_t max,
			    size_t *count)
{
	struct reading r = {files, max, count, PUBLIC_FILE};

	return read_each(&r, list);
}

enum err identity_read_keys(const struct tool_list *list, struct identity_files *f)
{
	struct reading r = {f->key, ARRAY_LEN(f->key), &f->key_count, KEY_FILE};

	return read_each(&r, list);
}

/* Some of the files in a folder of the PKI. */
struct kind {
	const char *folder, *prefix, *suffix;
	enum secrecy secrecy;
};

static enum err read_kind(const char *dir, const struct kind *k, struct wbuf *files, size_t max,
			  size_t *count)
{
	struct reading r = {files, max, count, k->secrecy};
	char path[PATH_CAP], pattern[64];
	enum err e = path_join(dir, k->folder, path, sizeof(path));

	snprintf(pattern, sizeof(pattern), "%s/%s*%s", k->folder, k->prefix, k->suffix);
	if (!e)
		e = path_join(dir, pattern, where, sizeof(where));
	return e ? e : file_each(path, k->prefix, k->suffix, read_one, &r);
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
	static const struct kind ci = {"CI", "CERT_", ".der", PUBLIC_FILE},
				 issuer = {"CertificateIssuer", "CERT_", ".der", PUBLIC_FILE},
				 euicc = {"eUICC", "CERT_", ".der", PUBLIC_FILE},
				 key = {"eUICC", "SK_", ".pem", KEY_FILE},
				 eum = {"EUM", "CERT_", ".der", PUBLIC_FILE};
	enum err e = read_kind(dir, &ci, f->ci, ARRAY_LEN(f->ci), &f->ci_count);

	if (e == ERR_NOT_FOUND)
		e = read_kind(dir, &issuer, f->ci, ARRAY_LEN(f->ci), &f->ci_count);
	if (!e)
		e = read_kind(dir, &euicc, f->euicc, ARRAY_LEN(f->euicc), &f->euicc_count);
	if (!e)
		e = read_kind(dir, &key, f->key, ARRAY_LEN(f->key), &f->key_count);
	if (!e)
		e = read_kind(dir, &eum, f->eum, ARRAY_LEN(f->eum), &f->eum_count);
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
