#include "lib/profile/template/template.h"

#include <stdio.h>
#include <string.h>

#include "lib/profile/template/rows.h"
#include "lib/uicc/fid.h"

#define CONTENT_MAX 64 /* octets written out in a row */

const struct template *template_at(size_t i)
{
	static const struct template_set *const sets[] = {
		&templates_uicc, &templates_usim, &templates_5g, &templates_isim, &templates_csim};

	for (size_t s = 0; s < ARRAY_LEN(sets); s++) {
		if (i < sets[s]->count)
			return &sets[s]->rows[i];
		i -= sets[s]->count;
	}
	return NULL;
}

struct slice template_oid(const struct template *t, uint8_t mem[static TEMPLATE_OID_MAX])
{
	static const uint8_t arc[] = {TEMPLATE_ARC};
	struct wbuf w = wbuf_init(mem, TEMPLATE_OID_MAX);

	wbuf_put(&w, SLICE_OF(arc));
	wbuf_u8(&w, t->number);
	if (t->version)
		wbuf_u8(&w, t->version);
	return wbuf_slice(&w);
}

static bool has_oid(const struct template *t, struct slice oid)
{
	uint8_t mem[TEMPLATE_OID_MAX];

	return slice_equal(template_oid(t, mem), oid);
}

const struct template *template_find(uint32_t element, struct slice oid)
{
	const struct template *t;

	for (size_t i = 0; (t = template_at(i)) != NULL; i++) {
		if ((uint32_t)t->element == element && has_oid(t, oid))
			return t;
	}
	return NULL;
}

const struct template *template_of(struct slice oid)
{
	const struct template *t;

	for (size_t i = 0; (t = template_at(i)) != NULL; i++) {
		if (has_oid(t, oid))
			return t;
	}
	return NULL;
}

uint16_t template_arr_at(const char *path)
{
	size_t levels = strlen(path) / 4;

	return levels <= 1 || (levels == 2 && strncmp(path, "3F00", 4) == 0) ? FID_ARR_MF
									     : FID_ARR_DF;
}

static bool decode(const char *text, size_t len, struct wbuf *out)
{
	char hex[2 * CONTENT_MAX + 1];

	snprintf(hex, sizeof(hex), "%.*s", (int)len, text);
	return len < sizeof(hex) && hex_decode(hex, out) == ERR_OK;
}

bool template_expand(const char *content, uint8_t *out, size_t len)
{
	uint8_t head_mem[CONTENT_MAX], tail_mem[CONTENT_MAX];
	struct wbuf head = wbuf_init(head_mem, sizeof(head_mem));
	struct wbuf tail = wbuf_init(tail_mem, sizeof(tail_mem));
	const char *dots = strstr(content, ".."), *star = strchr(content, '*');
	size_t head_len = dots	 ? (size_t)(dots - content)
			  : star ? (size_t)(star - content)
				 : strlen(content);

	if (!decode(content, head_len, &head) || !head.len ||
	    (dots && !decode(dots + 2, strlen(dots + 2), &tail)))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (i + tail.len >= len)
			out[i] = tail.ptr[i + tail.len - len];
		else if (star)
			out[i] = head.ptr[i % head.len];
		else
			out[i] = i < head.len ? head.ptr[i] : dots ? head.ptr[head.len - 1] : 0xFF;
	}
	return true;
}
