#include "card-emu/store/changes.h"

#include <stdlib.h>
#include <string.h>

#include "card-emu/store/map.h"
#include "lib/base/secret.h"

void changes_put_op(struct wbuf *w, enum change_kind kind, const char *key, struct slice value)
{
	wbuf_u8(w, (uint8_t)kind);
	wbuf_u8(w, (uint8_t)strlen(key));
	wbuf_put(w, slice_str(key));
	wbuf_u32(w, (uint32_t)value.len);
	wbuf_put(w, value);
}

void changes_free(struct changes *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (c->list[i].value)
			secret_wipe(c->list[i].value, c->list[i].len);
		free(c->list[i].value);
	}
	free(c->list);
	*c = (struct changes){0};
}

static struct change *add_change(struct changes *c)
{
	if (c->count == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 16;
		struct change *list = realloc(c->list, cap * sizeof(*list));

		if (!list)
			return NULL;
		c->list = list;
		c->cap = cap;
	}
	c->list[c->count] = (struct change){0};
	return &c->list[c->count++];
}

static enum err read_change(struct cursor *c, struct change *out)
{
	struct slice name, value;
	bool put;

	out->kind = cursor_u8(c);
	name = cursor_take(c, cursor_u8(c));
	value = cursor_take(c, cursor_u32(c));
	put = out->kind == CHANGE_PUT || out->kind == CHANGE_PUT_SECRET;
	if (c->err || slice_text(name, out->key, sizeof(out->key)) ||
	    (!put && out->kind != CHANGE_DELETE && out->kind != CHANGE_DELETE_PREFIX))
		return ERR_CORRUPT;
	if (!put)
		return ERR_OK;
	out->value = malloc(value.len ? value.len : 1);
	if (!out->value)
		return ERR_MEMORY;
	if (value.len)
		memcpy(out->value, value.ptr, value.len);
	out->len = value.len;
	return ERR_OK;
}

enum err changes_read(struct changes *c, struct map *map, struct slice text)
{
	struct cursor in = cursor_of(text);
	enum err e = ERR_OK;

	while (!e && cursor_left(&in)) {
		struct change *change = add_change(c);

		e = change ? read_change(&in, change) : ERR_MEMORY;
	}
	return e ? e : map_reserve(map, c->count);
}

void changes_apply(struct changes *c, struct map *map)
{
	for (size_t i = 0; i < c->count; i++) {
		struct change *change = &c->list[i];

		switch (change->kind) {
		case CHANGE_PUT:
		case CHANGE_PUT_SECRET:
			map_put(map, change->key, change->value, change->len,
				change->kind == CHANGE_PUT_SECRET);
			change->value = NULL;
			break;
		case CHANGE_DELETE: map_delete(map, change->key); break;
		case CHANGE_DELETE_PREFIX: map_delete_prefix(map, change->key); break;
		}
	}
}
