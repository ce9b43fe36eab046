#include "host/operator/backup/manifest.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/cli/json.h"

#define FORM "twinkey operator backup"

/* Names of letters, digits, ".", "_", "-" and what a certificate's has, none hidden. */
bool manifest_path_good(const char *path)
{
	bool begins = true;

	if (!*path || strlen(path) >= MANIFEST_PATH_CAP)
		return false;
	for (const char *c = path; *c; c++) {
		if ((uint8_t)*c < 0x20 || *c == 0x7F || *c == '\\')
			return false;
		if (begins && (*c == '.' || *c == '/'))
			return false;
		begins = *c == '/';
	}
	return !begins;
}

struct manifest_file *manifest_add(struct manifest *m)
{
	if (!m->files)
		m->files = calloc(MANIFEST_FILES, sizeof(*m->files));
	return m->files && m->count < MANIFEST_FILES ? &m->files[m->count++] : NULL;
}

static json_t *store_json(const struct chain_stand *s)
{
	char link[2 * SHA256_LEN + 1];

	hex_encode(SLICE_OF(s->link), link, sizeof(link));
	return json_pack("{s:i, s:I, s:s}", "schema", s->schema, "logEntries",
			 (json_int_t)s->entries, "logLink", link);
}

enum err manifest_encode(const struct manifest *m, struct wbuf *out)
{
	json_t *files = json_array();
	char digest[2 * SHA256_LEN + 1], mode[8];

	for (size_t i = 0; i < m->count; i++) {
		const struct manifest_file *f = &m->files[i];

		hex_encode(SLICE_OF(f->digest), digest, sizeof(digest));
		snprintf(mode, sizeof(mode), "%04o", f->mode);
		json_array_append_new(files, json_pack("{s:s, s:s, s:I, s:s}", "path", f->path,
						       "mode", mode, "size", (json_int_t)f->size,
						       "sha256", digest));
	}
	json_put(out, json_pack("{s:s, s:i, s:s, s:I, s:s, s:o, s:o, s:o}", "what", FORM, "format",
				MANIFEST_FORMAT, "program", m->program, "at", (json_int_t)m->at,
				"keys", m->sealed ? "sealed" : "clear", "operator",
				store_json(&m->operator_store), "manager", store_json(&m->manager),
				"files", files));
	return wbuf_done(out);
}

static enum err parse_store(const json_t *o, struct chain_stand *s)
{
	const char *link = json_string_value(json_object_get(o, "logLink"));
	json_int_t schema = json_integer_value(json_object_get(o, "schema"));

	s->entries = json_integer_value(json_object_get(o, "logEntries"));
	if (!link || hex_decode_exact(link, s->link, sizeof(s->link)) || s->entries < 0 ||
	    schema < 1 || schema > 1000)
		return ERR_VALUE;
	s->schema = (int)schema;
	return ERR_OK;
}

static enum err parse_file(const json_t *o, struct manifest *m)
{
	const char *path = json_string_value(json_object_get(o, "path"));
	const char *mode = json_string_value(json_object_get(o, "mode"));
	const char *digest = json_string_value(json_object_get(o, "sha256"));
	const json_t *size = json_object_get(o, "size");
	struct manifest_file *f;
	char *end;

	if (!path || !mode || !digest || !manifest_path_good(path) || !json_is_integer(size) ||
	    json_integer_value(size) < 0)
		return ERR_VALUE;
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->files[i].path, path) == 0)
			return ERR_VALUE;
	f = manifest_add(m);
	if (!f)
		return ERR_MEMORY;
	snprintf(f->path, sizeof(f->path), "%s", path);
	f->mode = (unsigned)strtoul(mode, &end, 8);
	f->size = json_integer_value(size);
	/* nobody else can write to what is put back */
	return *end || end == mode || f->mode & ~0755u ||
			       hex_decode_exact(digest, f->digest, sizeof(f->digest))
		       ? ERR_VALUE
		       : ERR_OK;
}

static enum err parse_object(const json_t *o, struct manifest *m)
{
	const char *what = json_string_value(json_object_get(o, "what"));
	const char *program = json_string_value(json_object_get(o, "program"));
	const char *keys = json_string_value(json_object_get(o, "keys"));
	json_int_t format = json_integer_value(json_object_get(o, "format"));
	const json_t *files = json_object_get(o, "files"), *file;
	enum err e = ERR_OK;
	size_t i;

	if (!what || strcmp(what, FORM) != 0)
		return ERR_ENCODING;
	if (format > MANIFEST_FORMAT)
		return ERR_VERSION;
	if (format != MANIFEST_FORMAT || !program || !keys || !json_is_array(files))
		return ERR_VALUE;
	snprintf(m->program, sizeof(m->program), "%s", program);
	m->at = json_integer_value(json_object_get(o, "at"));
	m->sealed = strcmp(keys, "sealed") == 0;
	e = parse_store(json_object_get(o, "operator"), &m->operator_store);
	if (!e)
		e = parse_store(json_object_get(o, "manager"), &m->manager);
	json_array_foreach(files, i, file) if (!e) e = parse_file(file, m);
	return e;
}

enum err manifest_parse(struct slice text, struct manifest *out)
{
	json_error_t why;
	json_t *o = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, &why);
	enum err e = json_is_object(o) ? ERR_OK : ERR_ENCODING;

	*out = (struct manifest){.count = 0};
	if (!e)
		e = parse_object(o, out);
	json_decref(o);
	if (e)
		manifest_free(out);
	return e;
}

void manifest_free(struct manifest *m)
{
	free(m->files);
	m->files = NULL;
	m->count = 0;
}
