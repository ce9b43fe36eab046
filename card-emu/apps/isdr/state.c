#include "card-emu/apps/isdr/state.h"

#include "lib/base/secret.h"
#include "lib/crypto/ec.h"
#include "lib/rsp/bsp.h"

uint16_t isdr_sw_of_out(const struct wbuf *out)
{
	return wbuf_done(out) ? SW_TECHNICAL : SW_OK;
}

struct slice isdr_transaction(const struct isdr *s)
{
	return slice_make(s->transaction_id, s->transaction_len);
}

void isdr_end_session(struct isdr *s)
{
	struct store_data chain = s->chain;

	ec_key_free(&s->otsk);
	bsp_free(&s->bsp);
	wbuf_free(&s->isdp);
	wbuf_free(&s->keys);
	wbuf_free(&s->metadata);
	wbuf_free(&s->package);
	wbuf_free(&s->report);
	secret_wipe(s, sizeof(*s));
	s->chain = chain;
}
