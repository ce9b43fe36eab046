#include "card-emu/cmd_identity.h"

#include <glob.h>
#include <stdio.h>

#include "lib/crypto/cert.h"
#include "tool/file.h"

#define FILE_LIMIT  (64 * 1024)
#define PATTERN_CAP 4096

static char where[PATTERN_CAP];

const char *identity_where(void)
{
	return where;
}

static enum err read_one(const char *path, struct wbuf *files, size_t max, size_t *count)
{
	snprintf(where, sizeof(where), "%s", path);
	if (*count == max)
		return ERR_SPACE;
	files[*count] = wbuf_grow(FILE_LIMIT);
	return file_read(path, &files[(*count)++]);
}

enum err identity_read_list(const struct tool_list *list, struct wbuf *files, size_t max,
			    size_t *count)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < list->count && !e; i++)
		e = read_one(list->items[i], files, max, count);
	return e;
}

static enum err read_matches(const char *dir, const char *pattern, struct wbuf *files, size_t max,
			     size_t *count)
{
	char path[PATTERN_CAP];
	glob_t found = {0};
	enum err e = file_join(dir, pattern, path, sizeof(path));

	if (e)
		return e;
	snprintf(where, sizeof(where), "%s", path);
	if (glob(path, 0, NULL, &found) != 0)
		e = ERR_NOT_FOUND;
	for (size_t i = 0; i < found.gl_pathc && !e; i++)
		e = read_one(found.gl_pathv[i], files, max, count);
	globfree(&found);
	return e;
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
	enum err e = read_matches(dir, "CI/CERT_*.der", f->ci, ARRAY_LEN(f->ci), &f->ci_count);

	if (e == ERR_NOT_FOUND)
		e = read_matches(dir, "CertificateIssuer/CERT_*.der", f->ci, ARRAY_LEN(f->ci),
				 &f->ci_count);
	if (!e)
		e = read_matches(dir, "eUICC/CERT_*.der", f->euicc, ARRAY_LEN(f->euicc),
				 &f->euicc_count);
	if (!e)
		e = read_matches(dir, "eUICC/SK_*.pem", f->key, ARRAY_LEN(f->key), &f->key_count);
	if (!e)
		e = read_matches(dir, "EUM/CERT_*.der", f->eum, ARRAY_LEN(f->eum), &f->eum_count);
	if (!e)
		drop_same_keys(f);
	return e;
}

static enum err find_key(const struct identity_files *f, const struct cert *c, struct slice *out)
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
			e = find_key(f, &c, &s.euicc_key);
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
