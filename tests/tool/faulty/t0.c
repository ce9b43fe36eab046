/* Faults of T=0: lengths, announcements, what waits. */
#include <string.h>

#include "tests/tool/faulty/fault.h"

#include "lib/base/tlv.h"
#include "lib/uicc/fid.h"

static bool is_ins(struct slice command, uint8_t ins)
{
	return slice_at(command, 1) == ins;
}

static void wrong_6c(struct faulty *f, struct slice command, struct wbuf *out)
{
	uint16_t sw;

	faulty_pass(f, command, out);
	sw = fault_sw(out);
	if (is_ins(command, INS_READ_BINARY) && out->len == 2 && sw_is(sw, SW_CORRECT_LE))
		fault_set_sw(out, (uint16_t)(SW_CORRECT_LE | ((sw + 1) & 0xFF)));
}

static void wrong_61(struct faulty *f, struct slice command, struct wbuf *out)
{
	uint16_t sw;

	faulty_pass(f, command, out);
	sw = fault_sw(out);
	if (out->len == 2 && sw_is(sw, SW_RESPONSE))
		fault_set_sw(out, (uint16_t)(SW_RESPONSE | ((sw + 3) & 0xFF)));
}

static bool reads_iccid_now(const struct faulty *f, struct slice command)
{
	static const struct fault_file iccid = {FID_ICCID, 0x02, false};
	struct apdu a;

	return apdu_parse(command, &a) == ERR_OK && a.ins == INS_READ_BINARY &&
	       fault_is_about(f, &a, &iccid);
}

/* The answer that waits comes with the command that made it. */
static void at_once(struct faulty *f, struct slice command, struct wbuf *out)
{
	uint16_t sw;

	faulty_pass(f, command, out);
	sw = fault_sw(out);
	if (is_ins(command, INS_SELECT) && out->len == 2 && sw_is(sw, SW_RESPONSE)) {
		const uint8_t fetch[] = {slice_at(command, 0), INS_GET_RESPONSE, 0, 0,
					 (uint8_t)(sw & 0xFF)};

		wbuf_cut(out, 0);
		faulty_pass(f, SLICE_OF(fetch), out);
	}
}

static void no_data(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	if (is_ins(command, INS_SELECT) && slice_at(command, 2) == SELECT_PATH_MF &&
	    sw_is(fault_sw(out), SW_RESPONSE))
		fault_set_sw(out, SW_OK);
}

/* SELECT by path, whatever its length. */
static void refuse_length(struct faulty *f, struct slice command, struct wbuf *out)
{
	if (is_ins(command, INS_SELECT) && slice_at(command, 2) == SELECT_PATH_MF)
		wbuf_u16(out, SW_WRONG_LENGTH);
	else
		faulty_pass(f, command, out);
}

/* Remembers what was fetched, and gives it again whenever nothing waits. */
static void keep_response(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	if (!is_ins(command, INS_GET_RESPONSE))
		return;
	if (out->len > 2 && out->len <= FAULT_MEMORY_MAX) {
		wbuf_cut(&f->memory, 0);
		wbuf_put(&f->memory, wbuf_slice(out));
	} else if (f->memory.len == 2u + slice_at(command, 4)) {
		wbuf_cut(out, 0);
		wbuf_put(out, wbuf_slice(&f->memory));
	} else if (f->memory.len > 2) {
		fault_set_sw(out, (uint16_t)(SW_CORRECT_LE | ((f->memory.len - 2) & 0xFF)));
	}
}

/* GET RESPONSE after a SELECT of EF.ICCID gives the answer to the SELECT before, as far as it is
 * long. */
static void former_response(struct faulty *f, struct slice command, struct wbuf *out)
{
	struct apdu a;
	size_t len;

	faulty_pass(f, command, out);
	len = out->len - 2;
	if (!is_ins(command, INS_GET_RESPONSE) || !len || len > FAULT_MEMORY_MAX ||
	    apdu_parse(command, &a))
		return;
	if (fault_place_of(f, &a)->fid != FID_ICCID) {
		wbuf_cut(&f->memory, 0);
		wbuf_put(&f->memory, slice_sub(wbuf_slice(out), 0, len));
	} else if (f->memory.len >= len) {
		memcpy(out->ptr, f->memory.ptr, len);
	}
}

/* READ BINARY gives more than was asked for. */
static void more_than_le(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	if (is_ins(command, INS_READ_BINARY) && fault_sw(out) == SW_OK &&
	    slice_at(command, 4) == 1) {
		fault_set_sw(out, 0);
		wbuf_u16(out, SW_OK);
	}
}

/* READ BINARY gives one octet less than it says it does. */
static void less_than_le(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	if (reads_iccid_now(f, command) && fault_sw(out) == SW_OK && out->len > 3) {
		wbuf_cut(out, out->len - 3);
		wbuf_u16(out, SW_OK);
	}
}

static const struct fault rows[] = {
	{.name = "t0-6c",
	 .what = "6Cxx of READ BINARY names a length that is one too long",
	 .clause = "TS 102 221 7.3.1.1.2",
	 .finds = "t0.le-exact",
	 .card = "sim",
	 .tpdu = wrong_6c},
	{.name = "t0-61",
	 .what = "61xx announces three octets more than wait",
	 .clause = "TS 102 221 7.3.1.1.4",
	 .finds = "t0.response-exact",
	 .card = "sim",
	 .tpdu = wrong_61},
	{.name = "t0-at-once",
	 .what = "SELECT answers with its data at once, without GET RESPONSE",
	 .clause = "TS 102 221 7.3.1.1.4",
	 .finds = "t0.response-announced",
	 .card = "sim",
	 .tpdu = at_once},
	{.name = "t0-no-data",
	 .what = "SELECT by path for an FCP answers 9000, and no data wait",
	 .clause = "TS 102 221 8.4.2",
	 .finds = "select.path",
	 .card = "sim",
	 .tpdu = no_data},
	{.name = "t0-6700",
	 .what = "SELECT by path answers 6700 to a right Lc",
	 .clause = "TS 102 221 8.4.2",
	 .finds = "select.path",
	 .card = "sim",
	 .tpdu = refuse_length},
	{.name = "t0-stale",
	 .what = "GET RESPONSE gives an answer again, other commands later",
	 .clause = "TS 102 221 12.1.1",
	 .finds = "t0.response-none",
	 .card = "sim",
	 .tpdu = keep_response},
	{.name = "t0-former",
	 .what = "GET RESPONSE for EF.ICCID gives the data of the answer before",
	 .clause = "TS 102 221 11.1.1.4.4",
	 .finds = "fcp.identifier",
	 .card = "sim",
	 .tpdu = former_response},
	{.name = "t0-more",
	 .what = "READ BINARY gives more octets than were asked for",
	 .clause = "TS 102 221 11.1.3",
	 .finds = "fs.binary-over-end",
	 .card = "sim",
	 .tpdu = more_than_le},
	{.name = "t0-less",
	 .what = "READ BINARY gives one octet less than was asked for",
	 .clause = "TS 102 221 11.1.3",
	 .finds = "t0.le-shorter",
	 .card = "sim",
	 .tpdu = less_than_le},
};

FAULT_TABLE(faults_of_t0, rows);
