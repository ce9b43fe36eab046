#include "lib/profile/interpret/walk.h"

#include <stdio.h>
#include <string.h>

#include "lib/uicc/fid.h"

void walk_note(struct walk *w, enum pe_status status)
{
	if (w->note_count < WALK_NOTES_MAX)
		w->notes[w->note_count] = (struct walk_note){status, w->id, w->has_id};
	w->note_count++;
}

bool walk_has(const struct walk *w, enum service s)
{
	return service_support(s, w->sink->without) != SERVICE_ABSENT;
}

const struct walk_row *walk_row_of(const struct walk *w, uint32_t tag)
{
	for (size_t i = 0; i < w->row_count; i++) {
		if (w->rows[i].tag == tag)
			return &w->rows[i];
	}
	return NULL;
}

enum pe_status walk_tag_status(const struct walk *w, uint32_t tag)
{
	const struct walk_row *row = walk_row_of(w, tag);

	if (!row)
		return PE_NOT_SUPPORTED;
	if (!(row->needs & w->sink->without))
		return PE_OK;
	return row->needs == SERVICE_SET(SERVICE_JAVACARD) ? PE_RUNTIME_NOT_SUPPORTED
							   : PE_NOT_SUPPORTED;
}

enum template_place walk_naa_of(uint32_t tag)
{
	switch (tag) {
	case PE_USIM: return TEMPLATE_IN_USIM;
	case PE_ISIM: return TEMPLATE_IN_ISIM;
	case PE_CSIM: return TEMPLATE_IN_CSIM;
	default: return TEMPLATE_UNDER_MF;
	}
}

enum pe_status walk_without_naa(enum pe_status lost)
{
	return lost != PE_OK ? lost : PE_INVALID_PARAMETER;
}

bool walk_path_is_lost(const struct walk *w, struct slice path)
{
	struct cursor c = cursor_of(path);
	uint16_t first = cursor_u16(&c);

	for (size_t i = 0; !c.err && i < w->left_out_count; i++) {
		if (w->left_out[i] == first)
			return true;
	}
	return false;
}

bool walk_path(const struct walk *w, struct slice v, char out[static PROFILE_PATH_MAX])
{
	struct cursor c = cursor_of(v);
	uint16_t first = cursor_u16(&c);
	bool absolute = first == FID_MF ||
			(v.len && w->sink->is_adf && w->sink->is_adf(w->sink->ctx, first));

	if (v.len % 2 || v.len > 8)
		return false;
	snprintf(out, PROFILE_PATH_MAX, "%s", absolute ? "" : PATH_MF);
	for (c = cursor_of(v); cursor_left(&c);) {
		char next[PROFILE_PATH_MAX];

		if (!walk_path_join(out, cursor_u16(&c), next))
			return false;
		memcpy(out, next, sizeof(next));
	}
	return true;
}

bool walk_path_join(const char *path, uint16_t fid, char out[static PROFILE_PATH_MAX])
{
	char joined[PROFILE_PATH_MAX + 8];
	int n = snprintf(joined, sizeof(joined), "%s%04X", path, fid);

	if (n <= 0 || n >= PROFILE_PATH_MAX)
		return false;
	memcpy(out, joined, (size_t)n + 1);
	return true;
}
