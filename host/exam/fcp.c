#include "host/exam/fcp.h"

#include "lib/base/tlv.h"

static void read_descriptor(struct exam_fcp *f)
{
	struct cursor c = cursor_of(f->descriptor);

	if (f->descriptor.len < 2)
		return;
	f->structure = cursor_u8(&c) & UICC_STRUCTURE_MASK;
	cursor_u8(&c);
	if (f->descriptor.len == 5) {
		f->record_len = cursor_u16(&c);
		f->records = cursor_u8(&c);
	}
}

static void take_item(const struct tlv *item, struct exam_fcp *f)
{
	switch (item->tag) {
	case UICC_FCP_DESCRIPTOR: f->descriptor = item->value; break;
	case UICC_FCP_FID: f->fid = item->value; break;
	case UICC_FCP_DF_NAME: f->name = item->value; break;
	case UICC_FCP_SIZE: f->size = item->value; break;
	case UICC_FCP_SFI: f->sfi = item->value; break;
	case UICC_FCP_LCSI: f->lcsi = item->value; break;
	case UICC_FCP_PROPRIETARY: f->proprietary = item->value; break;
	case UICC_FCP_PIN_STATUS: f->pin_status = item->value; break;
	case UICC_FCP_ARR_REFERENCE: f->arr = item->value; break;
	case UICC_FCP_COMPACT: f->compact = item->value; break;
	case UICC_FCP_EXPANDED: f->expanded = item->value; break;
	default: break;
	}
}

const char *fcp_take(struct slice answer, struct exam_fcp *f)
{
	struct cursor c = cursor_of(answer), inner;
	struct tlv template, item;

	*f = (struct exam_fcp){.record_len = 0};
	if (!answer.len)
		return "there is no FCP";
	if (!tlv_next(&c, &template))
		return "the FCP is no whole TLV: its length is wrong";
	if (template.tag != UICC_FCP)
		return "the FCP's tag is not 62";
	f->body = template.value;
	inner = cursor_of(template.value);
	while (tlv_next(&inner, &item))
		take_item(&item, f);
	read_descriptor(f);
	f->octets = (size_t)slice_uint(f->size, 4);
	if (cursor_done(&inner))
		return "the TLVs in the FCP do not fill it exactly";
	return cursor_done(&c) ? "octets follow behind the FCP" : NULL;
}

bool fcp_is_directory(const struct exam_fcp *f)
{
	return f->structure == UICC_DF;
}

bool fcp_has_records(const struct exam_fcp *f)
{
	return f->structure == UICC_LINEAR || f->structure == UICC_CYCLIC;
}
