/*
 * Sequences of APDUs to a card with a two-key profile enabled: every application, every channel;
 * once under T=0 and once under T=1, which takes extended lengths. What is an APDU is written as
 * it was read.
 *
 * Input: records of an octet and what it announces: 00 to FA: a command of so many octets; FB: 261
 * octets; FC: power off; FD: reset; FE: what a terminal does on the last status word (GET
 * RESPONSE, the right Le, FETCH); FF: 260 octets, the most that a command under T=0 has.
 */
#include "lib/uicc/command.h"
#include "card-emu/core/app.h"
#include "card-emu/profile/release.h"
#include "tests/support/euicc.h"
#include "tests/support/must.h"
#include "tests/support/snapshot.h"

#include <string.h>

#define FULL 261
enum record { RECORD_FULL = 0xFB, RECORD_OFF, RECORD_RESET, RECORD_FOLLOW, RECORD_T0 };

#define TAG_PROACTIVE 0xD0 /* TS 102 223 9.2 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same card under each protocol */
static struct side {
	enum card_protocol protocol;
	struct euicc euicc;
	struct snapshot *at_first;
} sides[] = {{.protocol = CARD_T0}, {.protocol = CARD_T1}}, *at;
static uint8_t last[APDU_COMMAND_MAX];
static size_t last_len;
static uint16_t sw;

static bool follows_t0(const struct apdu *a)
{
	return at->protocol == CARD_T0 || a->cla == CLA_GSM;
}

static void check_form(const struct apdu *a, struct slice command)
{
	struct wbuf w = wbuf_grow(APDU_EXTENDED_COMMAND_MAX);

	apdu_put_whole(&w, a);
	MUST(slice_equal(wbuf_slice(&w), command));
	wbuf_free(&w);
}

static void check(const struct apdu *a, bool well_formed, struct slice answer)
{
	size_t data_len = answer.len - 2;

	MUST(sw >> 12 == 6 || sw >> 12 == 9);
	if (!well_formed || (a->extended && follows_t0(a)))
		MUST(sw == SW_WRONG_LENGTH && data_len == 0);
	else if (!a->has_le)
		MUST(data_len == 0);
	else
		MUST(data_len <= a->le);
	if (!sw_is_good(sw) && sw >> 8 != SW_WARNING >> 8)
		MUST(data_len == 0);
}

/* What was announced comes when it is asked for. */
static void check_follow(uint16_t announced, struct slice answer)
{
	size_t want = announced & 0xFF ? announced & 0xFF : 256;

	switch (announced & 0xFF00) {
	case SW_RESPONSE:
	case SW_GSM_RESPONSE:
		MUST(answer.len == want + 2 && (sw_is_good(sw) || sw == SW_MORE_DATA));
		break;
	case SW_PROACTIVE:
		MUST(answer.len == want + 2 && slice_at(answer, 0) == TAG_PROACTIVE);
		MUST(sw == SW_OK);
		break;
	case SW_CORRECT_LE: MUST(sw >> 8 != SW_CORRECT_LE >> 8); break;
	default: break;
	}
}

static void send(struct slice command, uint16_t follows)
{
	static uint8_t mem[CARD_ANSWER_MAX];
	struct wbuf out = wbuf_init(mem, at->protocol == CARD_T0 ? APDU_RESPONSE_MAX : sizeof(mem));
	struct apdu a = {0};
	bool well_formed = apdu_parse(command, &a) == ERR_OK;
	struct cursor c;

	if (well_formed)
		check_form(&a, command);
	if (well_formed && !a.has_p3 && follows_t0(&a)) { /* TS 102 221 7.3.1.1.1: P3 is 00 */
		a.has_le = true;
		a.le = 256;
	}
	MUST(card_transmit(at->euicc.card, command, &out) == ERR_OK && out.len >= 2);
	c = cursor_of(slice_sub(wbuf_slice(&out), out.len - 2, 2));
	sw = cursor_u16(&c);
	check(&a, well_formed, wbuf_slice(&out));
	check_follow(follows, wbuf_slice(&out));
	if (command.len && command.ptr != last)
		memcpy(last, command.ptr, command.len);
	last_len = command.len;
}

static void follow(void)
{
	uint8_t mem[5], le = (uint8_t)sw, cla = last_len ? last[0] : 0;
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	uint16_t announced = sw;

	if (sw >> 8 == SW_CORRECT_LE >> 8 && (last_len == 4 || last_len == 5)) {
		last[4] = le;
		send(slice_make(last, 5), announced);
		return;
	}
	if (sw == SW_FILE_DEACTIVATED) { /* 7.3.1.1.4: the answer waits behind the warning */
		apdu_put(&w, &(struct apdu){.cla = cla, .ins = INS_GET_RESPONSE});
		wbuf_u8(&w, 0);
		send(wbuf_slice(&w), 0);
		return;
	}
	if (sw >> 8 == SW_PROACTIVE >> 8)
		apdu_put(&w, &(struct apdu){.cla = 0x80, .ins = INS_FETCH});
	else if (sw >> 8 == SW_RESPONSE >> 8 || sw >> 8 == SW_GSM_RESPONSE >> 8)
		apdu_put(&w, &(struct apdu){.cla = cla, .ins = INS_GET_RESPONSE});
	else
		return;
	wbuf_u8(&w, le);
	send(wbuf_slice(&w), announced);
}

static void run(struct cursor *c)
{
	uint8_t record = cursor_u8(c);

	switch (record) {
	case RECORD_OFF: card_power_off(at->euicc.card); break;
	case RECORD_RESET: card_reset(at->euicc.card); break;
	case RECORD_FOLLOW: follow(); return;
	case RECORD_FULL: send(cursor_take(c, FULL), 0); return;
	case RECORD_T0: send(cursor_take(c, FULL - 1), 0); return;
	default: send(cursor_take(c, record), 0); return;
	}
	sw = SW_OK;
	last_len = 0;
}

static void start(struct side *side)
{
	if (side->at_first)
		return;
	euicc_open_as(&side->euicc, NULL, side->protocol);
	side->at_first = snapshot_take(card_store(side->euicc.card), "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (at = sides; at < sides + ARRAY_LEN(sides); at++) {
		struct cursor c = cursor_of(slice_make(data, size));
		struct release_record record;

		start(at);
		card_reset(at->euicc.card);
		sw = SW_OK;
		last_len = 0;
		while (!c.err && cursor_left(&c))
			run(&c);
		/* I1: nobody here has the sealing key */
		release_load(card_store(at->euicc.card), EUICC_PROFILE, &record);
		MUST(record.active == 1 && record.key_id == 0);
		snapshot_restore(at->at_first, card_store(at->euicc.card));
	}
	return 0;
}
