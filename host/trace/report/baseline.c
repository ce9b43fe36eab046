#include "host/trace/report/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "tool/cli/json.h"
#include "tool/cli/program.h"

#define BASELINE_SCHEMA 1 /* grows when a member changes its meaning or goes */
#define HEX_LEN		(2 * REPORT_PRINT_LEN + 1)

struct baseline {
	json_t *root; /* has the texts */
	struct baseline_entry *entries;
	size_t count;
};

static const char *text_in(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

static int compare_entries(const void *a, const void *b)
{
	const struct baseline_entry *x = a, *y = b;

	return memcmp(x->print, y->print, sizeof(x->print));
}

static const char *take_entries(struct baseline *b, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);
		struct baseline_entry *e = &b->entries[b->count];

		if (hex_decode_exact(text_in(o, "print"), e->print, sizeof(e->print)))
			return "an entry has no \"print\" of 32 hex digits";
		e->rule = text_in(o, "rule");
		e->about = text_in(o, "about");
		e->detail = text_in(o, "detail");
		e->note = text_in(o, "note");
		b->count++;
	}
	qsort(b->entries, b->count, sizeof(*b->entries), compare_entries);
	return NULL;
}

/* NULL: it is one that is understood. */
static const char *take_root(struct baseline *b)
{
	const json_t *list = json_object_get(b->root, "accepted");
	json_int_t schema = json_integer_value(json_object_get(b->root, "schema"));

	if (!b->root)
		return "it is no JSON";
	if (!json_is_array(list))
		return "it is no baseline: it has no list \"accepted\"";
	if (schema != BASELINE_SCHEMA)
		return "it is of another schema than this program knows";
	b->entries = calloc(json_array_size(list) + 1, sizeof(*b->entries));
	return b->entries ? take_entries(b, list) : "out of memory";
}

enum err baseline_parse(struct slice text, struct baseline **out, const char **why)
{
	struct baseline *b = calloc(1, sizeof(*b));

	*why = "out of memory";
	if (!b)
		return ERR_MEMORY;
	b->root = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
	*why = take_root(b);
	if (*why) {
		baseline_close(&b);
		return ERR_VALUE;
	}
	*out = b;
	return ERR_OK;
}

bool baseline_takes(struct baseline *b, const uint8_t print[static REPORT_PRINT_LEN],
		    const char **note)
{
	struct baseline_entry key = {.rule = ""}, *found;

	memcpy(key.print, print, sizeof(key.print));
	found = bsearch(&key, b->entries, b->count, sizeof(*b->entries), compare_entries);
	if (!found)
		return false;
	found->matches = true;
	*note = found->note;
	return true;
}

const struct baseline_entry *baseline_entries(const struct baseline *b, size_t *count)
{
	*count = b ? b->count : 0;
	return b ? b->entries : NULL;
}

void baseline_close(struct baseline **b)
{
	struct baseline *mine = *b;

	*b = NULL;
	if (!mine)
		return;
	json_decref(mine->root);
	free(mine->entries);
	free(mine);
}

void baseline_put(const struct report *r, struct wbuf *out)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->kind_count; i++) {
		const struct report_kind *k = &r->kinds[i];
		char hex[HEX_LEN];

		hex_encode(SLICE_OF(k->print), hex, sizeof(hex));
		json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:o}", "rule",
						      k->rule->id, "print", hex, "about",
						      json_text(slice_str(k->about)), "detail",
						      json_text(slice_str(k->detail)), "note",
						      json_text(slice_str(k->note))));
	}
	json_put(out,
		 json_pack("{s:i, s:{s:s, s:s}, s:o}", "schema", BASELINE_SCHEMA, "tool", "name",
			   "twinkey trace audit", "version", TWINKEY_VERSION, "accepted", list));
}
