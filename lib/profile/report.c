#include "lib/profile/report.h"

#include "lib/base/tlv.h"

static const struct {
	enum pe_status status;
	const char *text;
} texts[] = {
	{PE_OK, "it is installed"},
	{PE_NOT_SUPPORTED, "this eUICC does not support such an element"},
	{PE_MEMORY_FAILURE, "this eUICC's memory failed"},
	{PE_BAD_VALUES, "it has wrong values"},
	{PE_NOT_ENOUGH_MEMORY, "this eUICC has no room for it"},
	{PE_INVALID_FORMAT, "it is malformed"},
	{PE_INVALID_PARAMETER, "it has a parameter that cannot be"},
	{PE_RUNTIME_NOT_SUPPORTED, "it needs a run-time environment that this eUICC does not have"},
	{PE_LIB_NOT_SUPPORTED, "it needs a library that this eUICC does not have"},
	{PE_TEMPLATE_NOT_SUPPORTED, "it needs a file template that this eUICC does not have"},
	{PE_FEATURE_NOT_SUPPORTED, "it needs a feature that this eUICC does not have"},
	{PE_PIN_MISSING, "it names a PIN or PUK that the profile does not have"},
	{PE_VERSION_NOT_SUPPORTED, "this eUICC does not support the package's version"},
};

static struct pe_note take_note(struct cursor *list)
{
	struct cursor c = tlv_enter(list, ASN1_SEQUENCE);
	uint64_t status = tlv_expect_uint(&c, RESPONSE_TAG_STATUS), id = 0;
	struct pe_note note = {.has_id = !c.err && tlv_peek(&c) == RESPONSE_TAG_IDENTIFICATION};

	if (note.has_id)
		id = tlv_expect_uint(&c, RESPONSE_TAG_IDENTIFICATION);
	if (status > UINT16_MAX || id > INT16_MAX)
		cursor_fail(&c, ERR_VALUE);
	cursor_take_rest(&c); /* additional-information, offset */
	tlv_leave(list, &c);
	note.status = (uint16_t)status;
	note.id = (uint16_t)id;
	return note;
}

enum err pe_report_read(struct slice response, struct pe_note *notes, size_t max, size_t *count)
{
	struct cursor c = cursor_of(response), whole = tlv_enter(&c, ASN1_SEQUENCE);
	struct cursor list = tlv_enter(&whole, RESPONSE_TAG_STATUS_LIST);
	size_t n = 0;
	enum err e;

	while (cursor_left(&list)) {
		struct pe_note note = take_note(&list);

		n += n < max;
		notes[n - 1] = note;
	}
	tlv_leave(&whole, &list);
	cursor_take_rest(&whole); /* profileInstallationAborted, statusMessage */
	tlv_leave(&c, &whole);
	e = cursor_done(&c);
	if (e)
		return e;
	*count = n;
	return n ? ERR_OK : ERR_NOT_FOUND;
}

const char *pe_status_text(uint16_t status)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (texts[i].status == status)
			return texts[i].text;
	}
	return "it says no more than this code";
}
