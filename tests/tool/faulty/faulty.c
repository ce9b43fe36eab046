/* The card with its fault: T=0 around whole answers, and where each channel is. */
#include "tests/tool/faulty/fault.h"

#include <string.h>

#include "lib/base/tlv.h"
#include "lib/uicc/fid.h"
#include "tests/support/must.h"

#define SFI_GIVEN 0x80
#define SFI_MASK  0x1F

uint16_t fault_sw(const struct wbuf *out)
{
	struct slice s = wbuf_slice(out);

	return s.len < 2 ? 0 : (uint16_t)slice_uint(slice_sub(s, s.len - 2, 2), 2);
}

void fault_set_sw(struct wbuf *out, uint16_t sw)
{
	MUST(out->len >= 2);
	wbuf_cut(out, out->len - 2);
	wbuf_u16(out, sw);
}

void fault_flip(struct wbuf *data, long at)
{
	size_t i = at < 0 ? data->len - (size_t)-at : (size_t)at;

	if (i < data->len)
		data->ptr[i] ^= 0x01;
}

void fault_replace(struct wbuf *data, size_t at, size_t len, struct slice with)
{
	struct wbuf rest = wbuf_grow(FAULT_ANSWER_MAX);

	wbuf_put(&rest, slice_sub(wbuf_slice(data), at + len, data->len));
	wbuf_cut(data, at < data->len ? at : data->len);
	wbuf_put(data, with);
	wbuf_put(data, wbuf_slice(&rest));
	wbuf_free(&rest);
}

/* The objects of in, with the one at the path changed. */
static bool edit_level(struct slice in, const uint32_t *path, const struct slice *with,
		       struct wbuf *out)
{
	struct cursor c = cursor_of(in);
	bool done = false;
	struct tlv t;

	while (tlv_next(&c, &t)) {
		if (done || t.tag != path[0]) {
			wbuf_put(out, t.raw);
			continue;
		}
		if (path[1]) {
			size_t mark = tlv_open(out, t.tag);

			done = edit_level(t.value, path + 1, with, out);
			tlv_close(out, mark);
			continue;
		}
		if (with)
			tlv_put(out, t.tag, *with);
		done = true;
	}
	return done && !c.err;
}

bool fault_edit_tlv(struct wbuf *data, const uint32_t *path, const struct slice *with)
{
	struct wbuf out = wbuf_grow(FAULT_ANSWER_MAX);
	bool done = edit_level(wbuf_slice(data), path, with, &out) && wbuf_done(&out) == ERR_OK;

	if (done) {
		wbuf_cut(data, 0);
		wbuf_put(data, wbuf_slice(&out));
	}
	wbuf_free(&out);
	return done;
}

bool fault_find_tlv(const struct wbuf *data, const uint32_t *path, struct slice *value)
{
	struct slice at = wbuf_slice(data);

	for (; *path; path++) {
		if (!tlv_find(at, *path, &at))
			return false;
	}
	*value = at;
	return true;
}

static unsigned channel_of(const struct apdu *a)
{
	int n = apdu_channel(a->cla);

	return n < 0 || n >= FAULT_CHANNELS ? 0 : (unsigned)n;
}

const struct fault_place *fault_place_of(const struct faulty *f, const struct apdu *a)
{
	return &f->at[channel_of(a)];
}

bool fault_in_app(const struct fault_place *at, struct slice aid)
{
	return slice_starts(slice_make(at->aid, at->aid_len), aid);
}

/* The SFI that a command gives; 0: none. */
static uint8_t sfi_of(const struct apdu *a)
{
	switch (a->ins) {
	case INS_READ_RECORD:
	case INS_UPDATE_RECORD: return a->p2 >> 3;
	case INS_READ_BINARY:
	case INS_UPDATE_BINARY: return a->p1 & SFI_GIVEN ? a->p1 & SFI_MASK : 0;
	default: return 0;
	}
}

bool fault_is_about(const struct faulty *f, const struct apdu *a, const struct fault_file *file)
{
	const struct fault_place *at = fault_place_of(f, a);
	uint8_t sfi = sfi_of(a) ? sfi_of(a) : at->sfi;

	return at->in_adf == file->in_adf && (sfi ? sfi == file->sfi : at->fid == file->fid);
}

static bool begins_in_adf(const struct fault_place *at, const struct apdu *a)
{
	uint16_t first = (uint16_t)slice_uint(slice_sub(a->data, 0, 2), 2);

	switch (a->p1) {
	case SELECT_AID: return true;
	case SELECT_PATH_MF: return first == FID_CURRENT_ADF;
	default:
		return first == FID_MF || !a->data.len ? false
						       : at->in_adf || first == FID_CURRENT_ADF;
	}
}

/* What a SELECT that the card took makes current. */
static void note_select(struct faulty *f, const struct apdu *a)
{
	struct fault_place *at = &f->at[channel_of(a)];

	at->in_adf = begins_in_adf(at, a);
	at->sfi = 0;
	if (a->p1 == SELECT_AID) {
		at->fid = FID_CURRENT_ADF;
		at->aid_len = a->data.len < sizeof(at->aid) ? a->data.len : sizeof(at->aid);
		memcpy(at->aid, a->data.ptr, at->aid_len);
	} else {
		at->fid = a->data.len < 2
				  ? FID_MF
				  : (uint16_t)slice_uint(slice_sub(a->data, a->data.len - 2, 2), 2);
	}
}

static void note(struct faulty *f, const struct apdu *a, uint16_t sw)
{
	struct fault_place *at = &f->at[channel_of(a)];

	if (!sw_is_good(sw) && !sw_is(sw, SW_WARNING) && !sw_is(sw, SW_CORRECT_LE))
		return;
	if (a->ins == INS_SELECT && a->cla != CLA_GSM)
		note_select(f, a);
	else if (sfi_of(a))
		at->sfi = sfi_of(a);
}

void faulty_pass(struct faulty *f, struct slice command, struct wbuf *out)
{
	size_t before = out->len;
	struct apdu a;

	MUST(card_transmit(f->card, command, out) == ERR_OK);
	if (apdu_parse(command, &a) == ERR_OK && out->len - before >= 2)
		note(f, &a, fault_sw(out));
}

/* The rest of an answer that 61xx has announced. */
static uint16_t collect(struct faulty *f, uint8_t cla, uint16_t sw, struct wbuf *data)
{
	while (sw_is(sw, SW_RESPONSE) || sw_is(sw, SW_GSM_RESPONSE)) {
		const uint8_t fetch[] = {cla, INS_GET_RESPONSE, 0, 0, (uint8_t)(sw & 0xFF)};

		wbuf_cut(data, data->len - 2);
		MUST(card_transmit(f->card, SLICE_OF(fetch), data) == ERR_OK);
		sw = fault_sw(data);
	}
	return sw;
}

/* The whole answer, whatever length was asked for: these change nothing on the card. */
static bool may_be_asked_again(const struct apdu *a)
{
	return a->ins == INS_READ_BINARY || a->ins == INS_READ_RECORD || a->ins == INS_GET_DATA ||
	       a->ins == INS_STATUS;
}

static void whole_answer(struct fault_turn *t, struct slice command)
{
	struct faulty *f = t->f;
	struct wbuf *data = t->data;
	uint16_t sw;

	faulty_pass(f, command, data);
	sw = fault_sw(data);
	if (sw_is(sw, SW_CORRECT_LE) && command.len == 5 && may_be_asked_again(&t->command)) {
		const uint8_t again[] = {t->command.cla, t->command.ins, t->command.p1,
					 t->command.p2, (uint8_t)(sw & 0xFF)};

		wbuf_cut(data, 0);
		faulty_pass(f, SLICE_OF(again), data);
		sw = fault_sw(data);
	}
	t->announced = sw_is(sw, SW_RESPONSE) || sw_is(sw, SW_GSM_RESPONSE) || t->command.data.len;
	t->sw = collect(f, t->command.cla, sw, data);
	wbuf_cut(data, data->len - 2);
}

static uint16_t length_sw(uint16_t family, size_t n)
{
	return (uint16_t)(family | (n > 255 ? 0 : n));
}

/* T=0 of what the fault has left: ISO 7816-3 10.3, TS 102 221 7.3.1.1. */
static void present(struct fault_turn *t, struct wbuf *out)
{
	struct faulty *f = t->f;
	struct slice data = wbuf_slice(t->data);

	wbuf_cut(&f->waiting, 0);
	if (!data.len) {
		wbuf_u16(out, t->sw);
	} else if (t->announced) {
		wbuf_put(&f->waiting, data);
		f->waiting_sw = t->sw;
		f->waiting_channel = channel_of(&t->command);
		wbuf_u16(out, length_sw(SW_RESPONSE, data.len));
	} else if (t->command.le != data.len) {
		wbuf_u16(out, length_sw(SW_CORRECT_LE, data.len));
	} else {
		wbuf_put(out, data);
		wbuf_u16(out, t->sw);
	}
}

static void fetch_waiting(struct faulty *f, const struct apdu *a, struct wbuf *out)
{
	size_t n = a->le, left;

	if (n > f->waiting.len) {
		wbuf_u16(out, length_sw(SW_CORRECT_LE, f->waiting.len));
		return;
	}
	wbuf_put(out, slice_sub(wbuf_slice(&f->waiting), 0, n));
	left = f->waiting.len - n;
	fault_replace(&f->waiting, 0, n, SLICE_EMPTY);
	wbuf_u16(out, left ? length_sw(SW_RESPONSE, left) : f->waiting_sw);
}

static void change_answer(struct faulty *f, const struct apdu *a, struct slice command,
			  struct wbuf *out)
{
	struct fault_place at = *fault_place_of(f, a);
	struct fault_turn t = {.f = f, .command = *a, .at = &at, .data = &f->whole};

	wbuf_cut(&f->whole, 0);
	whole_answer(&t, command);
	f->fault->answer(&t);
	present(&t, out);
}

void faulty_reset(struct faulty *f, struct wbuf *atr)
{
	memset(f->at, 0, sizeof(f->at));
	wbuf_cut(&f->waiting, 0);
	f->silent = false;
	f->resets++;
	wbuf_put(atr, card_reset(f->card));
	if (f->fault->reset)
		f->fault->reset(f, atr);
}

void faulty_transmit(struct faulty *f, struct slice command, struct wbuf *out)
{
	const struct fault *fault = f->fault;
	struct apdu a;

	if (apdu_parse(command, &a) == ERR_OK) {
		if (a.ins == INS_GET_RESPONSE && f->waiting.len &&
		    f->waiting_channel == channel_of(&a)) {
			fetch_waiting(f, &a, out);
			return;
		}
		if (a.ins != INS_GET_RESPONSE)
			wbuf_cut(&f->waiting, 0);
		if (fault->answer && fault->concerns(f, &a)) {
			change_answer(f, &a, command, out);
			return;
		}
	}
	if (fault->tpdu)
		fault->tpdu(f, command, out);
	else
		faulty_pass(f, command, out);
}
