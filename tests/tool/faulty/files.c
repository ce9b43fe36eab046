/* Faults of the content of files, and of who may read and write them. */
#include <string.h>

#include "lib/uicc/fid.h"
#include "tests/tool/faulty/fault.h"

#define SFI_GIVEN	0x80
#define TAG_APPLICATION 0x61 /* TS 102 221 13.1 */
#define TAG_AID		0x4F

static bool reads_iccid(const struct faulty *f, const struct apdu *a)
{
	static const struct fault_file file = {FID_ICCID, 0x02, false};

	return a->ins == INS_READ_BINARY && fault_is_about(f, a, &file);
}

static bool reads_imsi(const struct faulty *f, const struct apdu *a)
{
	static const struct fault_file file = {FID_IMSI, 0x07, true};

	return a->ins == INS_READ_BINARY && fault_is_about(f, a, &file);
}

static bool reads_ad(const struct faulty *f, const struct apdu *a)
{
	static const struct fault_file file = {FID_AD, 0x03, true};

	return a->ins == INS_READ_BINARY && fault_is_about(f, a, &file);
}

static bool reads_ust(const struct faulty *f, const struct apdu *a)
{
	static const struct fault_file file = {FID_UST, 0x04, true};

	return a->ins == INS_READ_BINARY && fault_is_about(f, a, &file);
}

static bool reads_dir(const struct faulty *f, const struct apdu *a)
{
	static const struct fault_file file = {FID_DIR, 0x1E, false};

	return a->ins == INS_READ_RECORD && fault_is_about(f, a, &file);
}

static bool reads_binary(const struct faulty *f, const struct apdu *a)
{
	(void)f;
	return a->ins == INS_READ_BINARY;
}

static bool reads_record(const struct faulty *f, const struct apdu *a)
{
	(void)f;
	return a->ins == INS_READ_RECORD;
}

/* Octet i of the file, where the answer has it; NULL: it does not. */
static uint8_t *octet_of(struct fault_turn *t, size_t i)
{
	size_t offset = t->command.p1 & SFI_GIVEN ? t->command.p2
						  : (size_t)(t->command.p1 << 8 | t->command.p2);

	return t->sw == SW_OK && i >= offset && i - offset < t->data->len
		       ? &t->data->ptr[i - offset]
		       : NULL;
}

/* The first digit of the account: the check digit is another's then. */
static void iccid_check(struct fault_turn *t)
{
	uint8_t *octet = octet_of(t, 5);

	if (octet)
		*octet ^= 0x01;
}

static void iccid_nibbles(struct fault_turn *t)
{
	uint8_t *octet = octet_of(t, 4);

	if (octet)
		*octet = (uint8_t)((*octet & 0xF0) | 0x0C);
}

static void imsi_length(struct fault_turn *t)
{
	uint8_t *octet = octet_of(t, 0);

	if (octet)
		*octet = 0x09;
}

static void imsi_parity(struct fault_turn *t)
{
	uint8_t *octet = octet_of(t, 1);

	if (octet)
		*octet ^= 0x08;
}

/* What lies behind the second octet is not there. */
static void ad_short(struct fault_turn *t)
{
	size_t offset = t->command.p2;

	if (t->sw != SW_OK || offset + t->data->len <= 2)
		return;
	wbuf_cut(t->data, offset < 2 ? 2 - offset : 0);
	t->sw = offset < 2 ? SW_OK : SW_OUT_OF_RANGE;
}

static void ad_mnc(struct fault_turn *t)
{
	uint8_t *octet = octet_of(t, 3);

	if (octet)
		*octet = 0x05;
}

static void dir_empty(struct fault_turn *t)
{
	if (t->sw == SW_OK)
		memset(t->data->ptr, 0xFF, t->data->len);
}

/* The AID of the application ends before it could be told from others'. */
static void dir_aid_cut(struct fault_turn *t)
{
	static const uint32_t path[] = {TAG_APPLICATION, TAG_AID, 0};
	size_t room = t->data->len, used = room;
	struct slice aid;

	while (used && t->data->ptr[used - 1] == 0xFF)
		used--;
	wbuf_cut(t->data, used);
	if (fault_find_tlv(t->data, path, &aid) && aid.len > 4) {
		uint8_t kept[4];
		struct slice with = SLICE_OF(kept);

		memcpy(kept, aid.ptr, sizeof(kept));
		fault_edit_tlv(t->data, path, &with);
	}
	wbuf_fill(t->data, 0xFF, room - t->data->len);
}

/* Service 17 is GID1, whose file the card does not have. */
static void ust_gid1(struct fault_turn *t)
{
	uint8_t *octet = octet_of(t, 2);

	if (octet)
		*octet |= 0x01;
}

static void over_the_end(struct fault_turn *t)
{
	if (t->sw == SW_OUT_OF_RANGE || t->sw == SW_RECORD_NOT_FOUND) {
		wbuf_fill(t->data, 0xFF, t->command.le ? t->command.le : 1);
		t->sw = SW_OK;
	}
}

/* A file that a PIN keeps is read without it: what the card gave before its last reset, or zeros.
 */
static void open_to_all(struct fault_turn *t)
{
	static const uint8_t imsi[] = {0x08, 0x09, 0x10, 0x10, 0x10, 0x32, 0x54, 0x76, 0x98};

	if (t->sw == SW_SECURITY_STATUS && !(t->command.p1 | t->command.p2)) {
		wbuf_put(t->data, SLICE_OF(imsi));
		t->sw = SW_OK;
	}
}

static void write_without_adm(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	if (slice_at(command, 1) == INS_UPDATE_BINARY && fault_sw(out) == SW_SECURITY_STATUS)
		fault_set_sw(out, SW_OK);
}

#define FAULT(id, which, function, text, where, finder)                                            \
	{                                                                                          \
		.name = (id), .what = (text), .clause = (where), .finds = (finder), .card = "sim", \
		.concerns = (which), .answer = (function)                                          \
	}
static const struct fault rows[] = {
	FAULT("iccid-check", reads_iccid, iccid_check, "the check digit of the ICCID is wrong",
	      "ITU-T E.118 4", "fs.iccid-check-digit"),
	FAULT("iccid-nibbles", reads_iccid, iccid_nibbles, "a digit of the ICCID is none",
	      "TS 102 221 13.2", "fs.iccid"),
	FAULT("imsi-length", reads_imsi, imsi_length,
	      "EF.IMSI says that it has nine octets behind its first", "TS 31.102 4.2.2",
	      "usim.imsi"),
	FAULT("imsi-parity", reads_imsi, imsi_parity, "the parity of the IMSI's digits is wrong",
	      "TS 31.102 4.2.2", "usim.imsi"),
	FAULT("ad-short", reads_ad, ad_short, "EF.AD has two octets", "TS 31.102 4.2.18",
	      "usim.administrative-data"),
	FAULT("ad-mnc", reads_ad, ad_mnc, "EF.AD says that the MNC has five digits",
	      "TS 31.102 4.2.18", "usim.administrative-data"),
	FAULT("dir-empty", reads_dir, dir_empty, "EF.DIR has no application", "TS 102 221 13.1",
	      "fs.dir-lists"),
	FAULT("dir-aid-cut", reads_dir, dir_aid_cut, "the AID in EF.DIR has four octets",
	      "TS 102 221 13.1", "fs.dir"),
	FAULT("ust-gid1", reads_ust, ust_gid1, "EF.UST has service 17, EF.GID1 is not there",
	      "TS 31.102 4.2.8", "usim.services"),
	FAULT("read-over-end", reads_binary, over_the_end,
	      "READ BINARY behind the end of a file gives FF and 9000", "TS 102 221 11.1.3",
	      "fs.binary-end"),
	FAULT("record-over-end", reads_record, over_the_end,
	      "READ RECORD behind the last one gives FF and 9000", "TS 102 221 11.1.5",
	      "fs.record-over-end"),
	{.name = "imsi-open",
	 .what = "EF.IMSI is read without the PIN that its access rule names",
	 .clause = "TS 31.102 4.2.2",
	 .finds = "pin.guards-imsi",
	 .card = "pin",
	 .concerns = reads_imsi,
	 .answer = open_to_all},
	{.name = "iccid-writable",
	 .what = "UPDATE BINARY of EF.ICCID needs no administrative key",
	 .clause = "TS 102 221 13.2",
	 .finds = "pin.iccid-update",
	 .card = "sim",
	 .tpdu = write_without_adm},
};

FAULT_TABLE(faults_of_files, rows);
