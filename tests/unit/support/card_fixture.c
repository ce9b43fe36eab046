#include "tests/unit/support/card_fixture.h"

#include <string.h>

#include "card-emu/profile/sim.h"
#include "lib/uicc/apdu.h"
#include "lib/uicc/command.h"
#include "tests/unit/test.h"

#include "lib/profile/simfile.h"
#include "card-emu/profile/sim.h"
#include "card-emu/store/store.h"
#include "lib/uicc/apdu.h"

static const uint8_t eid[16] = {0x89, 0x04, 0x90, 0x32, 0x12, 0x34, 0x51, 0x23,
				0x45, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x35};

struct card *fixture_reopen_as(const char *dir, enum card_protocol protocol)
{
	struct card_options o = {.dir = dir, .protocol = protocol};
	struct card *card = NULL;

	ASSERT_ERR(card_open(&o, &card), ERR_OK);
	if (!card)
		abort();
	CU_ASSERT(card_reset(card).len > 2);
	return card;
}

struct card *fixture_reopen(const char *dir)
{
	return fixture_reopen_as(dir, CARD_T0);
}

void fixture_install(const char *dir, const char *text)
{
	struct simfile_error error;
	struct simfile *sim = NULL;
	struct store *store = NULL;

	ASSERT_ERR(simfile_parse(slice_str(text), &sim, &error), ERR_OK);
	ASSERT_ERR(store_open(dir, 0, &store), ERR_OK);
	ASSERT_ERR(sim_install(store, sim), ERR_OK);
	store_close(&store);
	simfile_free(&sim);
}

struct card *fixture_card(const char *sim, const char **dir)
{
	const char *folder = test_dir();
	struct card_options o = {.dir = folder};
	struct card_identity id = {0};

	memcpy(id.eid, eid, sizeof(eid));
	ASSERT_ERR(card_create(&o, &id), ERR_OK);
	ASSERT_ERR(card_create(&o, &id), ERR_EXISTS);
	if (sim)
		fixture_install(folder, sim);
	if (dir)
		*dir = folder;
	return fixture_reopen(folder);
}

const char *fixture_send(struct card *card, const char *hex)
{
	static char text[2 * 258 + 1];
	uint8_t mem[258], sent[512];
	struct wbuf out = wbuf_init(mem, sizeof(mem)), command = wbuf_init(sent, sizeof(sent));

	ASSERT_ERR(hex_decode(hex, &command), ERR_OK);
	ASSERT_ERR(card_transmit(card, wbuf_slice(&command), &out), ERR_OK);
	ASSERT_ERR(hex_encode(wbuf_slice(&out), text, sizeof(text)), ERR_OK);
	return text;
}

static uint16_t transmit(struct card *card, struct slice command, struct wbuf *out)
{
	uint8_t mem[APDU_RESPONSE_MAX];
	struct wbuf response = wbuf_init(mem, sizeof(mem));
	struct slice r;

	ASSERT_ERR(card_transmit(card, command, &response), ERR_OK);
	r = wbuf_slice(&response);
	CU_ASSERT_FATAL(r.len >= 2);
	wbuf_put(out, slice_sub(r, 0, r.len - 2));
	return (uint16_t)(slice_at(r, r.len - 2) << 8 | slice_at(r, r.len - 1));
}

uint16_t fixture_exchange(struct card *card, struct slice command, struct wbuf *out)
{
	uint16_t sw = transmit(card, command, out);

	while ((sw & 0xFF00) == SW_RESPONSE) {
		uint8_t get[] = {slice_at(command, 0), INS_GET_RESPONSE, 0, 0, (uint8_t)sw};

		sw = transmit(card, SLICE_OF(get), out);
	}
	return sw;
}
