#include "lib/rsp/activation.h"

#include <string.h>

#define FORMAT "1"
#define PREFIX "LPA:"
#define BLANKS " \t\r\n"
#define DOLLAR "%24"
#define PARTS  5 /* format, address, matching id, OID, confirmation code flag */
#define FORM   "it is not LPA:1$ADDRESS$MATCHING-ID[$OID[$1]] (in single quotes: a shell eats the $)"
#define HOST   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:[]_"

static bool only(struct slice s, const char *allowed)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!s.ptr[i] || !strchr(allowed, s.ptr[i]))
			return false;
	}
	return true;
}

static char small(uint8_t c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

struct slice activation_trim(struct slice s)
{
	while (s.len && strchr(BLANKS, slice_at(s, 0)))
		s = slice_sub(s, 1, s.len);
	while (s.len && strchr(BLANKS, slice_at(s, s.len - 1)))
		s.len--;
	return s;
}

bool activation_is_address(struct slice address)
{
	return address.len && only(address, HOST);
}

bool activation_same_address(struct slice a, struct slice b)
{
	a = activation_trim(a);
	b = activation_trim(b);
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (small(slice_at(a, i)) != small(slice_at(b, i)))
			return false;
	}
	return true;
}

/* SGP.22 4.1.1 wants A-Z, 0-9 and "-"; managers in the field use more. */
static bool is_graphic(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
			return false;
	}
	return true;
}

/* Digits parted by single dots, two arcs at least. */
static bool is_oid(struct slice s)
{
	bool digit = false;
	size_t dots = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '.' && digit)
			dots++;
		else if (s.ptr[i] == '.')
			return false;
		digit = s.ptr[i] != '.';
	}
	return digit && dots && only(s, "0123456789.");
}

/* Parts at each "$", without blanks around; what stands behind PARTS is of a later version. */
static size_t split(struct slice code, struct slice parts[static PARTS])
{
	size_t n = 0, from = 0;

	for (size_t i = 0; i <= code.len && n < PARTS; i++) {
		if (i < code.len && code.ptr[i] != '$')
			continue;
		parts[n++] = activation_trim(slice_sub(code, from, i - from));
		from = i + 1;
	}
	return n;
}

static bool starts_small(struct slice s, const char *start)
{
	struct slice want = slice_str(start);

	for (size_t i = 0; i < want.len; i++) {
		if (small(slice_at(s, i)) != small(slice_at(want, i)))
			return false;
	}
	return s.len >= want.len;
}

/* RFC 3986 2.1: a link may write "$" as %24; such a code has no plain "$". */
static enum err decode_link(struct slice s, struct wbuf *out)
{
	struct cursor c = cursor_of(s);

	while (cursor_left(&c)) {
		uint8_t octet = cursor_u8(&c);

		if (octet == '%') {
			char two[3] = "";

			two[0] = (char)cursor_u8(&c);
			two[1] = (char)cursor_u8(&c);
			if (c.err || hex_decode_exact(two, &octet, 1) || !octet)
				return ERR_ENCODING;
		}
		wbuf_u8(out, octet);
	}
	return wbuf_done(out);
}

static enum err fail(enum err e, const char **why, const char *text)
{
	if (why)
		*why = text;
	return e;
}

static enum err take_parts(const struct slice parts[static PARTS], struct activation *a,
			   const char **why)
{
	if (!activation_is_address(parts[1]) ||
	    slice_text(parts[1], a->address, sizeof(a->address)))
		return fail(ERR_ENCODING, why, "its address is no host name");
	if (!is_graphic(parts[2]))
		return fail(ERR_ENCODING, why,
			    "its matching id has blanks, or characters beyond ASCII");
	if (slice_text(parts[2], a->matching_id, sizeof(a->matching_id)))
		return fail(ERR_ENCODING, why, "its matching id is too long");
	if (parts[3].len && (!is_oid(parts[3]) || slice_text(parts[3], a->oid, sizeof(a->oid))))
		return fail(ERR_ENCODING, why, "its fourth part is no object identifier (1.2.3)");
	if (parts[4].len && !slice_is(parts[4], "1"))
		return fail(ERR_ENCODING, why, "its confirmation code flag is not 1");
	a->confirmation_code_required = parts[4].len != 0;
	/* QR codes in capitals are shorter, and managers exist that compare */
	for (char *c = a->address; *c; c++)
		*c = small((uint8_t)*c);
	return ERR_OK;
}

/* text: trimmed and decoded */
static enum err parse_fields(struct slice text, struct activation *a, const char **why)
{
	struct slice parts[PARTS] = {{0}};
	size_t n;

	if (starts_small(text, PREFIX))
		text = slice_sub(text, strlen(PREFIX), text.len);
	n = split(text, parts);
	if (n == 1 && slice_starts(parts[0], slice_str(FORMAT)))
		return fail(ERR_ENCODING, why,
			    "it has no $, which a shell takes for a variable: put the code in "
			    "single quotes");
	if (!slice_is(parts[0], FORMAT))
		return fail(n > 1 ? ERR_VERSION : ERR_ENCODING, why,
			    "it does not begin with LPA:1$");
	return n < 3 ? fail(ERR_ENCODING, why, FORM) : take_parts(parts, a, why);
}

enum err activation_parse(const char *code, struct activation *out, const char **why)
{
	struct slice text = activation_trim(slice_str(code));
	uint8_t octets[4 * sizeof(struct activation)]; /* with the parts of later versions */
	struct wbuf decoded = wbuf_init(octets, sizeof(octets));
	struct activation a = {.address = ""};
	enum err e;

	if (text.len && !memchr(text.ptr, '$', text.len) &&
	    memmem(text.ptr, text.len, DOLLAR, strlen(DOLLAR))) {
		if (decode_link(text, &decoded))
			return fail(ERR_ENCODING, why, "its %XX are no characters");
		text = activation_trim(wbuf_slice(&decoded));
	}
	e = parse_fields(text, &a, why);
	if (!e)
		*out = a;
	return e;
}
