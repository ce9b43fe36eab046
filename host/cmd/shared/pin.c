#include "host/cmd/shared/pin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/cmd/shared/globals.h"
#include "tool/cli/prompt.h"
#include "host/cmd/shared/say.h"
#include "host/terminal/usim.h"
#include "lib/base/secret.h"
#include "lib/uicc/command.h"
#include "tool/cli/program.h"
#include "tool/sys/secret_file.h"

#define PIN_MIN	     4 /* digits: TS 102 221 9.5.1 */
#define PIN_MAX	     8
#define PIN_LINE_MAX 64 /* of a PIN file or a line typed */
#define PIN_PAD	     0xFF

/* The block that was typed and that the card took: after a reset it is wanted again. */
static struct secret *typed;

void cmd_forget_pin(void)
{
	secret_free(&typed);
}

/* The PIN block of a VERIFY PIN: digits, padded (TS 102 221 9.5.1). */
static enum err pin_block(struct slice line, struct wbuf *block)
{
	struct cursor c = cursor_of(line);

	while (cursor_left(&c)) {
		uint8_t digit = cursor_u8(&c);

		if (digit == '\n' || digit == '\r')
			break;
		if (digit < '0' || digit > '9')
			return ERR_VALUE;
		wbuf_u8(block, digit);
	}
	if (block->err || block->len < PIN_MIN)
		return ERR_LENGTH;
	wbuf_fill(block, PIN_PAD, PIN_MAX - block->len);
	return wbuf_done(block);
}

static bool given_beforehand(void)
{
	return cmd_globals.pin_file || getenv("TWINKEY_PIN");
}

static enum err pin_line(unsigned attempts, struct wbuf *line)
{
	char prompt[64];

	if (cmd_globals.pin_file)
		return secret_file_read(cmd_globals.pin_file, tool_cancel(), line);
	if (given_beforehand()) {
		wbuf_put(line, slice_str(getenv("TWINKEY_PIN")));
		return wbuf_done(line);
	}
	snprintf(prompt, sizeof(prompt), "PIN of the card (attempts left: %u): ", attempts);
	return tool_prompt(prompt, true, -1, line);
}

/* The block to send. The last attempt is never made with what was typed before. */
static enum err pin_take(unsigned attempts, struct wbuf *block)
{
	uint8_t text[PIN_LINE_MAX];
	struct wbuf line = wbuf_init(text, sizeof(text));
	enum err e;

	if (typed && attempts > 1) {
		wbuf_put(block, secret_slice(typed));
		return wbuf_done(block);
	}
	e = pin_line(attempts, &line);
	if (!e)
		e = pin_block(wbuf_slice(&line), block);
	secret_wipe(text, sizeof(text));
	return e;
}

static void remember(struct slice block)
{
	cmd_forget_pin();
	if (!given_beforehand())
		typed = secret_copy(block);
}

static struct failure pin_refused(struct uicc *u, uint16_t sw)
{
	if (sw_is(sw, SW_VERIFY_FAILED))
		return failure_said(PARTY_CARD, ERR_REFUSED, "the PIN is wrong, attempts left: %u",
				    sw_number(sw));
	if (sw == SW_PIN_BLOCKED)
		return failure_said(PARTY_CARD, ERR_REFUSED,
				    "the PIN is blocked: unblock it with the PUK "
				    "(UNBLOCK PIN), in a phone say");
	return failure_of_card(u, uicc_check(u, ERR_OK, sw), "VERIFY PIN");
}

static enum err verify_pin(struct uicc *u, uint8_t key_reference, struct slice block, uint16_t *sw)
{
	struct apdu a = command_apdu(COMMAND_VERIFY_PIN, 0);

	a.p2 = key_reference;
	a.data = block;
	return uicc_send(u, &a, NULL, sw);
}

/* Whether the card wants the PIN: an empty VERIFY tells the attempts left (TS 102 221 11.1.9), of
 * some cards even when the PIN is disabled. */
static enum err pin_state(struct uicc *u, uint8_t key_reference, bool *wanted, uint16_t *sw)
{
	enum err e = verify_pin(u, key_reference, SLICE_EMPTY, sw);

	*wanted = sw_is(*sw, SW_VERIFY_FAILED) && *sw != SW_VERIFY_FAILED;
	return e || !*wanted ? e : usim_pin_enabled(u, key_reference, wanted);
}

/* Why there is no PIN to send. */
static struct failure pin_missing(enum err e)
{
	if (e == ERR_NOT_FOUND && !cmd_globals.pin_file)
		return failure_said(PARTY_OURSELVES, ERR_REFUSED,
				    "the card wants its PIN: give --pin-file FILE or "
				    "TWINKEY_PIN");
	if (e == ERR_VALUE || e == ERR_LENGTH || e == ERR_SPACE)
		return failure_said(PARTY_OURSELVES, ERR_VALUE,
				    "a PIN has 4 to 8 digits: nothing was sent to the card");
	return failure_of(PARTY_OURSELVES, e, "PIN");
}

static struct failure pin_send(struct uicc *u, uint8_t key_reference, struct slice block)
{
	uint16_t sw;
	enum err e = verify_pin(u, key_reference, block, &sw);

	if (e)
		return failure_of_card(u, e, "VERIFY PIN");
	/* 6984: the PIN is disabled, which the empty VERIFY did not tell */
	if (sw != SW_OK && sw != SW_REFERENCED_DATA) {
		cmd_forget_pin();
		return pin_refused(u, sw);
	}
	remember(block);
	return (struct failure){.err = ERR_OK};
}

/* What failed at the keys is no fault of the card. */
static struct failure keys_failed(const struct uicc *u, enum err e)
{
	switch (e) {
	case ERR_KEYS_FAILED:
	case ERR_KEYS_TIMEOUT:
	case ERR_KEYS_CANCELLED:
	case ERR_KEYS_DIFFER:
	case ERR_KEYS_LENGTH: return failure_of(PARTY_OURSELVES, e, "PIN at %s", uicc_reader(u));
	default: return failure_of_card(u, e, "VERIFY PIN at %s", uicc_reader(u));
	}
}

/* VERIFY as the reader sends it: the PIN block is filled in there (TS 102 221 11.1.9). */
static struct failure pin_at_keys(struct uicc *u, uint8_t key_reference, unsigned attempts)
{
	uint8_t octets[APDU_COMMAND_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct apdu a = command_apdu(COMMAND_VERIFY_PIN, 0);
	uint8_t block[PIN_MAX];
	struct transport_pin pin = {.digits_min = PIN_MIN, .digits_max = PIN_MAX};
	uint16_t sw;
	enum err e;

	memset(block, PIN_PAD, sizeof(block));
	a.p2 = key_reference;
	a.data = SLICE_OF(block);
	apdu_put(&w, &a);
	pin.command = wbuf_slice(&w);
	tool_warn("type the PIN of the card at the reader, and confirm it there (attempts left: "
		  "%u)",
		  attempts);
	e = uicc_verify_at_keys(u, &pin, &sw);
	if (e)
		return keys_failed(u, e);
	if (sw != SW_OK && sw != SW_REFERENCED_DATA)
		return pin_refused(u, sw);
	return (struct failure){.err = ERR_OK};
}

struct failure cmd_verify_pin(struct uicc *u, uint8_t key_reference)
{
	uint8_t octets[PIN_MAX];
	struct wbuf block = wbuf_init(octets, sizeof(octets));
	bool wanted;
	uint16_t sw;
	struct failure f;
	enum err e = pin_state(u, key_reference, &wanted, &sw);

	if (e)
		return failure_of_card(u, e, "VERIFY PIN");
	if (sw == SW_PIN_BLOCKED || sw == SW_VERIFY_FAILED)
		return pin_refused(u, SW_PIN_BLOCKED);
	if (!wanted) /* 9000: verified already; 6984 and the like: disabled, or no such PIN */
		return (struct failure){.err = ERR_OK};
	if (sw_number(sw) == 1 && given_beforehand())
		return failure_said(PARTY_OURSELVES, ERR_REFUSED,
				    "only one attempt is left for the PIN: enter it at the prompt");
	if (uicc_transport(u)->pin_pad && !given_beforehand())
		return pin_at_keys(u, key_reference, sw_number(sw));
	e = pin_take(sw_number(sw), &block);
	f = e ? pin_missing(e) : pin_send(u, key_reference, wbuf_slice(&block));
	secret_wipe(octets, sizeof(octets));
	return f;
}
