#include "lib/trace/decode/phonebook.h"

#include "lib/base/tlv.h"
#include "lib/trace/decode/ef/ef.h"

#define TAG_OCTET 0xFFu /* all tags of files have one octet */

static void learn_file(struct phonebook *b, uint16_t root, const struct tlv *file)
{
	uint16_t fid = (uint16_t)(slice_at(file->value, 0) << 8 | slice_at(file->value, 1));

	if (file->tag > TAG_OCTET || file->value.len < 2 || b->count == PHONEBOOK_FILES ||
	    !ef_of_phonebook((uint8_t)file->tag) || phonebook_find(b, root, fid))
		return;
	b->files[b->count].root = root;
	b->files[b->count].fid = fid;
	b->files[b->count++].tag = (uint8_t)file->tag;
}

void phonebook_learn(struct phonebook *b, uint16_t root, struct slice record)
{
	struct cursor c = cursor_of(record);
	struct tlv type, file;

	while (tlv_next(&c, &type)) {
		struct cursor inner = cursor_of(type.value);

		while (tlv_next(&inner, &file))
			learn_file(b, root, &file);
	}
}

const struct ef_kind *phonebook_find(const struct phonebook *b, uint16_t root, uint16_t fid)
{
	for (unsigned i = 0; i < b->count; i++) {
		if (b->files[i].fid == fid && b->files[i].root == root)
			return ef_of_phonebook(b->files[i].tag);
	}
	return NULL;
}
