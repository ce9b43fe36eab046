/* pin: VERIFY, CHANGE, DISABLE, ENABLE, UNBLOCK PIN, TS 102 221 11.1.9 to 11.1.13 */
#include "card-emu/uicc/pin.h"

#include <string.h>

#include "card-emu/uicc/internal.h"

#define PIN_LEN 8

static uint16_t sw_tries(uint8_t left)
{
	return left ? (uint16_t)(SW_VERIFY_FAILED | (left > 15 ? 15 : left)) : SW_PIN_BLOCKED;
}

static enum err save(struct card *card, uint8_t ref, const struct pin_record *pin)
{
	struct store_txn *t = store_begin(card->store);
	enum err e = pin_put(t, card->profile, ref, pin);

	return e ? e : store_commit(t);
}

/*
 * Compares with the PIN or PUK. The counter is written down before the comparison, so that power
 * cut in between cannot give a free try.
 */
static uint16_t compare(struct card *card, uint8_t ref, struct pin_record *pin, bool puk,
			struct slice given)
{
	uint8_t *tries = puk ? &pin->puk_tries : &pin->tries;
	uint8_t max = puk ? pin->puk_tries_max : pin->tries_max;
	enum err e;

	if (*tries == 0)
		return SW_PIN_BLOCKED;
	(*tries)--;
	e = save(card, ref, pin);
	if (e)
		return sw_of_store(e);
	if (!secret_equal(given, slice_make(puk ? pin->puk : pin->value, PIN_LEN))) {
		card->verified[ref] = false;
		return sw_tries(*tries);
	}
	*tries = max;
	return SW_OK;
}

static uint16_t load(struct app_call *call, struct pin_record *pin)
{
	if (pin_load(call->card->store, call->card->profile, call->apdu.p2, pin))
		return SW_NOT_FOUND;
	return SW_OK;
}

uint16_t pin_verify(struct card *card, uint8_t ref, struct slice given)
{
	struct pin_record pin;
	uint16_t sw;

	if (pin_load(card->store, card->profile, ref, &pin))
		return SW_NOT_FOUND;
	if (given.len == 0) {
		sw = sw_tries(pin.tries);
	} else if (given.len != PIN_LEN) {
		sw = SW_WRONG_LENGTH;
	} else if (!pin.enabled) {
		sw = SW_REFERENCED_DATA;
	} else {
		sw = compare(card, ref, &pin, false, given);
		if (sw == SW_OK)
			sw = sw_of_store(save(card, ref, &pin));
		card->verified[ref] = sw == SW_OK;
	}
	secret_wipe(&pin, sizeof(pin));
	return sw;
}

static uint16_t verify_pin(struct app_call *call)
{
	return call->apdu.p1 ? SW_WRONG_P1P2
			     : pin_verify(call->card, call->apdu.p2, call->apdu.data);
}

static uint16_t change_pin(struct app_call *call)
{
	struct pin_record pin;
	struct slice data = call->apdu.data;
	uint16_t sw = call->apdu.p1 ? SW_WRONG_P1P2 : load(call, &pin);

	if (sw != SW_OK)
		return sw;
	if (data.len != 2 * PIN_LEN) {
		sw = SW_WRONG_LENGTH;
	} else if (!pin.enabled) {
		sw = SW_REFERENCED_DATA;
	} else {
		sw = compare(call->card, call->apdu.p2, &pin, false, slice_sub(data, 0, PIN_LEN));
		if (sw == SW_OK) {
			memcpy(pin.value, slice_sub(data, PIN_LEN, PIN_LEN).ptr, PIN_LEN);
			sw = sw_of_store(save(call->card, call->apdu.p2, &pin));
			call->card->verified[call->apdu.p2] = sw == SW_OK;
		}
	}
	secret_wipe(&pin, sizeof(pin));
	return sw;
}

static uint16_t set_enabled(struct app_call *call, bool enabled)
{
	struct pin_record pin;
	uint8_t ref = call->apdu.p2;
	uint16_t sw = call->apdu.p1 ? SW_WRONG_P1P2 : load(call, &pin);

	if (sw != SW_OK)
		return sw;
	if (call->apdu.data.len != PIN_LEN) {
		sw = SW_WRONG_LENGTH;
	} else if (pin.enabled == enabled) {
		sw = SW_REFERENCED_DATA;
	} else {
		sw = compare(call->card, ref, &pin, false, call->apdu.data);
		if (sw == SW_OK) {
			pin.enabled = enabled;
			sw = sw_of_store(save(call->card, ref, &pin));
			call->card->verified[ref] = sw == SW_OK && enabled;
		}
	}
	secret_wipe(&pin, sizeof(pin));
	return sw;
}

static uint16_t disable_pin(struct app_call *call)
{
	return set_enabled(call, false);
}

static uint16_t enable_pin(struct app_call *call)
{
	return set_enabled(call, true);
}

uint16_t pin_unblock(struct card *card, uint8_t ref, struct slice data)
{
	struct pin_record pin;
	uint16_t sw;

	if (pin_load(card->store, card->profile, ref, &pin))
		return SW_NOT_FOUND;
	if (!pin.has_puk) {
		sw = SW_NOT_FOUND;
	} else if (data.len == 0) {
		sw = sw_tries(pin.puk_tries);
	} else if (data.len != 2 * PIN_LEN) {
		sw = SW_WRONG_LENGTH;
	} else {
		sw = compare(card, ref, &pin, true, slice_sub(data, 0, PIN_LEN));
		if (sw == SW_OK) {
			memcpy(pin.value, slice_sub(data, PIN_LEN, PIN_LEN).ptr, PIN_LEN);
			pin.tries = pin.tries_max;
			pin.enabled = true;
			sw = sw_of_store(save(card, ref, &pin));
			card->verified[ref] = sw == SW_OK;
		}
	}
	secret_wipe(&pin, sizeof(pin));
	return sw;
}

static uint16_t unblock_pin(struct app_call *call)
{
	return call->apdu.p1 ? SW_WRONG_P1P2
			     : pin_unblock(call->card, call->apdu.p2, call->apdu.data);
}

const struct app_command pin_commands[] = {
	{"VERIFY PIN", 0x00, 0xF0, INS_VERIFY_PIN, APP_CASE_3_OR_1, verify_pin,
	 "TS 102 221 11.1.9"},
	{"CHANGE PIN", 0x00, 0xF0, INS_CHANGE_PIN, APP_CASE_3, change_pin, "TS 102 221 11.1.10"},
	{"DISABLE PIN", 0x00, 0xF0, INS_DISABLE_PIN, APP_CASE_3, disable_pin, "TS 102 221 11.1.11"},
	{"ENABLE PIN", 0x00, 0xF0, INS_ENABLE_PIN, APP_CASE_3, enable_pin, "TS 102 221 11.1.12"},
	{"UNBLOCK PIN", 0x00, 0xF0, INS_UNBLOCK_PIN, APP_CASE_3_OR_1, unblock_pin,
	 "TS 102 221 11.1.13"},
};
const size_t pin_command_count = ARRAY_LEN(pin_commands);
