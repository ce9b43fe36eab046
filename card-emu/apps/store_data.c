#include "card-emu/apps/store_data.h"

#include "lib/base/tlv.h"
void store_data_drop(struct store_data *d)
{
	wbuf_free(&d->chain);
	*d = (struct store_data){0};
}

void store_data_leave(struct store_data *d, const struct channel *channel)
{
	if (d->channel == channel)
		store_data_drop(d);
}

static uint16_t refuse_block(struct store_data *d, uint16_t sw)
{
	store_data_drop(d);
	return sw;
}

static uint16_t last_block(struct store_data *d, struct app_call *call,
			   uint16_t (*handle)(struct app_call *call, struct slice request))
{
	struct wbuf chain = d->chain;
	uint16_t sw;

	/* closed before it is handled: whatever happens, the next block is a first one */
	*d = (struct store_data){0};
	sw = handle(call, wbuf_slice(&chain));
	wbuf_free(&chain);
	return sw;
}

/*
 * After 256 blocks the number is 00 again. Such a block goes on with the chain when the data object
 * that the chain began is then complete, or still isn't; otherwise it begins a chain anew.
 */
static bool goes_on(const struct store_data *d, const struct app_call *call)
{
	const struct apdu *a = &call->apdu;
	struct cursor c = cursor_of(wbuf_slice(&d->chain));
	uint32_t tag;
	size_t len, have = d->chain.len + a->data.len, want;

	if (d->channel != call->channel || d->next_block != 0 || !tlv_header(&c, &tag, &len))
		return false;
	want = d->chain.len - cursor_left(&c) + len;
	return a->p1 == STORE_DATA_LAST ? have == want : have < want;
}

uint16_t store_data_block(struct store_data *d, struct app_call *call,
			  uint16_t (*handle)(struct app_call *call, struct slice request))
{
	const struct apdu *a = &call->apdu;

	if (a->p1 != STORE_DATA_MORE && a->p1 != STORE_DATA_LAST)
		return refuse_block(d, SW_WRONG_P1P2);
	if (a->p2 == 0 && !goes_on(d, call)) { /* it begins anew, whatever was open */
		store_data_drop(d);
		d->chain = wbuf_grow(STORE_DATA_MAX);
		d->channel = call->channel;
	} else if (d->channel != call->channel || a->p2 != d->next_block) {
		return refuse_block(d, SW_WRONG_P1P2);
	}
	wbuf_put(&d->chain, a->data);
	if (wbuf_done(&d->chain))
		return refuse_block(d, SW_NO_MEMORY);
	d->next_block = (uint8_t)(a->p2 + 1);
	return a->p1 == STORE_DATA_LAST ? last_block(d, call, handle) : SW_OK;
}
