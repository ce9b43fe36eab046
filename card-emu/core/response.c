#include "card-emu/core/response.h"

#include "card-emu/core/app.h"

#define KEPT	  1024
#define GIVEN_MAX (CARD_ANSWER_MAX - 2) /* octets of one answer */

enum err response_open(struct response *r, bool whole)
{
	enum err e;

	*r = (struct response){.data = wbuf_grow(CARD_RESPONSE_MAX), .whole = whole};
	/* Answers are written after what they tell was committed: short ones always find room. */
	wbuf_fill(&r->data, 0, KEPT);
	e = wbuf_done(&r->data);
	response_drop(r);
	return e;
}

void response_close(struct response *r)
{
	wbuf_free(&r->data);
}

void response_drop(struct response *r)
{
	wbuf_cut(&r->data, 0);
	wbuf_reset(&r->data);
	r->at = 0;
}

static uint16_t sw_more(size_t left, bool gsm)
{
	uint16_t family = gsm ? SW_GSM_RESPONSE : SW_RESPONSE;

	return (uint16_t)(family | (left > 255 ? 0 : left));
}

/* The length that was asked for is not that of what there is: 6Cxx, of the 2G class 67xx. */
static uint16_t sw_of_length(size_t n, bool gsm)
{
	if (n > APDU_LE_MAX) /* more than 6Cxx can say */
		return SW_WRONG_LENGTH;
	return (uint16_t)((gsm ? SW_WRONG_LENGTH : SW_CORRECT_LE) | (n & 0xFF));
}

bool response_is_whole(const struct response *r, const struct apdu *a)
{
	return r->whole && a->cla != CLA_GSM;
}

bool response_fits(const struct response *r, const struct apdu *a, size_t n)
{
	if (!response_is_whole(r, a))
		return n == a->le;
	/* without Le it is announced; so is what is left of one that 6Cxx has no number for */
	return n == a->le || !a->has_le || apdu_asks_all(a) || (n > APDU_LE_MAX && n > a->le);
}

/* The next octets, n of them at most, to out. */
static uint16_t give(struct response *r, size_t n, struct wbuf *out)
{
	size_t left = r->data.len - r->at;
	uint16_t sw = r->sw;

	n = n > left ? left : n > GIVEN_MAX ? GIVEN_MAX : n;
	wbuf_put(out, slice_sub(wbuf_slice(&r->data), r->at, n));
	r->at += n;
	left -= n;
	if (left)
		return r->gsm ? sw : sw_more(left, false);
	response_drop(r);
	return sw;
}

uint16_t response_fetch(struct response *r, const struct apdu *a, struct wbuf *out)
{
	size_t left = r->data.len - r->at;
	bool gsm = a->cla == CLA_GSM, all = response_is_whole(r, a) && apdu_asks_all(a);

	if (a->p1 || a->p2)
		return gsm ? SW_OUT_OF_RANGE : SW_WRONG_P1P2;
	if (!a->has_le || a->data.len)
		return SW_WRONG_LENGTH;
	if (!left || gsm != r->gsm || (unsigned)apdu_channel(a->cla) != r->channel)
		return SW_TECHNICAL; /* TS 102 221 12.1.1, TS 51.011 9.4.6 */
	if (a->le > left && !all)
		return sw_of_length(left, gsm);
	return give(r, a->le, out);
}

uint16_t response_send(struct response *r, const struct apdu *a, bool direct, uint16_t sw,
		       struct wbuf *out)
{
	size_t n = sw_is_good(sw) || sw_is(sw, SW_WARNING) ? r->data.len : 0;
	bool whole = response_is_whole(r, a), warned = !whole && sw == SW_FILE_DEACTIVATED;

	if (wbuf_done(&r->data)) {
		response_drop(r);
		return SW_TECHNICAL;
	}
	r->gsm = a->cla == CLA_GSM;
	if (!n || (direct && !response_fits(r, a, n))) {
		response_drop(r);
		return n ? sw_of_length(n, r->gsm) : sw;
	}
	/* TS 102 221 7.3.1.1.4: under T=0 a warning comes before the data, which GET RESPONSE
	 * brings; "more data" tells of the object, and comes behind the block. */
	r->sw = warned ? SW_OK : sw;
	r->channel = (unsigned)apdu_channel(a->cla);
	if (a->has_le && (direct || whole)) /* 7.3.2: at once */
		return give(r, a->le, out);
	return warned ? sw : sw_more(n, r->gsm);
}
