#include "card-emu/core/response.h"

#include "card-emu/core/app.h"

#define KEPT 1024

enum err response_open(struct response *r)
{
	enum err e;

	*r = (struct response){.data = wbuf_grow(CARD_RESPONSE_MAX)};
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
	return (uint16_t)((gsm ? SW_WRONG_LENGTH : SW_CORRECT_LE) | (n & 0xFF));
}

uint16_t response_fetch(struct response *r, const struct apdu *a, struct wbuf *out)
{
	size_t left = r->data.len - r->at, n = a->has_le ? a->le : 0;
	bool gsm = a->cla == CLA_GSM;

	if (a->p1 || a->p2)
		return gsm ? SW_OUT_OF_RANGE : SW_WRONG_P1P2;
	if (!a->has_le || a->data.len)
		return SW_WRONG_LENGTH;
	if (!left || gsm != r->gsm || (unsigned)apdu_channel(a->cla) != r->channel)
		return SW_TECHNICAL; /* TS 102 221 12.1.1, TS 51.011 9.4.6 */
	if (n > left)
		return sw_of_length(left, gsm);
	wbuf_put(out, slice_sub(wbuf_slice(&r->data), r->at, n));
	r->at += n;
	left -= n;
	return left && !gsm ? sw_more(left, gsm) : r->sw;
}

uint16_t response_send(struct response *r, const struct apdu *a, bool direct, uint16_t sw,
		       struct wbuf *out)
{
	size_t n = sw_is_good(sw) || sw_is(sw, SW_WARNING) ? r->data.len : 0;
	bool gsm = a->cla == CLA_GSM, warned = sw == SW_FILE_DEACTIVATED;

	if (wbuf_done(&r->data)) {
		response_drop(r);
		return SW_TECHNICAL;
	}
	if (!n || direct) {
		if (n && n != a->le)
			sw = sw_of_length(n, gsm);
		else if (n)
			wbuf_put(out, wbuf_slice(&r->data));
		response_drop(r);
		return sw;
	}
	/* TS 102 221 7.3.1.1.4: a warning comes before the data, which GET RESPONSE brings; "more
	 * data" tells of the object, and comes behind the block. */
	r->sw = warned ? SW_OK : sw;
	r->channel = (unsigned)apdu_channel(a->cla);
	r->gsm = gsm;
	return warned ? sw : sw_more(n, gsm);
}
