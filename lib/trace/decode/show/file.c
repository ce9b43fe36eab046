/* file: commands that select, read and change files */
#include "lib/base/tlv.h"
#include "lib/trace/decode/ef/ef.h"
#include "lib/trace/decode/fcp/fcp.h"
#include "lib/trace/decode/field/aid.h"
#include "lib/trace/decode/show/rows.h"
#include "lib/uicc/fcp.h"

#define OFFSET_HIGH 0x7F /* of P1, where it has no short identifier */
#define SFI_IN_P1   0x80
#define MODE_MASK   0x07 /* of P2 */

static void what_select(const struct decode_item *item, struct wbuf *words)
{
	const struct apdu *a = &item->exchange->apdu;

	if (a->cla == CLA_GSM)
		return;
	if (a->p1 == SELECT_AID) {
		show_say(words, "AID ");
		show_say_hex(words, a->data);
		if ((a->p2 & SELECT_OCCURRENCE_MASK) == 2)
			show_say(words, ", the next one");
		if ((a->p2 & SELECT_SESSION_MASK) == SELECT_TERMINATE)
			show_say(words, ", ends its session");
	}
}

/* TS 102 221 11.1.1.3, GlobalPlatform 11.9.3.1, TS 51.011 9.2.1 */
static void tell_file(const struct decode_item *item, const struct tree *t)
{
	if (!item->answer.len)
		return;
	if (item->exchange->apdu.cla == CLA_GSM)
		fcp_show_gsm(item->answer, t);
	else
		fcp_show(item->answer, t);
}

static void tell_select(const struct decode_item *item, const struct tree *t)
{
	static const struct field aid = {.key = "aid", .name = "AID", .show = field_aid},
				  asked = {.key = "asked", .name = "File or path"};
	const struct apdu *a = &item->exchange->apdu;

	if (item->data.len)
		field_tell(a->p1 == SELECT_AID && a->cla != CLA_GSM ? &aid : &asked, item->data, t);
	tell_file(item, t);
}

const struct show show_select = {what_select, tell_select};

static void what_status(const struct decode_item *item, struct wbuf *words)
{
	/* TS 102 221 11.1.2.2 */
	static const char *const tells[] = {
		[0] = "", [1] = "application initialised", [2] = "application ends"};
	const struct apdu *a = &item->exchange->apdu;

	if (a->cla != CLA_GSM && a->p1 < ARRAY_LEN(tells))
		show_say(words, "%s", tells[a->p1]);
}

/* 11.1.2.2: the FCP, or the AID alone */
static void tell_status(const struct decode_item *item, const struct tree *t)
{
	struct slice aid;

	if (tlv_find(item->answer, UICC_FCP_DF_NAME, &aid))
		field_tell(&(struct field){.key = "aid", .name = "AID", .show = field_aid}, aid, t);
	else
		tell_file(item, t);
}

const struct show show_status = {what_status, tell_status};

static size_t octets_of(const struct decode_item *item)
{
	return item->data.len ? item->data.len : item->answer.len;
}

static void what_binary(const struct decode_item *item, struct wbuf *words)
{
	const struct apdu *a = &item->exchange->apdu;
	unsigned offset = a->p2;

	if (a->cla == CLA_GSM)
		offset |= (unsigned)a->p1 << 8;
	else if (!(a->p1 & SFI_IN_P1))
		offset |= (unsigned)(a->p1 & OFFSET_HIGH) << 8;
	if (octets_of(item))
		show_say(words, "%zu octets", octets_of(item));
	if (offset)
		show_say(words, "%sfrom %u on", words->len ? " " : "", offset);
}

/* What was read or written as it crossed: what is told of it hides its secrets itself, and says
 * which there are. */
static struct slice crossed(const struct decode_item *item)
{
	const struct exchange *x = item->exchange;

	return x->apdu.data.len ? x->apdu.data : x->answer;
}

static void tell_binary(const struct decode_item *item, const struct tree *t)
{
	const struct apdu *a = &item->exchange->apdu;
	bool from_start = !a->p2 && (a->p1 & SFI_IN_P1 || !a->p1);
	struct slice content = crossed(item);

	if (content.len && from_start)
		ef_show(item->view.ef, content, t);
	else if (content.len)
		ef_show_part(item->view.ef, content, t);
}

const struct show show_binary = {what_binary, tell_binary};

/* TS 102 221 table 11.10 */
static void what_record(const struct decode_item *item, struct wbuf *words)
{
	const struct apdu *a = &item->exchange->apdu;

	switch (a->p2 & MODE_MASK) {
	case RECORD_NEXT: show_say(words, "the next record"); break;
	case RECORD_PREVIOUS: show_say(words, "the previous record"); break;
	case RECORD_ABSOLUTE:
		if (a->p1)
			show_say(words, "record %u", a->p1);
		else
			show_say(words, "the current record");
		break;
	default: show_say(words, "P2 %02X", a->p2); break;
	}
}

static void tell_record(const struct decode_item *item, const struct tree *t)
{
	struct slice content = crossed(item);

	if (content.len)
		ef_show(item->view.ef, content, t);
}

const struct show show_record = {what_record, tell_record};

static void what_search(const struct decode_item *item, struct wbuf *words)
{
	const struct apdu *a = &item->exchange->apdu;

	show_say(words, "from record %u on", a->p1);
	if (item->answer.len && a->cla != CLA_GSM) {
		show_say(words, ", found in ");
		for (size_t i = 0; i < item->answer.len && i < 8; i++)
			show_say(words, "%s%u", i ? ", " : "", slice_at(item->answer, i));
	}
}

static void tell_search(const struct decode_item *item, const struct tree *t)
{
	static const struct field pattern = {.key = "pattern", .name = "Pattern"},
				  found = {.key = "records", .name = "Records"};

	field_tell(&pattern, item->data, t);
	if (item->answer.len)
		field_tell(&found, item->answer, t);
}

const struct show show_search = {what_search, tell_search};

static void what_increase(const struct decode_item *item, struct wbuf *words)
{
	show_say(words, "by %llu", (unsigned long long)slice_uint(item->data, 3));
}

static void tell_increase(const struct decode_item *item, const struct tree *t)
{
	static const struct field by = {.key = "by", .name = "Value", .show = field_number};

	field_tell(&by, item->data, t);
	if (item->answer.len) /* the new value, then what was added, 11.1.8 */
		ef_show(item->view.ef, slice_sub(item->answer, 0, item->answer.len / 2), t);
}

const struct show show_increase = {what_increase, tell_increase};
