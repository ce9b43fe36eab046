#include "lib/profile/lint/rule.h"

#include <string.h>

#include "lib/uicc/fid.h"

void lint_say(const struct lint *l, const char *where, const char *detail, ...)
{
	va_list ap;

	va_start(ap, detail);
	finding_report(l->sink, l->rule, where, detail, ap);
	va_end(ap);
}

const struct outline_element *lint_header(const struct lint *l)
{
	return outline_element(l->o, "header", NULL);
}

bool lint_service(const struct lint *l, const char *name)
{
	const struct outline_element *h = lint_header(l);
	struct schema_node services, one;

	return h && schema_get(&h->node, "eUICC-Mandatory-services", &services) &&
	       schema_get(&services, name, &one);
}

struct slice lint_content(const struct outline_file *f, struct wbuf *mem)
{
	wbuf_reset(mem);
	return outline_content(f, mem) ? SLICE_EMPTY : wbuf_slice(mem);
}

bool lint_in_adf(const struct lint *l, const struct outline_file *f, const char *adf)
{
	const struct outline_file *df = outline_at(l->o, f->parent);

	return df && df->adf && strcmp(df->name, adf) == 0;
}

/* The argument is a path from the MF, a FID in the USIM's ADF, or the name of a file of the ISIM.
 */
bool lint_is_meant(const struct lint *l, const struct outline_file *f)
{
	size_t n = strlen(l->arg);

	if (n == 8)
		return strcmp(f->path, l->arg) == 0;
	if (strncmp(f->name, "ef-", 3) == 0 && strcmp(f->name + 3, l->arg) == 0)
		return lint_in_adf(l, f, "adf-isim");
	return n == 4 && strlen(f->path) == 8 && strcmp(f->path + 4, l->arg) == 0 &&
	       lint_in_adf(l, f, "adf-usim");
}

/* The contents of the file that the rule is about; empty for all others. */
struct slice lint_meant(const struct lint *l, const struct outline_file *f, struct wbuf *mem)
{
	*mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	return lint_is_meant(l, f) ? lint_content(f, mem) : SLICE_EMPTY;
}

bool lint_is_arr(const struct outline_file *f)
{
	return f->fid == FID_ARR_MF || f->fid == FID_ARR_DF;
}

uint64_t lint_number(struct slice v)
{
	return slice_uint(v, 8);
}

bool lint_all(struct slice v, uint8_t octet)
{
	for (size_t i = 0; i < v.len; i++) {
		if (slice_at(v, i) != octet)
			return false;
	}
	return true;
}
