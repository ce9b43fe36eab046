/* content: what is in a file when the package is installed */
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/profile/outline/outline.h"

#define GENERIC_OFFSET 0x02u
#define GENERIC_FILL   0x81u

/* TS 102 222 6.3.2.2.2: a pattern fills the file, or each of its records. Of a fill pattern the
 * last octet is repeated to the end, of a repeat pattern the whole. */
static void pattern(uint8_t *to, const struct outline_file *f, struct slice p, bool repeat)
{
	bool records = (f->kind == UICC_LINEAR || f->kind == UICC_CYCLIC) && f->record_len;

	for (size_t i = 0; p.len && i < f->size; i++) {
		size_t at = records ? i % f->record_len : i;

		to[i] = slice_at(p, repeat ? at % p.len : at < p.len ? at : p.len - 1);
	}
}

/* The template's default; of a file with records that of each record */
static void template_default(uint8_t *to, const struct outline_file *f)
{
	bool records = f->kind == UICC_LINEAR || f->kind == UICC_CYCLIC;
	size_t part = records && f->record_len ? f->record_len : f->size;

	if (!f->row || !f->row->content || f->kind == UICC_BER_TLV)
		return;
	for (size_t at = 0; at + part <= f->size; at += part) {
		if (!template_expand(f->row->content, to + at, part))
			memset(to + at, 0xFF, part); /* it has no room for its default */
	}
}

static bool step_content(const struct outline_file *f, const struct tlv *step, size_t *at,
			 struct slice *content)
{
	uint64_t skip;

	if (step->tag == (f->generic ? GENERIC_OFFSET : FILE_TAG_OFFSET) &&
	    !tlv_uint(step->value, &skip) && skip <= UINT16_MAX)
		*at += (size_t)skip;
	if (step->tag != (f->generic ? GENERIC_FILL : FILE_TAG_CONTENT))
		return false;
	*content = step->value;
	return true;
}

size_t outline_filled(const struct outline_file *f)
{
	struct cursor c = cursor_of(f->steps);
	struct slice content;
	struct tlv step;
	size_t at = 0, end = 0;

	while (tlv_next(&c, &step)) {
		if (step_content(f, &step, &at, &content)) {
			at += content.len;
			end = at;
		}
	}
	return end;
}

enum err outline_content(const struct outline_file *f, struct wbuf *out)
{
	struct cursor c = cursor_of(f->steps);
	struct schema_node n;
	struct slice content;
	struct tlv step;
	uint8_t *to;
	size_t at = 0;

	if (f->kind == UICC_DF || f->is_link || f->not_created || !f->size)
		return ERR_NOT_FOUND;
	if (f->size > OUTLINE_CONTENT_MAX)
		return ERR_SPACE;
	to = wbuf_reserve(out, f->size);
	if (!to)
		return ERR_MEMORY;
	memset(to, 0xFF, f->size);
	if (schema_get(&f->fcp, "proprietaryEFInfo/fillPattern", &n))
		pattern(to, f, n.value, false);
	else if (schema_get(&f->fcp, "proprietaryEFInfo/repeatPattern", &n))
		pattern(to, f, n.value, true);
	else
		template_default(to, f);
	while (tlv_next(&c, &step)) {
		if (!step_content(f, &step, &at, &content))
			continue;
		if (at > f->size || content.len > f->size - at)
			return ERR_LENGTH;
		if (content.len)
			memcpy(to + at, content.ptr, content.len);
		at += content.len;
	}
	return ERR_OK;
}
