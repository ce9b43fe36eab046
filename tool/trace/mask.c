#include "tool/trace/mask.h"

#include "lib/auth/parameters.h"
#include "lib/uicc/apdu.h"
#include "lib/uicc/command.h"

#define HEADER_LEN 5

static struct mask_stream stream_for(struct slice command)
{
	uint8_t context = slice_at(command, 3) & AUTHENTICATE_CONTEXT_MASK;

	if (command_hides(slice_at(command, 1)) != COMMAND_HIDES_ANSWER)
		return (struct mask_stream){.state = MASK_CLOSED};
	if (slice_at(command, 1) == INS_AUTHENTICATE_ODD)
		return (struct mask_stream){.state = MASK_HIDE_REST};
	if (slice_at(command, 0) == CLA_GSM) /* TS 51.011 9.2.16: SRES and Kc, no lengths */
		return (struct mask_stream){.state = MASK_VALUE, .left = GSM_SRES_LEN};
	if (context == (AUTHENTICATE_GSM & AUTHENTICATE_CONTEXT_MASK))
		return (struct mask_stream){.state = MASK_LENGTH, .lengths = true};
	if (context == (AUTHENTICATE_3G & AUTHENTICATE_CONTEXT_MASK))
		return (struct mask_stream){.state = MASK_TAG, .lengths = true};
	return (struct mask_stream){.state = MASK_HIDE_REST};
}

static void stream_field_done(struct mask_stream *s)
{
	s->field++;
	s->state = s->lengths ? MASK_LENGTH : MASK_HIDE_REST;
}

/* The next octet of the answer; true when it is to be hidden. */
static bool stream_hides(struct mask_stream *s, uint8_t octet)
{
	bool hide = false;

	switch (s->state) {
	case MASK_CLOSED:
	case MASK_SHOW_REST: return false;
	case MASK_HIDE_REST: return true;
	case MASK_TAG:
		s->state = octet == AUTHENTICATE_SUCCESS	? MASK_LENGTH
			   : octet == AUTHENTICATE_SYNC_FAILURE ? MASK_SHOW_REST
								: MASK_HIDE_REST;
		return s->state == MASK_HIDE_REST;
	case MASK_LENGTH:
		s->left = octet;
		s->state = MASK_VALUE;
		if (octet > AKA_RES_MAX) { /* no field is that long: whatever follows is hidden */
			s->state = MASK_HIDE_REST;
			return true;
		}
		break;
	case MASK_VALUE:
		hide = s->field > 0;
		s->left--;
		break;
	}
	if (s->left == 0)
		stream_field_done(s);
	return hide;
}

static size_t mask_data(struct mask_stream *s, struct slice data, struct wbuf *out)
{
	struct cursor c = cursor_of(data);
	size_t masked = 0;

	while (cursor_left(&c)) {
		uint8_t octet = cursor_u8(&c);
		bool hide = stream_hides(s, octet);

		wbuf_u8(out, hide ? MASK_OCTET : octet);
		masked += hide;
	}
	return masked;
}

struct slice mask_without_le(struct slice command)
{
	struct apdu a;

	if (!apdu_parse(command, &a) && a.data.len && a.has_le && !a.extended)
		return slice_sub(command, 0, command.len - 1);
	return command;
}

enum mask_kind mask_exchange(struct mask *m, struct slice command, struct slice response,
			     struct wbuf *out, size_t *masked)
{
	int channel = apdu_channel(slice_at(command, 0));
	struct mask_stream *s = &m->streams[channel > 0 ? channel : 0];
	uint8_t ins = slice_at(command, 1);
	size_t data_len = response.len > 2 ? response.len - 2 : 0;
	struct slice data = slice_sub(response, 0, data_len);
	enum mask_kind kind = MASK_NOTHING;

	*masked = 0;
	if (ins != INS_GET_RESPONSE)
		*s = stream_for(command);
	if (command_hides(ins) == COMMAND_HIDES_DATA) {
		struct slice rest = slice_sub(command, HEADER_LEN, command.len);

		wbuf_put(out, slice_sub(command, 0, HEADER_LEN));
		wbuf_fill(out, MASK_OCTET, rest.len + data_len);
		*masked = rest.len + data_len;
		kind = MASK_PIN;
	} else {
		wbuf_put(out, mask_without_le(command));
		*masked = mask_data(s, data, out);
		kind = MASK_KEYS;
	}
	wbuf_put(out, slice_sub(response, data_len, response.len));
	return *masked ? kind : MASK_NOTHING;
}
