#include "lib/trace/decode/status.h"

#include <stdio.h>

#include "lib/trace/decode/exchange.h"
#include "lib/uicc/command.h"

#define ANY_CODE 0xFF /* VERIFY and its kin */

/* What a status word means for some commands */
static const struct row {
	uint8_t ins;
	uint16_t sw;
	const char *text;
} rows[] = {
	{INS_SELECT, SW_FILE_NOT_FOUND, "there is no such file or application"},
	{INS_SELECT, SW_GSM_NOT_FOUND, "there is no such file"},
	{INS_SELECT, SW_FILE_DEACTIVATED, "selected; it is deactivated"},
	{INS_SELECT, SW_CONDITIONS, "the application cannot be selected now"},
	{INS_SELECT, SW_SELECT_FAILED, "the application does not let itself be selected"},
	{INS_SELECT, SW_WRONG_P1P2, "this way to select is not supported"},
	{INS_READ_BINARY, SW_NO_MATCH, "the file ends before what was asked for"},
	{INS_READ_BINARY, SW_SECURITY_STATUS, "not allowed: a PIN or key is not verified"},
	{INS_READ_BINARY, SW_COMMAND_INCOMPATIBLE, "the file is not transparent"},
	{INS_READ_BINARY, SW_OUT_OF_RANGE, "the offset is outside the file"},
	{INS_READ_BINARY, SW_REFERENCED_DATA, "the file is deactivated"},
	{INS_READ_RECORD, SW_RECORD_NOT_FOUND, "there is no such record"},
	{INS_READ_RECORD, SW_GSM_OUT_OF_RANGE, "there is no such record"},
	{INS_READ_RECORD, SW_SECURITY_STATUS, "not allowed: a PIN or key is not verified"},
	{INS_READ_RECORD, SW_COMMAND_INCOMPATIBLE, "the file has no records"},
	{INS_READ_RECORD, SW_REFERENCED_DATA, "the file is deactivated"},
	{INS_UPDATE_BINARY, SW_SECURITY_STATUS, "not allowed: a PIN or key is not verified"},
	{INS_UPDATE_BINARY, SW_OUT_OF_RANGE, "the offset is outside the file"},
	{INS_UPDATE_BINARY, SW_COMMAND_INCOMPATIBLE, "the file is not transparent"},
	{INS_UPDATE_RECORD, SW_SECURITY_STATUS, "not allowed: a PIN or key is not verified"},
	{INS_UPDATE_RECORD, SW_RECORD_NOT_FOUND, "there is no such record"},
	{INS_UPDATE_RECORD, SW_COMMAND_INCOMPATIBLE, "the file has no records"},
	{INS_SEARCH_RECORD, SW_NO_MATCH, "nothing was found"},
	{INS_SEARCH_RECORD, SW_GSM_NOT_FOUND, "nothing was found"},
	{INS_SEARCH_RECORD, SW_RECORD_NOT_FOUND, "nothing was found"},
	{INS_INCREASE, SW_MAX_REACHED, "not increased: the maximum is reached"},
	{INS_AUTHENTICATE, SW_AUTH_MAC,
	 "the network's MAC is wrong: the challenge is not of a "
	 "network that has this card's key"},
	{INS_AUTHENTICATE, SW_AUTH_CONTEXT, "this security context is not supported"},
	{INS_AUTHENTICATE, SW_SECURITY_STATUS, "not allowed: the PIN is not verified"},
	{INS_AUTHENTICATE, SW_CONDITIONS, "no USIM or ISIM is selected, or it cannot now"},
	{INS_AUTHENTICATE, SW_GSM_ACCESS, "not allowed: CHV1 is not verified"},
	{INS_MANAGE_CHANNEL, SW_CHANNEL_NOT_SUPPORTED, "the card has no (further) channel"},
	{INS_MANAGE_CHANNEL, SW_FUNCTION_NOT_SUPPORTED, "the card has no further channel"},
	{INS_FETCH, SW_EXECUTION, "no proactive command waits"},
	{INS_STORE_DATA, SW_NOT_FOUND, "the card knows no such data object or function"},
	{INS_STORE_DATA, SW_WRONG_DATA, "the data are wrong, or their signature"},
	{INS_STORE_DATA, SW_CONDITIONS, "not now: the session does not allow it"},
	{INS_STORE_DATA, SW_SECURITY_STATUS, "not allowed: no secure channel"},
	{INS_GET_DATA, SW_NOT_FOUND, "the card has no such data object"},
	{INS_GET_RESPONSE, SW_CONDITIONS, "no response waits"},
	{INS_RETRIEVE_DATA, SW_MORE_DATA, "more of the data object waits"},
	{INS_SET_DATA, SW_MORE_EXPECTED, "more of the data object is expected"},
	{INS_EXTERNAL_AUTHENTICATE, SW_CHANGED, "the host's cryptogram is wrong"},
	{INS_INITIALIZE_UPDATE, SW_NOT_FOUND, "there is no such key set"},
	{INS_DELETE, SW_NOT_FOUND, "there is no such application, package or key"},
	{INS_INSTALL, SW_NO_MEMORY, "there is no memory for it"},
	{INS_TERMINAL_PROFILE, SW_INS_NOT_SUPPORTED, "the card has no toolkit"},
	/* TS 102 221 11.1.9 to 11.1.13 */
	{ANY_CODE, SW_PIN_BLOCKED, "blocked: no attempt is left"},
	{ANY_CODE, SW_REFERENCED_DATA, "the PIN is not enabled"},
	{ANY_CODE, SW_NOT_FOUND, "the card has no such PIN"},
	{ANY_CODE, SW_CONDITIONS, "not allowed in the present state"},
	{ANY_CODE, SW_GSM_ACCESS, "wrong, or a condition is not fulfilled"},
	{ANY_CODE, SW_GSM_BLOCKED, "blocked, or the last attempt was wrong"},
	{ANY_CODE, SW_GSM_CHV_STATE, "in contradiction with the state of the CHV"},
	{ANY_CODE, SW_GSM_NO_CHV, "the card has no such CHV"},
};

enum status_level status_level(const struct exchange *x)
{
	if (!x->has_sw)
		return STATUS_NONE;
	if (sw_is_good(x->sw))
		return STATUS_GOOD;
	/* asked how many attempts are left, the card answers 63Cx */
	if (sw_is(x->sw, SW_VERIFY_FAILED) && !x->apdu.data.len &&
	    command_hides(x->apdu.ins) == COMMAND_HIDES_DATA)
		return STATUS_GOOD;
	return x->sw >> 8 == SW_WARNING >> 8 || x->sw >> 8 == SW_CHANGED >> 8 ? STATUS_WARNING
									      : STATUS_ERROR;
}

static bool is_of(const struct row *r, const struct exchange *x)
{
	if (r->ins == ANY_CODE)
		return r->sw == x->sw && command_hides(x->apdu.ins) == COMMAND_HIDES_DATA;
	return r->sw == x->sw && r->ins == x->apdu.ins;
}

static const char *meaning(const struct exchange *x)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (is_of(&rows[i], x))
			return rows[i].text;
	}
	return sw_text(x->sw);
}

void status_text(const struct exchange *x, char out[static STATUS_TEXT_MAX])
{
	bool asks = !x->apdu.data.len && command_hides(x->apdu.ins) == COMMAND_HIDES_DATA;
	unsigned n = sw_number(x->sw);

	if (!x->has_sw)
		snprintf(out, STATUS_TEXT_MAX, "no answer");
	else if (x->sw == SW_OK)
		snprintf(out, STATUS_TEXT_MAX, asks ? "ok: verified, or not needed" : "ok");
	else if (sw_is(x->sw, SW_PROACTIVE))
		snprintf(out, STATUS_TEXT_MAX, "ok; a proactive command of %u octets waits", n);
	else if (sw_is(x->sw, SW_RESPONSE) || sw_is(x->sw, SW_GSM_RESPONSE))
		snprintf(out, STATUS_TEXT_MAX, "ok; a response of %u octets waits", n);
	else if (sw_is(x->sw, SW_CORRECT_LE))
		snprintf(out, STATUS_TEXT_MAX, "wrong Le: %u octets are there", n);
	else if (sw_is(x->sw, SW_VERIFY_FAILED) && asks)
		snprintf(out, STATUS_TEXT_MAX, "%u attempts are left", n);
	else if (sw_is(x->sw, SW_VERIFY_FAILED))
		snprintf(out, STATUS_TEXT_MAX, "wrong: %u attempts are left", n);
	else
		snprintf(out, STATUS_TEXT_MAX, "%s", meaning(x));
}
