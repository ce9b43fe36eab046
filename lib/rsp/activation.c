#include "lib/rsp/activation.h"

#include <string.h>

#define FORMAT "1"
#define PREFIX "LPA:"
#define BLANKS " \t\r\n"
#define PARTS  5 /* format, address, matching id, OID, confirmation code flag */
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

bool activation_is_address(struct slice address)
{
	return address.len && only(address, HOST);
}

bool activation_same_address(struct slice a, struct slice b)
{
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

/* Parts at each "$"; 0 when there are more than PARTS. */
static size_t split(struct slice code, struct slice parts[static PARTS])
{
	size_t n = 0, from = 0;

	for (size_t i = 0; i <= code.len; i++) {
		if (i < code.len && code.ptr[i] != '$')
			continue;
		if (n == PARTS)
			return 0;
		parts[n++] = slice_sub(code, from, i - from);
		from = i + 1;
	}
	return n;
}

static enum err fail(enum err e, const char **why, const char *text)
{
	if (why)
		*why = text;
	return e;
}

enum err activation_parse(const char *code, struct activation *out, const char **why)
{
	struct slice parts[PARTS] = {{0}}, text;
	struct activation a = {.address = ""};
	size_t n;

	code += strspn(code, BLANKS);
	if (strncmp(code, PREFIX, strlen(PREFIX)) == 0)
		code += strlen(PREFIX);
	text = slice_str(code);
	while (text.len && strchr(BLANKS, slice_at(text, text.len - 1)))
		text.len--;
	n = split(text, parts);
	if (n && !slice_is(parts[0], FORMAT))
		return fail(n > 1 ? ERR_VERSION : ERR_ENCODING, why,
			    "it does not begin with LPA:1$");
	if (n < 3)
		return fail(ERR_ENCODING, why, "it is not LPA:1$ADDRESS$MATCHING-ID[$OID[$1]]");
	if (!activation_is_address(parts[1]) || slice_text(parts[1], a.address, sizeof(a.address)))
		return fail(ERR_ENCODING, why, "its address is no host name");
	if (!is_graphic(parts[2]))
		return fail(ERR_ENCODING, why,
			    "its matching id has blanks, or characters beyond ASCII");
	if (slice_text(parts[2], a.matching_id, sizeof(a.matching_id)))
		return fail(ERR_ENCODING, why, "its matching id is too long");
	if (parts[3].len && (!is_oid(parts[3]) || slice_text(parts[3], a.oid, sizeof(a.oid))))
		return fail(ERR_ENCODING, why, "its fourth part is no object identifier (1.2.3)");
	if (parts[4].len && !slice_is(parts[4], "1"))
		return fail(ERR_ENCODING, why, "its confirmation code flag is not 1");
	a.confirmation_code_required = parts[4].len != 0;
	/* QR codes in capitals are shorter, and managers exist that compare */
	for (char *c = a.address; *c; c++)
		*c = small((uint8_t)*c);
	*out = a;
	return ERR_OK;
}
