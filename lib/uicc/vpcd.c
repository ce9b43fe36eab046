#include "lib/uicc/vpcd.h"

unsigned vpcd_control(struct slice payload)
{
	return payload.len == 1 ? slice_at(payload, 0) : VPCD_COMMAND;
}

bool vpcd_take(struct cursor *c, struct slice *payload)
{
	struct cursor ahead = *c;
	uint16_t len = cursor_u16(&ahead);
	struct slice s = cursor_take(&ahead, len);

	if (ahead.err)
		return false;
	*c = ahead;
	*payload = s;
	return true;
}

void vpcd_put(struct wbuf *w, struct slice payload)
{
	if (payload.len > VPCD_PAYLOAD_MAX) {
		wbuf_fail(w, ERR_LENGTH);
		return;
	}
	wbuf_u16(w, (uint16_t)payload.len);
	wbuf_put(w, payload);
}
