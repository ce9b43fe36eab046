#include "lib/trace/read/split.h"

#include "lib/base/tlv.h"
#include "lib/uicc/apdu.h"
#include "lib/uicc/command.h"

#define HEADER_LEN   4
#define SHORT_LEN    5 /* header and P3 */
#define EXTENDED_LEN 7 /* header, 00 and two octets */
#define SW_LEN	     2
#define LE_LEN	     1
#define EXTENDED_LE  2
#define NO_BORDER    0

/* TS 102 221 11.3.1.2: P2 of RETRIEVE DATA, first block */
#define RETRIEVE_FIRST 0x80
/* TS 102 221 11.1.16.2.2: P1 of AUTHENTICATE with odd instruction, authentication response data */
#define AUTHENTICATE_RESPONSE 0x20

struct both {
	struct slice all;
	size_t n;
	enum command_case kind; /* COMMAND_CASE_ANY: not known */
	uint8_t p3;
	bool has_sw;   /* the last two octets may be a status word */
	bool is_error; /* ... that comes without data */
	uint16_t sw;
};

/* The case of the command as P1 and P2 make it. */
static enum command_case case_of(struct slice header)
{
	const struct apdu a = {.cla = slice_at(header, 0),
			       .ins = slice_at(header, 1),
			       .p1 = slice_at(header, 2),
			       .p2 = slice_at(header, 3)};
	const struct command *c = command_of(&a);

	if (!c)
		return COMMAND_CASE_ANY;
	if (c->kind == COMMAND_CASE_3_OR_1)
		return COMMAND_CASE_3;
	if (c->kind != COMMAND_CASE_ANY)
		return c->kind;
	switch (c->ins) {
	case INS_MANAGE_CHANNEL:
		return a.p1 == CHANNEL_OPEN && !a.p2 ? COMMAND_CASE_2 : COMMAND_CASE_1;
	case INS_RETRIEVE_DATA: return a.p2 & RETRIEVE_FIRST ? COMMAND_CASE_4 : COMMAND_CASE_2;
	case INS_AUTHENTICATE_ODD:
		return a.p1 & AUTHENTICATE_RESPONSE ? COMMAND_CASE_2 : COMMAND_CASE_3;
	case INS_GET_DATA: return COMMAND_CASE_2;
	case INS_MANAGE_SECURITY_ENVIRONMENT: return COMMAND_CASE_3;
	case INS_EXTERNAL_AUTHENTICATE:
	case INS_PERFORM_SECURITY_OPERATION:
	case INS_EXCHANGE_CAPABILITIES: return COMMAND_CASE_4; /* or 3 */
	default: return COMMAND_CASE_ANY;
	}
}

static struct both look(struct slice octets)
{
	struct both b = {.all = octets, .n = octets.len, .kind = case_of(octets)};
	uint8_t sw1 = slice_at(octets, b.n - SW_LEN);

	b.p3 = slice_at(octets, HEADER_LEN);
	b.sw = (uint16_t)(sw1 << 8 | slice_at(octets, b.n - 1));
	/* TS 102 221 10.2.1, TS 51.011 9.4; 60 is a procedure byte */
	b.has_sw = (sw1 > 0x60 && sw1 <= 0x6F) || (sw1 & 0xF0) == 0x90;
	b.is_error =
		(sw1 >= 0x64 && sw1 <= 0x6F) || sw1 == 0x94 || sw1 == 0x98 || b.sw == SW_GSM_MEMORY;
	return b;
}

static size_t number_at(const struct both *b, size_t at, size_t octets)
{
	return (size_t)slice_uint(slice_sub(b->all, at, octets), octets);
}

/* From there to the status word stands BER-TLV, and nothing else. */
static bool is_tlv(const struct both *b, size_t from)
{
	struct cursor c = cursor_of(slice_sub(b->all, from, b->n - SW_LEN - from));
	struct tlv object;

	if (!cursor_left(&c))
		return false;
	while (tlv_next(&c, &object))
		;
	return cursor_done(&c) == ERR_OK;
}

/* The command's data ends at d; Le behind it would have so many octets. */
static size_t border_behind_data(const struct both *b, size_t d, size_t le_octets)
{
	size_t most = le_octets == LE_LEN ? APDU_LE_MAX : APDU_EXTENDED_LE_MAX;
	size_t between, le, data;

	if (b->n == d || (b->n == d + le_octets && !b->has_sw))
		return b->n; /* no response */
	if (!b->has_sw || b->n < d + SW_LEN)
		return NO_BORDER;
	between = b->n - d - SW_LEN;
	if (!between || between == le_octets)
		return d + between;
	if (b->is_error)
		return NO_BORDER;
	if (between < le_octets)
		return d;
	le = number_at(b, d, le_octets);
	data = between - le_octets;
	if (data == le || (!le && data <= most))
		return d + le_octets;
	if (data > le)
		return between <= most ? d : NO_BORDER;
	if (is_tlv(b, d))
		return d;
	return is_tlv(b, d + le_octets) ? d + le_octets : NO_BORDER;
}

/* P3 says how many, of data or in the response, of a command whose case is not known. */
static size_t border_any(const struct both *b)
{
	size_t d = SHORT_LEN + (size_t)b->p3;

	if (b->n > d + SW_LEN || !b->has_sw)
		return b->n >= d ? border_behind_data(b, d, LE_LEN) : NO_BORDER;
	if (b->n < d) /* the response is shorter than Le allows */
		return b->is_error ? NO_BORDER : SHORT_LEN;
	if (b->n == d + SW_LEN &&
	    (b->is_error || sw_is(b->sw, SW_RESPONSE) || sw_is(b->sw, SW_GSM_RESPONSE)))
		return d;
	return NO_BORDER;
}

/* Header, P3 and a status word: the card took no data. Or there is none, but two of data. */
static size_t border_at_header(const struct both *b)
{
	bool is_file = slice_at(b->all, 1) == INS_SELECT && sw_is(b->sw, SW_TECHNICAL) &&
		       b->sw != SW_TECHNICAL; /* 6FXX, as many files are called */

	if (b->p3 == SW_LEN && b->kind != COMMAND_CASE_1 && b->kind != COMMAND_CASE_2 &&
	    (!b->is_error || is_file))
		return b->kind == COMMAND_CASE_ANY && b->has_sw ? NO_BORDER : b->n;
	return b->has_sw ? SHORT_LEN : NO_BORDER;
}

static size_t border_short(const struct both *b)
{
	size_t d = SHORT_LEN + (size_t)b->p3;

	if (b->n == SHORT_LEN + SW_LEN)
		return border_at_header(b);
	switch (b->kind) {
	case COMMAND_CASE_1: return b->n == d + SW_LEN && b->has_sw ? d : NO_BORDER;
	case COMMAND_CASE_2:
		return b->has_sw && !b->is_error && b->n <= d + SW_LEN ? SHORT_LEN : NO_BORDER;
	case COMMAND_CASE_ANY: return border_any(b);
	case COMMAND_CASE_4_OR_1:
		if (b->n < d && b->has_sw && !b->is_error)
			return SHORT_LEN; /* no data: P3 is Le */
		break;
	default: break;
	}
	return b->n < d ? NO_BORDER : border_behind_data(b, d, LE_LEN);
}

/* Nothing but an Le behind the header, of one octet 00 or of three. */
static size_t border_without_data(const struct both *b)
{
	size_t short_data = b->n - SHORT_LEN - SW_LEN, data = short_data - EXTENDED_LE;
	size_t le = number_at(b, SHORT_LEN, EXTENDED_LE);

	if (!b->has_sw)
		return b->n == EXTENDED_LEN ? EXTENDED_LEN : NO_BORDER;
	if (!short_data)
		return SHORT_LEN;
	if (short_data < EXTENDED_LE)
		return b->is_error ? NO_BORDER : SHORT_LEN;
	if (!data && b->is_error)
		return EXTENDED_LEN;
	/* T=0: 00 is 256 */
	if (b->is_error || (short_data > APDU_LE_MAX && data > (le ? le : APDU_EXTENDED_LE_MAX)))
		return NO_BORDER;
	if (short_data == APDU_LE_MAX)
		return SHORT_LEN;
	if (short_data > APDU_LE_MAX || data == le)
		return EXTENDED_LEN;
	if (le)
		return SHORT_LEN;
	return is_tlv(b, EXTENDED_LEN) ? EXTENDED_LEN : NO_BORDER;
}

/* P3 is 00: no data, 256 octets in the response, or lengths of two octets. */
static size_t border_zero(const struct both *b)
{
	size_t lc = number_at(b, SHORT_LEN, EXTENDED_LE), d = EXTENDED_LEN + lc;

	if (b->kind == COMMAND_CASE_2 || b->kind == COMMAND_CASE_1)
		return border_without_data(b);
	if (lc && b->n >= d && b->n != d + 1)
		return border_behind_data(b, d, EXTENDED_LE);
	if (b->kind == COMMAND_CASE_3 && b->n != SHORT_LEN + SW_LEN)
		return NO_BORDER;
	return border_without_data(b);
}

static size_t find_border(const struct both *b)
{
	switch (b->n) {
	case HEADER_LEN:
	case SHORT_LEN: return b->n;
	case HEADER_LEN + SW_LEN:
		if (b->has_sw)
			return HEADER_LEN;
		return b->p3 == 1 && b->kind != COMMAND_CASE_2 ? b->n : NO_BORDER;
	default: return b->p3 ? border_short(b) : border_zero(b);
	}
}

const char *trace_split(struct slice octets, struct slice *command, struct slice *response)
{
	struct both b;
	size_t border;

	if (octets.len < HEADER_LEN)
		return "there is no whole command in it";
	b = look(octets);
	border = find_border(&b);
	if (!border)
		return b.has_sw ? "command and response cannot be told apart"
				: "there is no status word at its end";
	*command = slice_sub(octets, 0, border);
	*response = slice_sub(octets, border, b.n - border);
	return NULL;
}
