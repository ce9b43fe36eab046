#include "card-emu/fs/files.h"

#include <string.h>

#include "card-emu/core/app.h"
#include "card-emu/fs/bertlv.h"
#include "card-emu/fs/ef.h"
#include "card-emu/fs/records.h"
#include "card-emu/fs/selection.h"
#include "card-emu/fs/session.h"

#define SFI_FLAG      0x80 /* in P1 of READ/UPDATE BINARY */
#define SFI_MASK      0x1F
#define OFFSET_P1_MAX 0x7F

/* TS 102 221 11.1.14: P1 says how the file is named, as that of SELECT does */
enum named_by { NAMED_BY_FID = 0x00, NAMED_BY_PATH_MF = 0x08, NAMED_BY_PATH_DF = 0x09 };

static bool binary_offset(const struct apdu *a, uint8_t *sfi, size_t *offset)
{
	if (a->p1 & SFI_FLAG) {
		*sfi = a->p1 & SFI_MASK;
		*offset = a->p2;
		return !(a->p1 & 0x60) && *sfi;
	}
	*sfi = 0;
	*offset = (size_t)(a->p1 & OFFSET_P1_MAX) << 8 | a->p2;
	return true;
}

static uint16_t read_binary(struct app_call *call)
{
	struct slice content;
	struct ef ef;
	uint8_t sfi;
	size_t offset;
	uint16_t sw;

	if (!binary_offset(&call->apdu, &sfi, &offset))
		return SW_WRONG_P1P2;
	sw = ef_open(call, sfi, EF_TRANSPARENT, ACCESS_READ, &ef);
	if (sw != SW_OK)
		return sw;
	content = ef.file.content;
	if (offset >= content.len)
		return SW_OUT_OF_RANGE;
	wbuf_put(call->out, slice_sub(content, offset, call->apdu.le));
	return SW_OK;
}

static uint16_t update_binary(struct app_call *call)
{
	struct slice content;
	struct ef ef;
	uint8_t sfi;
	size_t offset;
	uint16_t sw;

	if (!binary_offset(&call->apdu, &sfi, &offset))
		return SW_WRONG_P1P2;
	sw = ef_open(call, sfi, EF_TRANSPARENT, ACCESS_UPDATE, &ef);
	if (sw != SW_OK)
		return sw;
	content = ef.file.content;
	if (offset >= content.len)
		return SW_OUT_OF_RANGE;
	if (call->apdu.data.len > content.len - offset)
		return SW_WRONG_LENGTH;
	return ef_commit(call, &ef, offset, call->apdu.data);
}

/* The EF that the command names, or the current one; it does not become the current one. */
static uint16_t named_file(struct app_call *call, struct selection *out)
{
	const struct fs_position *at = call->at;
	struct slice data = call->apdu.data;
	struct cursor c = cursor_of(data);

	switch (call->apdu.p1) {
	case NAMED_BY_FID:
		if (!data.len && !*at->ef)
			return SW_NO_EF_SELECTED;
		if (!data.len)
			return selection_of(call->fs, at->df, at->ef, out) ? SW_OK : SW_TECHNICAL;
		if (data.len != 2)
			return SW_WRONG_LENGTH;
		return selection_find(call->fs, at, &tree_uicc, cursor_u16(&c), out)
			       ? SW_OK
			       : SW_FILE_NOT_FOUND;
	case NAMED_BY_PATH_MF: return selection_walk(call->fs, at, FS_PATH_MF, data, out);
	case NAMED_BY_PATH_DF: return selection_walk(call->fs, at, at->df, data, out);
	default: return SW_WRONG_P1P2;
	}
}

static uint16_t set_state(struct app_call *call, enum fs_access access)
{
	struct selection p;
	struct ef ef;
	uint16_t sw;

	if (call->apdu.p2)
		return SW_WRONG_P1P2;
	sw = named_file(call, &p);
	if (sw != SW_OK)
		return sw;
	if (!*p.ef)
		return SW_COMMAND_INCOMPATIBLE;
	memcpy(ef.path, p.ef, sizeof(ef.path));
	ef.file = p.file;
	return ef_set_state(call, &ef, access);
}

static uint16_t deactivate_file(struct app_call *call)
{
	return set_state(call, ACCESS_DEACTIVATE);
}

static uint16_t activate_file(struct app_call *call)
{
	return set_state(call, ACCESS_ACTIVATE);
}

static const struct app_command commands[] = {
	{COMMAND_READ_BINARY, read_binary},
	{COMMAND_UPDATE_BINARY, update_binary},
	{COMMAND_READ_RECORD, record_read},
	{COMMAND_UPDATE_RECORD, record_update},
	{COMMAND_SEARCH_RECORD, record_search},
	{COMMAND_RETRIEVE_DATA, retrieve_data},
	{COMMAND_SET_DATA, set_data},
	{COMMAND_INCREASE, record_increase},
	{COMMAND_DEACTIVATE_FILE, deactivate_file},
	{COMMAND_ACTIVATE_FILE, activate_file},
};

const struct app app_files = {
	.name = "file system",
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
};
