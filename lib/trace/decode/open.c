#include "lib/trace/decode/open.h"

#include "lib/trace/decode/ef/ef.h"
#include "lib/uicc/command.h"

#define MASKED	   0xFF
#define SRES_LEN   4 /* of class A0, TS 51.011 9.2.16 */
#define KC_LEN	   8
#define RES_MAX	   16 /* TS 33.102 6.3.7 */
#define AUTS_FIRST AUTHENTICATE_SYNC_FAILURE

bool open_is_masked(struct slice secret)
{
	for (size_t i = 0; i < secret.len; i++) {
		if (slice_at(secret, i) != MASKED)
			return false;
	}
	return true;
}

void open_data(const struct exchange *x, struct wbuf *mem, struct slice *out)
{
	*out = x->apdu.data;
	if (!out->len || command_hides(x->apdu.ins) != COMMAND_HIDES_DATA)
		return;
	wbuf_reset(mem);
	wbuf_fill(mem, MASKED, x->apdu.data.len);
	*out = wbuf_slice(mem);
}

/* TS 31.102 7.1.2.1: the first field (RES, SRES) stays, what is behind it are keys; each has its
 * length in front. */
static void hide_fields(struct cursor *c, struct wbuf *out)
{
	for (bool first = true; cursor_left(c); first = false) {
		size_t said = cursor_u8(c), n = said < cursor_left(c) ? said : cursor_left(c);
		struct slice field = cursor_take(c, n);

		wbuf_u8(out, (uint8_t)said);
		if (first && n <= RES_MAX)
			wbuf_put(out, field);
		else
			wbuf_fill(out, MASKED, n);
	}
}

/* What GET RESPONSE fetches of a command that the trace lacks, or of one that came twice, may be
 * the answer to AUTHENTICATE: it looks like one. */
static bool may_hold_keys(const struct exchange *x)
{
	uint8_t first = slice_at(x->answer, 0);

	if (x->apdu.ins != INS_GET_RESPONSE)
		return command_hides(x->apdu.ins) == COMMAND_HIDES_ANSWER;
	if (x->apdu.cla == CLA_GSM)
		return x->answer.len == SRES_LEN + KC_LEN;
	return first == AUTHENTICATE_SUCCESS ||
	       (first == SRES_LEN && x->answer.len == 2 + SRES_LEN + KC_LEN);
}

void open_answer(const struct exchange *x, struct wbuf *mem, struct slice *out)
{
	struct cursor c = cursor_of(x->answer);
	unsigned context = x->apdu.p2 & AUTHENTICATE_CONTEXT_MASK;
	uint8_t first = slice_at(x->answer, 0);

	*out = x->answer;
	if (!x->answer.len || !may_hold_keys(x))
		return;
	if (x->apdu.ins == INS_AUTHENTICATE && x->apdu.cla != CLA_GSM && first == AUTS_FIRST)
		return;
	wbuf_reset(mem);
	if (x->apdu.cla == CLA_GSM) {
		wbuf_put(mem, cursor_take(&c, SRES_LEN < x->answer.len ? SRES_LEN : x->answer.len));
	} else if (first == AUTHENTICATE_SUCCESS &&
		   (x->apdu.ins == INS_GET_RESPONSE ||
		    context == (AUTHENTICATE_3G & AUTHENTICATE_CONTEXT_MASK))) {
		wbuf_u8(mem, cursor_u8(&c));
		hide_fields(&c, mem);
	} else if (x->apdu.ins == INS_AUTHENTICATE &&
		   context == (AUTHENTICATE_GSM & AUTHENTICATE_CONTEXT_MASK)) {
		hide_fields(&c, mem);
	}
	wbuf_fill(mem, MASKED, cursor_left(&c));
	*out = wbuf_slice(mem);
}

void open_file(const struct exchange *x, const struct ef_kind *ef, struct wbuf *mem,
	       struct slice *shown)
{
	size_t n = shown->len;

	if (!n || !ef_has_secret(ef))
		return;
	switch (x->apdu.ins) {
	case INS_READ_BINARY:
	case INS_READ_RECORD:
	case INS_UPDATE_BINARY:
	case INS_UPDATE_RECORD:
	case INS_SEARCH_RECORD:
	case INS_RETRIEVE_DATA:
	case INS_SET_DATA:
	case INS_GET_RESPONSE:
		wbuf_reset(mem);
		wbuf_fill(mem, MASKED, n);
		*shown = wbuf_slice(mem);
		return;
	default: return;
	}
}
