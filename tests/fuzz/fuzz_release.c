/*
 * The release messages: parsed as each of them, and given to a card's key-release application by
 * STORE DATA. What is stored never changes: nobody has the keys.
 */
#include <stdlib.h>

#include "card-emu/card.h"
#include "card-emu/store/keys.h"
#include "card-emu/core/app.h"
#include "card-emu/store/store.h"
#include "lib/base/secret.h"
#include "lib/release/grant.h"
#include "lib/crypto/ec.h"
#include "lib/release/grant.h"

#define BLOCK 255

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse_all(struct slice m)
{
	uint8_t iccid[KRA_ICCID_LEN];
	struct kra_status status;
	struct kra_challenge challenge;
	struct grant grant;
	struct kra_outcome outcome;
	struct kra_reseal reseal;
	enum kra_result result;
	int parsed = 0;

	parsed += kra_parse_status(m, &status) == ERR_OK;
	parsed += kra_parse_get_challenge(m, iccid) == ERR_OK;
	parsed += kra_parse_challenge(m, &challenge, &result) == ERR_OK;
	parsed += grant_parse(m, &grant) == ERR_OK;
	parsed += kra_parse_outcome(m, &outcome) == ERR_OK;
	parsed += kra_parse_reseal(m, &reseal) == ERR_OK;
	parsed += kra_parse_reseal_result(m, &result) == ERR_OK;
	if (parsed > 1) /* no message can be taken for another */
		abort();
}

static struct card *new_card(void)
{
	static const uint8_t eid[KRA_EID_LEN] = {0x89}, cert[] = {0x30, 0x00};
	struct card_options o = {.memory = true};
	struct wbuf der = wbuf_grow(SECRET_MAX);
	struct ec_key *sk = NULL;
	struct card *card = NULL;
	struct store_txn *t;

	if (card_open(&o, &card) || ec_key_generate(EC_P256, &sk) || ec_key_save(sk, &der))
		abort();
	t = store_begin(card_store(card));
	store_put(t, STORE_KEY_EID, SLICE_OF(eid));
	store_put(t, STORE_KEY_CERT, SLICE_OF(cert));
	store_put(t, STORE_KEY_EUM, SLICE_OF(cert));
	store_put_secret(t, STORE_KEY_SK, wbuf_slice(&der));
	if (store_commit(t))
		abort();
	ec_key_free(&sk);
	wbuf_free(&der);
	return card;
}

static void send(struct card *card, struct slice command)
{
	uint8_t answer[258];
	struct wbuf out = wbuf_init(answer, sizeof(answer));

	if (card_transmit(card, command, &out) || out.len < 2)
		abort();
}

static void store_data(struct card *card, struct slice m)
{
	uint8_t mem[5 + BLOCK];
	size_t at = 0, used = store_used(card_store(card));
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	wbuf_u32(&w, 0x00A40400);
	wbuf_u8(&w, sizeof(kra_aid));
	wbuf_put(&w, slice_make(kra_aid, sizeof(kra_aid)));
	card_reset(card);
	send(card, wbuf_slice(&w));
	for (uint8_t n = 0; at < m.len && n < UINT8_MAX; n++) {
		struct slice block = slice_sub(m, at, BLOCK);

		at += block.len;
		wbuf_reset(&w);
		wbuf_u16(&w, 0x80E2);
		wbuf_u8(&w, at < m.len ? 0x11 : 0x91);
		wbuf_u8(&w, n);
		wbuf_u8(&w, (uint8_t)block.len);
		wbuf_put(&w, block);
		send(card, wbuf_slice(&w));
	}
	if (store_used(card_store(card)) != used)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct card *card;

	if (!card)
		card = new_card();
	parse_all(slice_make(data, size));
	store_data(card, slice_make(data, size));
	return 0;
}
