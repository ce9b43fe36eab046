#include "host/cmd/keyfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tool/file.h"

#define FILE_MAX     4096
#define KEY_LEN	     16
#define PATH_LEN_MAX 4096

struct fields { /* in the secure heap */
	char text[FILE_MAX];
	uint8_t k[KEY_LEN], op[KEY_LEN], opc[KEY_LEN], sqn[AKA_SQN_LEN], amf[AKA_AMF_LEN];
	bool has_k, has_op, has_opc, has_sqn, has_amf;
};

static enum err check_mode(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return file_errno(errno);
	return S_ISREG(st.st_mode) && (st.st_mode & 077) ? ERR_PERMISSION : ERR_OK;
}

static enum err take_line(char *line, struct fields *f)
{
	const struct {
		const char *name;
		uint8_t *dst;
		size_t len;
		bool *has;
	} table[] = {
		{"k", f->k, sizeof(f->k), &f->has_k},
		{"op", f->op, sizeof(f->op), &f->has_op},
		{"opc", f->opc, sizeof(f->opc), &f->has_opc},
		{"sqn", f->sqn, sizeof(f->sqn), &f->has_sqn},
		{"amf", f->amf, sizeof(f->amf), &f->has_amf},
	};
	char *save = NULL, *name, *value;

	line[strcspn(line, "#")] = 0;
	name = strtok_r(line, " \t\r=", &save);
	value = strtok_r(NULL, " \t\r=", &save);
	if (!name)
		return ERR_OK;
	if (!value)
		return ERR_ENCODING;
	if (strcmp(name, "algorithm") == 0)
		return strcmp(value, "milenage") == 0 ? ERR_OK : ERR_UNSUPPORTED;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (strcmp(name, table[i].name) != 0)
			continue;
		if (*table[i].has)
			return ERR_DUPLICATE;
		*table[i].has = true;
		return hex_decode_exact(value, table[i].dst, table[i].len);
	}
	return ERR_OK;
}

static enum err parse(struct fields *f)
{
	char *save = NULL;
	enum err e = ERR_OK;

	for (char *line = strtok_r(f->text, "\n", &save); line && !e;
	     line = strtok_r(NULL, "\n", &save))
		e = take_line(line, f);
	if (!e && (!f->has_k || f->has_op == f->has_opc))
		e = ERR_KEY;
	if (!e && f->has_op)
		e = aka_milenage_opc(SLICE_OF(f->k), SLICE_OF(f->op), f->opc);
	return e;
}

static uint64_t number(struct slice s)
{
	struct cursor c = cursor_of(s);

	return cursor_uint(&c, s.len);
}

/* The number kept beside the file, when it is the higher one. */
static enum err stored_sqn(const char *path, uint64_t *sqn)
{
	char name[PATH_LEN_MAX], text[2 * AKA_SQN_LEN + 2];
	struct wbuf w = wbuf_init((uint8_t *)text, sizeof(text) - 1);
	uint8_t octets[AKA_SQN_LEN];
	enum err e;

	snprintf(name, sizeof(name), "%s.sqn", path);
	e = file_read(name, &w);
	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	if (e)
		return e;
	text[w.len] = 0;
	text[strcspn(text, "\n")] = 0;
	if (hex_decode_exact(text, octets, sizeof(octets)))
		return ERR_CORRUPT;
	if (number(SLICE_OF(octets)) > *sqn)
		*sqn = number(SLICE_OF(octets));
	return ERR_OK;
}

enum err keyfile_open(const char *path, struct keyfile *out)
{
	struct keyfile k = {.amf = {0x80, 0x00}};
	struct fields *f = secret_object_new(sizeof(*f));
	struct wbuf w;
	enum err e;

	if (!f)
		return ERR_MEMORY;
	w = wbuf_init((uint8_t *)f->text, sizeof(f->text) - 1);
	e = check_mode(path);
	if (!e)
		e = file_read(path, &w);
	if (!e)
		e = parse(f);
	if (!e && f->has_amf)
		e = slice_copy(SLICE_OF(f->amf), k.amf, sizeof(k.amf));
	if (!e && f->has_sqn)
		k.sqn = number(SLICE_OF(f->sqn));
	if (!e)
		e = stored_sqn(path, &k.sqn);
	if (!e)
		e = aka_key_new(AKA_MILENAGE, SLICE_OF(f->k), SLICE_OF(f->opc), &k.key);
	if (!e)
		*out = k;
	secret_object_free(f, sizeof(*f));
	return e;
}

enum err keyfile_keep_sqn(const char *path, const struct keyfile *k)
{
	char name[PATH_LEN_MAX], text[2 * AKA_SQN_LEN + 2];
	int n;

	if (snprintf(name, sizeof(name), "%s.sqn", path) >= (int)sizeof(name))
		return ERR_LENGTH;
	n = snprintf(text, sizeof(text), "%012llx\n", (unsigned long long)k->sqn);
	return file_write(name, slice_make(text, (size_t)n), 0600);
}

void keyfile_close(struct keyfile *k)
{
	aka_key_free(&k->key);
}
