#include "host/cmd/shared/keyfile.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/auth/aka.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/secret_file.h"

static uint64_t sqn_of(struct slice s)
{
	struct cursor c = cursor_of(s);

	return cursor_uint(&c, s.len);
}

/* Beside standard input or a pipe there is no place for a number. */
static bool is_file(const char *path)
{
	struct stat st;

	return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* The number kept beside the file, where there is one. */
static enum err stored_sqn(const char *path, uint64_t *sqn)
{
	char name[PATH_CAP], text[2 * AKA_SQN_LEN + 2];
	struct wbuf w = wbuf_init((uint8_t *)text, sizeof(text) - 1);
	uint8_t octets[AKA_SQN_LEN];
	enum err e;

	if (!is_file(path))
		return ERR_OK;
	snprintf(name, sizeof(name), "%s.sqn", path);
	e = file_may_write(name, true); /* a number that was used must be kept */
	if (!e)
		e = file_read(name, NULL, &w);
	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	if (e)
		return e;
	text[w.len] = 0;
	text[strcspn(text, "\n")] = 0;
	if (hex_decode_exact(text, octets, sizeof(octets)))
		return ERR_CORRUPT;
	*sqn = sqn_of(SLICE_OF(octets));
	return ERR_OK;
}

/* What the card that the file describes computes with. */
static enum err take_key(const struct simfile *f, struct keyfile *k)
{
	struct aka_parameters p = profile_spec_aka(&f->spec);

	k->ind_bits = aka_ind_bits(&f->spec.shape);
	k->sqn = f->sqn;
	memcpy(k->amf, f->amf, sizeof(k->amf));
	return aka_key_make(&p, &k->key);
}

enum err keyfile_open(const char *path, struct cancel *cancel, struct keyfile *out,
		      struct simfile_error *why)
{
	struct wbuf text = wbuf_grow(SIMFILE_MAX);
	struct simfile *f = NULL;
	struct keyfile k = {0};
	enum err e = secret_file_read(path, cancel, &text);

	*why = (struct simfile_error){0};
	if (!e)
		e = simfile_parse_key(wbuf_slice(&text), &f, why);
	if (!e)
		e = take_key(f, &k);
	if (!e)
		e = stored_sqn(path, &k.sqn);
	if (e)
		keyfile_close(&k);
	else
		*out = k;
	wbuf_free(&text);
	simfile_free(&f);
	return e;
}

enum err keyfile_keep_sqn(const char *path, const struct keyfile *k)
{
	char name[PATH_CAP], text[2 * AKA_SQN_LEN + 2];
	int n;

	if (!is_file(path))
		return ERR_OK;
	if (snprintf(name, sizeof(name), "%s.sqn", path) >= (int)sizeof(name))
		return ERR_LENGTH;
	n = snprintf(text, sizeof(text), "%012llx\n", (unsigned long long)k->sqn);
	return file_write(name, slice_make(text, (size_t)n), 0600, NULL);
}

void keyfile_close(struct keyfile *k)
{
	aka_key_free(&k->key);
}
