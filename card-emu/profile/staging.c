#include "card-emu/profile/staging.h"

#include <stdlib.h>
#include <string.h>

#include "card-emu/fs/fs.h"
#include "card-emu/store/limits.h"

static enum err make_room(struct staging *g)
{
	size_t cap = g->cap ? g->cap * 2 : 32;
	struct staged_file *files;

	if (g->count < g->cap)
		return ERR_OK;
	if (g->count >= STAGING_FILES_MAX)
		return ERR_FULL;
	files = realloc(g->files, cap * sizeof(*files));
	if (!files)
		return ERR_MEMORY;
	g->files = files;
	g->cap = cap;
	return ERR_OK;
}

static struct slice part(const struct wbuf *mem, size_t *at, size_t n)
{
	struct slice s = slice_sub(wbuf_slice(mem), *at, n);

	*at += n;
	return s;
}

enum err staging_add(struct staging *g, const char *path, const struct fs_file *f)
{
	struct staged_file *s;
	size_t at = 0;
	enum err e = make_room(g);

	if (e)
		return e;
	if (staging_find(g, path))
		return ERR_EXISTS;
	if (f->content.len > STAGING_OCTETS_MAX - g->octets)
		return ERR_FULL;
	s = &g->files[g->count];
	e = slice_text(slice_str(path), s->path, sizeof(s->path));
	if (e)
		return e;
	s->mem = wbuf_grow(STORE_VALUE_MAX);
	wbuf_put(&s->mem, f->content);
	wbuf_put(&s->mem, f->security);
	wbuf_put(&s->mem, f->aid);
	wbuf_put(&s->mem, f->pin_status);
	e = wbuf_done(&s->mem);
	if (e) {
		wbuf_free(&s->mem);
		return e;
	}
	s->file = *f;
	s->file.content = part(&s->mem, &at, f->content.len);
	s->file.security = part(&s->mem, &at, f->security.len);
	s->file.aid = part(&s->mem, &at, f->aid.len);
	s->file.pin_status = part(&s->mem, &at, f->pin_status.len);
	g->octets += f->content.len;
	g->count++;
	return ERR_OK;
}

struct staged_file *staging_find(struct staging *g, const char *path)
{
	for (size_t i = 0; i < g->count; i++) {
		if (strcmp(g->files[i].path, path) == 0)
			return &g->files[i];
	}
	return NULL;
}

enum err staging_fill(struct staged_file *f, size_t offset, struct slice content)
{
	if (offset > f->file.content.len || content.len > f->file.content.len - offset)
		return ERR_VALUE;
	if (content.len)
		memcpy(&f->mem.ptr[offset], content.ptr, content.len);
	return ERR_OK;
}

void staging_free(struct staging *g)
{
	for (size_t i = 0; i < g->count; i++)
		wbuf_free(&g->files[i].mem);
	free(g->files);
	*g = (struct staging){0};
}
