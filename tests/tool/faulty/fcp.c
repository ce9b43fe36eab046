/* Faults of the file control parameters. */
#include "lib/uicc/fcp.h"

#include "lib/base/tlv.h"
#include "lib/uicc/fid.h"
#include "tests/tool/faulty/fault.h"

#define PATH(...) ((const uint32_t[]){UICC_FCP, __VA_ARGS__, 0})

static bool is_select(const struct faulty *f, const struct apdu *a)
{
	(void)f;
	return a->ins == INS_SELECT && a->cla != CLA_GSM;
}

static bool is_fcp(const struct fault_turn *t, struct slice *descriptor)
{
	return t->sw == SW_OK && fault_find_tlv(t->data, PATH(UICC_FCP_DESCRIPTOR), descriptor);
}

static bool is_ef(const struct fault_turn *t, struct slice *descriptor)
{
	return is_fcp(t, descriptor) && (slice_at(*descriptor, 0) & UICC_STRUCTURE_MASK) != UICC_DF;
}

/* Of one file alone: what everybody stumbles over would hide what it is. */
static bool is_iccid(const struct fault_turn *t)
{
	struct slice fid;

	return t->sw == SW_OK && fault_find_tlv(t->data, PATH(UICC_FCP_FID), &fid) &&
	       slice_uint(fid, 2) == FID_ICCID;
}

static void put_octets(struct fault_turn *t, uint32_t tag, struct slice value)
{
	fault_edit_tlv(t->data, PATH(tag), &value);
}

static void size_is_wrong(struct fault_turn *t)
{
	struct slice size;
	uint8_t more[2];

	if (!is_iccid(t) || !fault_find_tlv(t->data, PATH(UICC_FCP_SIZE), &size))
		return;
	more[0] = 0;
	more[1] = (uint8_t)(slice_uint(size, 2) + 3);
	put_octets(t, UICC_FCP_SIZE, SLICE_OF(more));
}

static void length_is_off(struct fault_turn *t)
{
	if (is_iccid(t))
		t->data->ptr[1]++;
}

static void no_descriptor(struct fault_turn *t)
{
	struct slice d;

	if (is_ef(t, &d))
		fault_edit_tlv(t->data, PATH(UICC_FCP_DESCRIPTOR), NULL);
}

static void no_lifecycle(struct fault_turn *t)
{
	fault_edit_tlv(t->data, PATH(UICC_FCP_LCSI), NULL);
}

static void no_security(struct fault_turn *t)
{
	fault_edit_tlv(t->data, PATH(UICC_FCP_ARR_REFERENCE), NULL);
}

static void trailing(struct fault_turn *t)
{
	if (is_iccid(t))
		wbuf_u8(t->data, 0x00);
}

static void more_records(struct fault_turn *t)
{
	struct slice d;
	uint8_t other[5];

	if (!is_ef(t, &d) || slice_copy(d, other, sizeof(other)))
		return;
	other[4]++;
	put_octets(t, UICC_FCP_DESCRIPTOR, SLICE_OF(other));
}

static void no_pin_status(struct fault_turn *t)
{
	fault_edit_tlv(t->data, PATH(UICC_FCP_PIN_STATUS), NULL);
}

/* The number that EF.DIR says it has is EF.ICCID's. */
static void other_sfi(struct fault_turn *t)
{
	static const uint8_t sfi[] = {0x02 << 3};
	struct slice fid;

	if (fault_find_tlv(t->data, PATH(UICC_FCP_FID), &fid) && slice_uint(fid, 2) == FID_DIR)
		put_octets(t, UICC_FCP_SFI, SLICE_OF(sfi));
}

static void in_creation(struct fault_turn *t)
{
	static const uint8_t state[] = {UICC_LCSI_CREATION};
	struct slice d;

	if (is_ef(t, &d))
		put_octets(t, UICC_FCP_LCSI, SLICE_OF(state));
}

static void other_fid(struct fault_turn *t)
{
	static const uint8_t fid[] = {0x2F, 0x77};
	struct slice d;

	if (is_ef(t, &d))
		put_octets(t, UICC_FCP_FID, SLICE_OF(fid));
}

static void wrong_structure(struct fault_turn *t)
{
	struct slice d;
	uint8_t other[2];

	if (!is_ef(t, &d) || slice_copy(d, other, sizeof(other)))
		return;
	other[0] = (uint8_t)((other[0] & ~UICC_STRUCTURE_MASK) |
			     UICC_LINEAR); /* and no word of its records */
	put_octets(t, UICC_FCP_DESCRIPTOR, SLICE_OF(other));
}

#define FAULT(id, function, text, where, finder)                                                   \
	{                                                                                          \
		.name = (id), .what = (text), .clause = (where), .finds = (finder), .card = "sim", \
		.concerns = is_select, .answer = (function)                                        \
	}
static const struct fault rows[] = {
	FAULT("fcp-size", size_is_wrong, "the FCP of EF.ICCID tells three octets too many",
	      "TS 102 221 11.1.1.4.1", "fcp.size"),
	FAULT("fcp-length", length_is_off, "the length of EF.ICCID's FCP template is one too many",
	      "TS 102 221 11.1.1.3", "fcp.form"),
	FAULT("fcp-no-descriptor", no_descriptor, "the FCP of an EF has no file descriptor",
	      "TS 102 221 11.1.1.3.2", "fcp.mandatory"),
	FAULT("fcp-no-lifecycle", no_lifecycle, "the FCP has no life cycle status",
	      "TS 102 221 11.1.1.3.1", "fcp.mandatory"),
	FAULT("fcp-no-security", no_security, "the FCP has no security attributes",
	      "TS 102 221 11.1.1.3.1", "fcp.mandatory"),
	FAULT("fcp-trailing", trailing, "an octet stands behind the FCP of EF.ICCID",
	      "TS 102 221 11.1.1.3", "fcp.form"),
	FAULT("fcp-records", more_records, "the FCP tells one record too many",
	      "TS 102 221 11.1.1.4.3", "fcp.records"),
	FAULT("fcp-no-pin-status", no_pin_status, "the FCP of a DF has no PIN status template",
	      "TS 102 221 11.1.1.3.1", "fcp.mandatory"),
	FAULT("fcp-sfi", other_sfi, "the FCP of EF.DIR tells another file's SFI",
	      "TS 102 221 11.1.1.4.8", "fcp.sfi"),
	FAULT("fcp-lifecycle", in_creation, "the life cycle of a file in use is creation",
	      "TS 102 221 11.1.1.4.9", "fcp.life-cycle"),
	FAULT("fcp-fid", other_fid, "the FCP of an EF tells another file identifier",
	      "TS 102 221 11.1.1.4.4", "fcp.identifier"),
	FAULT("fcp-structure", wrong_structure,
	      "the descriptor calls a transparent EF a linear one, without records",
	      "TS 102 221 11.1.1.4.3", "fcp.records"),
};

FAULT_TABLE(faults_of_fcp, rows);
