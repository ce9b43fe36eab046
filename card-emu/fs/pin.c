#include "card-emu/fs/pin.h"

#include <string.h>

#include "card-emu/core/app.h"
#include "card-emu/fs/adf.h"
#include "card-emu/fs/pins.h"
#include "card-emu/fs/session.h"
#include "card-emu/store/store.h"
#include "lib/base/secret.h"
#include "lib/uicc/aid.h"

#define PIN_LEN	       8
#define PIN_DIGITS_MIN 4
#define PIN_PADDING    0xFF
#define ALTERNATIVE    0x80 /* P1 of DISABLE PIN, TS 102 221 table 11.16 */

/* TS 102 221 11.1.9.1: 63C0 is the try that blocks; after it the answer is 6983. */
static uint16_t sw_tries(uint8_t left)
{
	return (uint16_t)(SW_VERIFY_FAILED | (left > 15 ? 15 : left));
}

static uint16_t sw_retries(uint8_t left)
{
	return left ? sw_tries(left) : SW_PIN_BLOCKED;
}

/* TS 102 221 9.5.1: four to eight digits, then FF. An administrative key may be anything. */
static bool is_proper(uint8_t ref, struct slice value)
{
	uint8_t number = ref & (uint8_t)~PIN_LOCAL;
	size_t digits = 0;

	if (number >= PIN_ADM_FIRST && number <= PIN_ADM_LAST)
		return true;
	while (digits < value.len && slice_at(value, digits) >= '0' &&
	       slice_at(value, digits) <= '9')
		digits++;
	for (size_t i = digits; i < value.len; i++) {
		if (slice_at(value, i) != PIN_PADDING)
			return false;
	}
	return digits >= PIN_DIGITS_MIN;
}

/* One PIN: what its reference means where the command was given. */
struct named_pin {
	struct fs_session *fs;
	uint8_t ref;
	char df[FS_PATH_MAX]; /* "": a global one */
	struct pin_record record;
};

static enum err save(const struct named_pin *pin)
{
	struct store_txn *t = store_begin(pin->fs->store);
	enum err e = pin_put_in(t, pin->fs->profile, pin->df, pin->ref, &pin->record);

	return e ? e : store_commit(t);
}

static void set_verified(const struct named_pin *pin, bool verified)
{
	session_set_verified(pin->fs, pin->df, pin->ref, verified);
}

/*
 * Compares with the PIN or PUK. The counter is written down before the comparison, so that power
 * cut in between cannot give a free try.
 */
static uint16_t compare_value(struct named_pin *pin, bool puk, struct slice given)
{
	struct pin_record *r = &pin->record;
	uint8_t *tries = puk ? &r->puk_tries : &r->tries;
	uint8_t max = puk ? r->puk_tries_max : r->tries_max;
	enum err e;

	if (*tries == 0)
		return SW_PIN_BLOCKED;
	(*tries)--;
	e = save(pin);
	if (e)
		return sw_of_store(e);
	if (!secret_equal(given, slice_make(puk ? r->puk : r->value, PIN_LEN))) {
		set_verified(pin, false);
		return sw_tries(*tries);
	}
	*tries = max;
	return SW_OK;
}

/* In the 2G view CHV2 means the USIM's, where the current DF has none (TS 51.011 11.6). */
static bool find_home(struct app_call *call, char df[static FS_PATH_MAX])
{
	struct fs_session *fs = call->fs;
	char adf[FS_PATH_MAX];

	if (pin_home(fs->store, fs->profile, call->at->df, call->apdu.p2, df))
		return true;
	return call->apdu.cla == CLA_GSM && adf_find(fs, aid_of(AID_USIM), adf) &&
	       pin_home(fs->store, fs->profile, adf, call->apdu.p2, df);
}

static uint16_t load_pin(struct app_call *call, struct named_pin *pin)
{
	pin->fs = call->fs;
	pin->ref = call->apdu.p2;
	if (call->apdu.p1 &&
	    (call->apdu.ins != INS_DISABLE_PIN || call->apdu.p1 != (ALTERNATIVE | PIN_UNIVERSAL)))
		return SW_WRONG_P1P2;
	if (!find_home(call, pin->df) ||
	    pin_load_in(call->fs->store, call->fs->profile, pin->df, pin->ref, &pin->record))
		return SW_NOT_FOUND;
	return SW_OK;
}

static uint16_t verify(struct named_pin *pin, struct slice given)
{
	uint16_t sw;

	if (given.len == 0)
		return sw_retries(pin->record.tries);
	if (given.len != PIN_LEN)
		return SW_WRONG_LENGTH;
	if (!pin->record.enabled)
		return SW_REFERENCED_DATA;
	sw = compare_value(pin, false, given);
	if (sw == SW_OK)
		sw = sw_of_store(save(pin));
	set_verified(pin, sw == SW_OK);
	return sw;
}

static uint16_t verify_pin(struct app_call *call)
{
	struct named_pin pin;
	uint16_t sw = load_pin(call, &pin);

	if (sw == SW_OK)
		sw = verify(&pin, call->apdu.data);
	secret_wipe(&pin.record, sizeof(pin.record));
	return sw;
}

/* After the comparison: the new value, and it is verified. */
static uint16_t replace(struct named_pin *pin, struct slice value)
{
	uint16_t sw;

	memcpy(pin->record.value, value.ptr, PIN_LEN);
	sw = sw_of_store(save(pin));
	set_verified(pin, sw == SW_OK);
	return sw;
}

static uint16_t change_value(struct named_pin *pin, struct slice data)
{
	uint16_t sw;

	if (data.len != 2 * PIN_LEN)
		return SW_WRONG_LENGTH;
	if (!pin->record.enabled)
		return SW_REFERENCED_DATA;
	if (pin->record.no_change)
		return SW_CONDITIONS;
	if (!is_proper(pin->ref, slice_sub(data, PIN_LEN, PIN_LEN)))
		return SW_WRONG_DATA; /* no try is spent: nothing was compared */
	sw = compare_value(pin, false, slice_sub(data, 0, PIN_LEN));
	return sw == SW_OK ? replace(pin, slice_sub(data, PIN_LEN, PIN_LEN)) : sw;
}

static uint16_t change_pin(struct app_call *call)
{
	struct named_pin pin;
	uint16_t sw = load_pin(call, &pin);

	if (sw == SW_OK)
		sw = change_value(&pin, call->apdu.data);
	secret_wipe(&pin.record, sizeof(pin.record));
	return sw;
}

/* alternative: the key reference that is asked for in place of a disabled one, 0: none. */
static uint16_t set_enabled(struct named_pin *pin, struct slice given, bool enabled,
			    uint8_t alternative)
{
	uint16_t sw;

	if (given.len != PIN_LEN)
		return SW_WRONG_LENGTH;
	if (pin->record.enabled == enabled)
		return SW_REFERENCED_DATA;
	if (!enabled && pin->record.no_disable)
		return SW_CONDITIONS;
	sw = compare_value(pin, false, given);
	if (sw != SW_OK)
		return sw;
	pin->record.enabled = enabled;
	pin->record.alternative = alternative;
	sw = sw_of_store(save(pin));
	set_verified(pin, sw == SW_OK && enabled);
	return sw;
}

/* TS 102 221 11.1.11: P1 may name the universal PIN to take the place of the disabled one. */
static uint16_t load_alternative(struct app_call *call, uint8_t *ref)
{
	char df[FS_PATH_MAX];

	*ref = 0;
	if (!call->apdu.p1)
		return SW_OK;
	*ref = PIN_UNIVERSAL;
	return call->apdu.p2 != PIN_UNIVERSAL && pin_home(call->fs->store, call->fs->profile,
							  call->at->df, PIN_UNIVERSAL, df)
		       ? SW_OK
		       : SW_NOT_FOUND;
}

static uint16_t disable_pin(struct app_call *call)
{
	struct named_pin pin = {0};
	uint8_t alternative;
	uint16_t sw = load_pin(call, &pin);

	if (sw == SW_OK)
		sw = load_alternative(call, &alternative);
	if (sw == SW_OK)
		sw = set_enabled(&pin, call->apdu.data, false, alternative);
	secret_wipe(&pin.record, sizeof(pin.record));
	return sw;
}

static uint16_t enable_pin(struct app_call *call)
{
	struct named_pin pin;
	uint16_t sw = load_pin(call, &pin);

	if (sw == SW_OK)
		sw = set_enabled(&pin, call->apdu.data, true, 0);
	secret_wipe(&pin.record, sizeof(pin.record));
	return sw;
}

static uint16_t unblock(struct named_pin *pin, struct slice data)
{
	struct pin_record *r = &pin->record;
	uint16_t sw;

	if (!r->has_puk)
		return SW_NOT_FOUND;
	if (data.len == 0)
		return sw_retries(r->puk_tries);
	if (data.len != 2 * PIN_LEN)
		return SW_WRONG_LENGTH;
	if (!is_proper(pin->ref, slice_sub(data, PIN_LEN, PIN_LEN)))
		return SW_WRONG_DATA;
	sw = compare_value(pin, true, slice_sub(data, 0, PIN_LEN));
	if (sw != SW_OK)
		return sw;
	r->tries = r->tries_max;
	r->enabled = true;
	r->alternative = 0;
	return replace(pin, slice_sub(data, PIN_LEN, PIN_LEN));
}

static uint16_t unblock_pin(struct app_call *call)
{
	struct named_pin pin;
	uint16_t sw = load_pin(call, &pin);

	if (sw == SW_OK)
		sw = unblock(&pin, call->apdu.data);
	secret_wipe(&pin.record, sizeof(pin.record));
	return sw;
}

static const struct app_command commands[] = {
	{COMMAND_VERIFY_PIN, verify_pin},   {COMMAND_CHANGE_PIN, change_pin},
	{COMMAND_DISABLE_PIN, disable_pin}, {COMMAND_ENABLE_PIN, enable_pin},
	{COMMAND_UNBLOCK_PIN, unblock_pin},
};

const struct app app_pins = {
	.name = "PINs",
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
};
