/* Faults of classes and instructions that the card does not have. */
#include "tests/tool/faulty/fault.h"

static void other_sw(struct wbuf *out, uint16_t from, uint16_t to)
{
	if (out->len == 2 && fault_sw(out) == from)
		fault_set_sw(out, to);
}

static void class_as_ins(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	other_sw(out, SW_CLA_NOT_SUPPORTED, SW_INS_NOT_SUPPORTED);
}

static void ins_is_good(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	other_sw(out, SW_INS_NOT_SUPPORTED, SW_OK);
}

static void ins_as_technical(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	other_sw(out, SW_INS_NOT_SUPPORTED, SW_TECHNICAL);
}

/* An instruction that it does not know is the card's end until its next reset. */
static void ins_is_the_end(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	f->silent = f->silent || fault_sw(out) == SW_INS_NOT_SUPPORTED;
}

static void wrong_p1p2_is_good(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	if (slice_at(command, 1) == INS_SELECT)
		other_sw(out, SW_WRONG_P1P2, SW_OK);
}

static void not_found_as_data(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	other_sw(out, SW_FILE_NOT_FOUND, SW_GSM_NOT_FOUND);
}

static const struct fault rows[] = {
	{.name = "class-6d00",
	 .what = "a class that is unknown is answered 6D00",
	 .clause = "TS 102 221 10.2.1.5",
	 .finds = "apdu.class-unknown",
	 .card = "sim",
	 .tpdu = class_as_ins},
	{.name = "ins-9000",
	 .what = "an instruction that is unknown is answered 9000",
	 .clause = "TS 102 221 10.2.1.5",
	 .finds = "apdu.instruction-unknown",
	 .card = "sim",
	 .tpdu = ins_is_good},
	{.name = "ins-6f00",
	 .what = "an instruction that is unknown is answered 6F00",
	 .clause = "TS 102 221 10.2.1.5",
	 .finds = "apdu.instruction-unknown",
	 .card = "sim",
	 .tpdu = ins_as_technical},
	{.name = "ins-mute",
	 .what = "an instruction that is unknown makes the card mute until its reset",
	 .clause = "TS 102 221 10.2.1.5",
	 .finds = "apdu.instruction-unknown",
	 .card = "sim",
	 .tpdu = ins_is_the_end},
	{.name = "p1p2-9000",
	 .what = "SELECT with P1 and P2 that are none is answered 9000",
	 .clause = "TS 102 221 10.2.1.5",
	 .finds = "apdu.p1",
	 .card = "sim",
	 .tpdu = wrong_p1p2_is_good},
	{.name = "select-9404",
	 .what = "SELECT of a file that is not there is answered 9404, as a 2G card does",
	 .clause = "TS 102 221 11.1.1",
	 .finds = "select.unknown",
	 .card = "sim",
	 .tpdu = not_found_as_data},
};

FAULT_TABLE(faults_of_class, rows);
