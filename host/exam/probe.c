#include "host/exam/probe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/uicc/fcp.h"

struct slice exam_data(const struct exam_answer *a)
{
	return slice_make(a->octets, a->len);
}

bool exam_goes_on(const struct exam *x)
{
	return !x->trouble;
}

bool exam_took(struct exam *x, enum err e)
{
	if (e && e != ERR_CARD && e != ERR_PROTOCOL && !x->trouble)
		x->trouble = e;
	return !e;
}

static void pass_verdict(struct exam *x, enum exam_outcome outcome, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static void pass_verdict(struct exam *x, enum exam_outcome outcome, const char *fmt, va_list ap)
{
	struct exam_result *r = x->now;

	if (x->trouble || r->outcome == EXAM_FAILED ||
	    (r->outcome != EXAM_PASSED && outcome != EXAM_FAILED))
		return;
	r->outcome = outcome;
	vsnprintf(r->detail, sizeof(r->detail), fmt, ap);
	r->evidence_count = outcome == EXAM_SKIPPED ? 0 : watch_last(x->watch, r->evidence);
}

static enum exam_outcome departure(const struct exam *x)
{
	return x->now->rule_case->rule.severity == FINDING_ERROR ? EXAM_FAILED : EXAM_NOTED;
}

void exam_depart(struct exam *x, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	pass_verdict(x, departure(x), fmt, ap);
	va_end(ap);
}

void exam_remark(struct exam *x, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	pass_verdict(x, EXAM_NOTED, fmt, ap);
	va_end(ap);
}

void exam_skip(struct exam *x, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	pass_verdict(x, EXAM_SKIPPED, fmt, ap);
	va_end(ap);
}

bool exam_check(struct exam *x, bool good, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!good)
		pass_verdict(x, departure(x), fmt, ap);
	va_end(ap);
	return good && !x->trouble;
}

static bool sw_fits(uint16_t got, uint16_t want)
{
	static const uint16_t families[] = {SW_RESPONSE, SW_CORRECT_LE, SW_GSM_RESPONSE,
					    SW_PROACTIVE, SW_VERIFY_FAILED};

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		if (families[i] == want)
			return sw_is(got, (enum sw)want);
	}
	return got == want;
}

static void put_wants(const uint16_t *wants, char *out, size_t cap)
{
	size_t len = 0;

	for (; *wants && len < cap; wants++) {
		bool family = sw_fits((uint16_t)(*wants + 1), *wants);

		len += (size_t)snprintf(out + len, cap - len, family ? "%s%02Xxx" : "%s%04X",
					len ? " or " : "", family ? *wants >> 8 : *wants);
	}
}

bool exam_sw(struct exam *x, uint16_t got, const char *what, const uint16_t *wants)
{
	char words[64] = "";

	if (x->trouble)
		return false;
	for (const uint16_t *w = wants; *w; w++) {
		if (sw_fits(got, *w))
			return true;
	}
	put_wants(wants, words, sizeof(words));
	exam_depart(x, "%s: %04X (%s) instead of %s", what, got, sw_text(got), words);
	return false;
}

uint16_t exam_send(struct exam *x, const struct apdu *command, struct exam_answer *out)
{
	struct wbuf w = wbuf_init(out->octets, sizeof(out->octets));
	uint16_t sw = 0;
	enum err e;

	out->sw = 0;
	out->len = 0;
	if (x->trouble)
		return 0;
	e = uicc_send(x->u, command, &w, &sw);
	if (e == ERR_PROTOCOL || e == ERR_SPACE)
		exam_depart(x, "the card asks for another Le or promises data without end");
	else if (exam_took(x, e)) {
		out->sw = sw;
		out->len = w.len;
	}
	return out->sw;
}

uint16_t exam_tpdu(struct exam *x, struct slice command, struct exam_answer *out)
{
	struct wbuf w = wbuf_init(out->octets, sizeof(out->octets));
	struct cursor c;
	enum err e;

	out->sw = 0;
	out->len = 0;
	if (x->trouble)
		return 0;
	e = uicc_raw(x->u, command, &w);
	if (e == ERR_PROTOCOL) {
		exam_depart(x, "the answer is no status word");
		return 0;
	}
	if (!exam_took(x, e))
		return 0;
	out->len = w.len - 2;
	c = cursor_of(wbuf_slice(&w));
	cursor_take(&c, out->len);
	out->sw = cursor_u16(&c);
	return out->sw;
}

struct apdu exam_command(enum command_id id, uint8_t p1, uint8_t p2, unsigned le)
{
	struct apdu a = command_apdu(id, 0);

	a.p1 = p1;
	a.p2 = p2;
	a.le = le;
	return a;
}

bool exam_reset(struct exam *x, bool cold)
{
	x->unlocked = false;
	x->dirty = false;
	return !x->trouble && exam_took(x, cold ? uicc_power_cycle(x->u) : uicc_reset(x->u)) &&
	       exam_goes_on(x);
}

uint16_t exam_select(struct exam *x, uint16_t fid, struct exam_answer *out)
{
	const uint8_t id[] = {(uint8_t)(fid >> 8), (uint8_t)fid};
	struct apdu a = exam_command(COMMAND_SELECT, SELECT_FID, SELECT_RETURN_FCP, 256);

	a.data = SLICE_OF(id);
	return exam_send(x, &a, out);
}

bool exam_at_mf(struct exam *x)
{
	struct exam_answer a;

	return exam_sw(x, exam_select(x, FID_MF, &a), "SELECT of the MF", SW(SW_OK));
}

bool exam_at_usim(struct exam *x)
{
	struct exam_answer a;
	struct apdu c = exam_command(COMMAND_SELECT, SELECT_AID, SELECT_RETURN_FCP, 256);

	c.data = slice_make(x->usim_aid, x->usim_aid_len);
	return exam_sw(x, exam_send(x, &c, &a), "SELECT of the USIM", SW(SW_OK));
}

bool exam_under_mf(struct exam *x, uint16_t fid, struct exam_answer *fcp)
{
	return exam_at_mf(x) && exam_select(x, fid, fcp) == SW_OK;
}

bool exam_under_usim(struct exam *x, uint16_t fid, struct exam_answer *fcp)
{
	return exam_at_usim(x) && exam_select(x, fid, fcp) == SW_OK;
}

uint16_t exam_read_binary(struct exam *x, unsigned offset, unsigned le, struct exam_answer *out)
{
	struct apdu a =
		exam_command(COMMAND_READ_BINARY, (uint8_t)(offset >> 8), (uint8_t)offset, le);

	return exam_send(x, &a, out);
}

uint16_t exam_read_record(struct exam *x, unsigned number, unsigned mode, unsigned le,
			  struct exam_answer *out)
{
	struct apdu a = exam_command(COMMAND_READ_RECORD, (uint8_t)number, (uint8_t)mode, le);

	return exam_send(x, &a, out);
}

bool exam_usim_file(struct exam *x, uint16_t fid, struct exam_answer *out)
{
	struct exam_answer fcp;
	struct slice body, size;
	size_t n;

	if (!exam_under_usim(x, fid, &fcp) || tlv_only(exam_data(&fcp), UICC_FCP, &body) ||
	    !tlv_find(body, UICC_FCP_SIZE, &size))
		return false;
	n = (size_t)slice_uint(size, 2);
	return n && exam_read_binary(x, 0, n > 256 ? 256 : (unsigned)n, out) == SW_OK;
}

unsigned exam_open_channel(struct exam *x, struct exam_answer *out)
{
	struct apdu a = exam_command(COMMAND_MANAGE_CHANNEL, CHANNEL_OPEN, 0, 1);

	x->dirty = true;
	if (exam_send(x, &a, out) != SW_OK || out->len != 1)
		return 0;
	return slice_at(exam_data(out), 0);
}

void exam_close_channel(struct exam *x, unsigned channel)
{
	struct apdu a = exam_command(COMMAND_MANAGE_CHANNEL, CHANNEL_CLOSE, (uint8_t)channel, 0);
	struct exam_answer out;

	exam_send(x, &a, &out);
}

bool exam_has(const struct exam *x, unsigned need)
{
	return (x->card->has & need) == need;
}
