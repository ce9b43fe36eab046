#include "lib/trace/audit/file.h"

#include "lib/trace/audit/print.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/place.h"
#include "lib/uicc/fid.h"

#define SFI	  0x80u /* P1 of READ BINARY has a short identifier, TS 102 221 11.1.3 */
#define MODE_MASK 0x07u /* P2 of READ RECORD, 11.1.5 */

static uint32_t file_scope(const struct place *p)
{
	if (p->path[0] != FID_CURRENT_ADF)
		return 0;
	return print_of_octets(0, slice_make(p->aid, p->aid_len)) | 1;
}

bool audit_file_named(const struct audit_step *s, struct audit_file *out)
{
	const struct place *p = s->item->view.place;
	enum ef_place dir = place_directory(p);

	if (!p->has_ef)
		return false;
	*out = (struct audit_file){.scope = file_scope(p), .fid = p->ef};
	out->is_gsm = dir == EF_GSM;
	out->in_mf = dir == EF_MF;
	out->in_telecom = dir == EF_TELECOM;
	out->in_usim = p->application.kind == APPLICATION_USIM && out->scope;
	out->in_isim = p->application.kind == APPLICATION_ISIM && out->scope;
	if (out->scope && p->depth > 1)
		out->df = p->path[p->depth - 1];
	return true;
}

static unsigned offset_of(const struct apdu *a)
{
	return a->p1 & SFI && a->cla != CLA_GSM ? a->p2 : (unsigned)a->p1 << 8 | a->p2;
}

bool audit_file_of(const struct audit_step *s, struct audit_file *out)
{
	const struct apdu *a = &s->x->apdu;
	bool records = false, written = false;

	switch (s->id) {
	case COMMAND_UPDATE_RECORD:
	case COMMAND_GSM_UPDATE_RECORD: written = true; /* fall through */
	case COMMAND_READ_RECORD:
	case COMMAND_GSM_READ_RECORD: records = true; break;
	case COMMAND_UPDATE_BINARY:
	case COMMAND_GSM_UPDATE_BINARY: written = true; break;
	case COMMAND_READ_BINARY:
	case COMMAND_GSM_READ_BINARY: break;
	default: return false;
	}
	if (!s->good || !audit_file_named(s, out) || (!records && offset_of(a)))
		return false;
	out->is_written = written;
	out->content = written ? a->data : s->x->answer;
	if (records && (a->p2 & MODE_MASK) == RECORD_ABSOLUTE)
		out->record = a->p1;
	return out->content.len != 0;
}
