#include "host/trace/show/put.h"

#include <string.h>

#include "tool/cli/text.h"

#define NS	   1000000000
#define NS_DIGITS  9
#define FIRST_TEXT 0x20
#define LAST_TEXT  0x7E

/* Octets in hex that begin with the same digit. */
#define HEX_ROW(d)                                                                                 \
	d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9" d "a" d "b" d "c" d "d" d      \
	  "e" d "f"

void put_words(struct wbuf *w, const char *text)
{
	wbuf_put(w, slice_str(text));
}

void put_foreign(struct wbuf *w, const char *text)
{
	char line[TEXT_LINE_MAX];
	size_t n = 0;

	while (text[n] >= FIRST_TEXT && text[n] <= LAST_TEXT)
		n++;
	if (!text[n] && n < TEXT_LINE_MAX)
		wbuf_put(w, slice_make(text, n));
	else
		put_words(w, text_line(slice_str(text), line));
}

void put_column(struct wbuf *w, const char *text, size_t width)
{
	size_t n = strlen(text);

	wbuf_put(w, slice_make(text, n));
	if (n < width)
		wbuf_fill(w, ' ', width - n);
}

const char *put_digits(uint64_t number, char mem[static PUT_NUMBER_MAX])
{
	char *at = mem + PUT_NUMBER_MAX - 1;

	*at = 0;
	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return at;
}

void put_number(struct wbuf *w, uint64_t number)
{
	char mem[PUT_NUMBER_MAX];

	put_words(w, put_digits(number, mem));
}

void put_octets_hex(struct wbuf *w, struct slice octets)
{
	static const char pairs[] = HEX_ROW("0") HEX_ROW("1") HEX_ROW("2") HEX_ROW("3") HEX_ROW("4")
		HEX_ROW("5") HEX_ROW("6") HEX_ROW("7") HEX_ROW("8") HEX_ROW("9") HEX_ROW("a")
			HEX_ROW("b") HEX_ROW("c") HEX_ROW("d") HEX_ROW("e") HEX_ROW("f");
	uint8_t *to = wbuf_reserve(w, 2 * octets.len);

	for (size_t i = 0; to && i < octets.len; i++)
		memcpy(to + 2 * i, pairs + 2 * (size_t)octets.ptr[i], 2);
}

void put_seconds(struct wbuf *w, int64_t ns, unsigned digits)
{
	uint64_t part = (uint64_t)(ns % NS);
	uint8_t fraction[NS_DIGITS];

	for (size_t i = NS_DIGITS; i-- > 0; part /= 10)
		fraction[i] = (uint8_t)('0' + part % 10);
	put_number(w, (uint64_t)(ns / NS));
	wbuf_u8(w, '.');
	wbuf_put(w, slice_make(fraction, digits < NS_DIGITS ? digits : NS_DIGITS));
}
