#include "lib/trace/audit/code.h"

#include <string.h>

#include "lib/rsp/rsp.h"
#include "lib/trace/audit/card.h"
#include "lib/trace/audit/print.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/fcp/access.h"
#include "lib/trace/decode/open.h"
#include "lib/trace/decode/place.h"
#include "lib/uicc/fid.h"

#define LOCAL	   0x80u
#define PIN1	   0x01
#define PIN2	   0x81
#define FIRST_ADM  0x0A
#define LAST_ADM   0x0E
#define CHV2	   2
#define DIGITS_MIN 4

bool audit_code_is_adm(uint8_t reference)
{
	uint8_t number = reference & (uint8_t)~LOCAL;

	return number >= FIRST_ADM && number <= LAST_ADM;
}

bool audit_code_is_clear(struct slice code)
{
	return code.len && !open_is_masked(code);
}

/* Applets of other cards (PIV, OpenPGP) have VERIFY with codes of another form. */
static bool is_of_uicc(const struct place *p)
{
	return p->application.kind != APPLICATION_UNKNOWN || !p->aid_len || p->path[0] == FID_MF;
}

static uint32_t scope_of(const struct place *p)
{
	return p->aid_len ? print_of_octets(0, slice_make(p->aid, p->aid_len)) | 1 : 0;
}

static void code_take_outcome(const struct exchange *x, struct audit_code *c)
{
	if (!x->has_sw)
		return;
	c->outcome = CODE_REFUSED;
	if (sw_is_good(x->sw)) {
		c->outcome = CODE_RIGHT;
	} else if (sw_is(x->sw, SW_VERIFY_FAILED)) {
		c->has_tries = true;
		c->tries = sw_number(x->sw);
		c->outcome = c->tries ? CODE_WRONG : CODE_BLOCKED;
	} else if (x->sw == SW_CHANGED || (x->sw == SW_GSM_ACCESS && c->is_gsm)) {
		c->outcome = CODE_WRONG;
	} else if (x->sw == SW_PIN_BLOCKED || (x->sw == SW_GSM_BLOCKED && c->is_gsm)) {
		c->outcome = CODE_BLOCKED;
	}
}

static void code_take_data(struct slice data, bool two, struct audit_code *c)
{
	c->given = two ? slice_sub(data, 0, AUDIT_CODE_LEN) : data;
	c->chosen = two ? slice_sub(data, AUDIT_CODE_LEN, data.len) : SLICE_EMPTY;
}

bool audit_code_of(const struct audit_step *s, struct audit_code *out)
{
	const struct exchange *x = s->x;
	const struct command *c = s->item->command;
	const struct place *place = s->item->view.place;

	if (s->id == COMMAND_COUNT || c->secret != COMMAND_HIDES_DATA)
		return false;
	*out = (struct audit_code){.reference = x->apdu.p2,
				   .is_gsm = x->apdu.cla == CLA_GSM,
				   .is_puk = c->ins == INS_UNBLOCK_PIN};
	if (!out->is_gsm && !is_of_uicc(place))
		return false;
	if (out->is_gsm)
		out->reference = x->apdu.p2 == CHV2 ? PIN2 : PIN1;
	else if (x->apdu.p2 & LOCAL)
		out->scope = scope_of(place);
	code_take_data(x->apdu.data, out->is_puk || c->ins == INS_CHANGE_PIN, out);
	code_take_outcome(x, out);
	return true;
}

void audit_code_name(const struct audit_code *c, char out[static AUDIT_CODE_NAME])
{
	const char *gsm = c->reference == PIN2 ? "CHV2" : "CHV1";
	struct wbuf w = wbuf_init((uint8_t *)out, AUDIT_CODE_NAME - 1);

	wbuf_put(&w, slice_str(c->is_puk ? "PUK of " : ""));
	wbuf_put(&w, slice_str(c->is_gsm ? gsm : access_key_name(c->reference)));
	out[w.len] = 0;
}

/* Digits, then FF to the end; 0: something else */
static size_t count_digits(struct slice code)
{
	size_t n = 0;

	while (slice_at(code, n) >= '0' && slice_at(code, n) <= '9')
		n++;
	return field_is_blank(slice_sub(code, n, code.len)) ? n : 0;
}

bool audit_code_is_shaped(struct slice code, bool is_puk)
{
	size_t n = count_digits(code);

	if (code.len != AUDIT_CODE_LEN)
		return false;
	return !audit_code_is_clear(code) ||
	       (n >= (is_puk ? AUDIT_CODE_LEN : DIGITS_MIN) && n <= AUDIT_CODE_LEN);
}

/* One digit repeated, digits in a row, or the middle of the keys. */
bool audit_code_is_well_known(struct slice code)
{
	static const char *const chosen[] = {"2580", "1212", "1004", "6969", "1122", "123123"};
	size_t n = count_digits(code);
	bool steps[3] = {true, true, true}; /* by -1, 0, 1 */

	for (size_t i = 1; i < n; i++) {
		for (int by = -1; by <= 1; by++)
			steps[by + 1] =
				steps[by + 1] && slice_at(code, i) == (slice_at(code, i - 1) + by);
	}
	for (size_t i = 0; i < ARRAY_LEN(chosen); i++) {
		if (slice_is(slice_sub(code, 0, n), chosen[i]))
			return true;
	}
	return n >= DIGITS_MIN && (steps[0] || steps[1] || steps[2]);
}

static bool is_digit_at(struct slice s, size_t i)
{
	return i < s.len && slice_at(s, i) >= '0' && slice_at(s, i) <= '9';
}

/* What is sought, and where it is digits, no others in front of it; nor behind it if parted. */
static bool stands_alone(struct slice octets, struct slice sought, bool parted)
{
	struct slice rest = octets;
	const uint8_t *at;

	while (rest.len && (at = memmem(rest.ptr, rest.len, sought.ptr, sought.len))) {
		size_t i = (size_t)(at - octets.ptr);
		bool before = i && is_digit_at(octets, i - 1) && is_digit_at(sought, 0);

		if (!before && !(parted && is_digit_at(octets, i + sought.len)))
			return true;
		rest = slice_sub(octets, i + 1, octets.len);
	}
	return false;
}

bool audit_code_stands_in(struct slice code, struct slice octets, bool as_text)
{
	size_t digits;

	if (octets.len < DIGITS_MIN)
		return false;
	if (stands_alone(octets, code, false))
		return true;
	digits = as_text ? count_digits(code) : 0;
	return digits >= DIGITS_MIN && stands_alone(octets, slice_sub(code, 0, digits), true);
}
