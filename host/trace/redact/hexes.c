#include "host/trace/redact/hexes.h"

#include <ctype.h>

#include "lib/uicc/apdu.h"

#define HEADER_LEN    5
#define SW_LEN	      2
#define LONG_MIN      8
#define DUMP_LINE     16 /* octets of a line that is followed by another one */
#define INDENT_MAX    4
#define OFFSET_DIGITS 4 /* in front of a dump's line */

/* Octets that belong together: which they are in the view of all. */
struct run {
	size_t from, len;
	size_t line_from; /* its first in its last line */
	bool at_margin;	  /* its last line begins with it */
};

/* n octets in hex, from this one of all, which stand there as letters too. */
struct column {
	size_t octet, n, at;
};

struct scanner {
	struct wbuf *columns;
	uint8_t *text;
	size_t len, at;
	struct view *views;
	struct run run;
};

static bool is_command(const struct view *all, const struct run *r)
{
	uint8_t cla = view_octet(all, r->from);
	size_t p3 = r->len >= HEADER_LEN ? view_octet(all, r->from + HEADER_LEN - 1) : 0;

	return r->len > HEADER_LEN && apdu_channel(cla) >= 0 &&
	       (r->len == HEADER_LEN + p3 || r->len == HEADER_LEN + p3 + 1);
}

static void add_octets(struct scanner *s, struct view *to, size_t from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		view_add(to, view_at(&s->views[HEXES_ALL], from + i));
}

static void end_run(struct scanner *s)
{
	struct run r = s->run;

	s->run = (struct run){.from = s->views[HEXES_ALL].len};
	s->run.line_from = s->run.from;
	if (!r.len || view_done(&s->views[HEXES_ALL]))
		return;
	if (r.len >= LONG_MIN)
		add_octets(s, &s->views[HEXES_LONG], r.from, r.len);
	if (is_command(&s->views[HEXES_ALL], &r))
		add_octets(s, &s->views[HEXES_COMMANDS], r.from + HEADER_LEN,
			   view_octet(&s->views[HEXES_ALL], r.from + HEADER_LEN - 1));
	else if (r.len > SW_LEN)
		add_octets(s, &s->views[HEXES_RESPONSES], r.from, r.len - SW_LEN);
}

static bool is_word(const struct scanner *s, size_t at)
{
	return at < s->len && (isalnum(s->text[at]) || s->text[at] == '_');
}

/* How many digits of hex the word has that begins here; 0: it is something else. */
static size_t hex_word(const struct scanner *s, size_t *end)
{
	size_t n = 0, at = s->at;

	for (; is_word(s, at); at++)
		n += isxdigit(s->text[at]) != 0;
	*end = at;
	return n == at - s->at && n % 2 == 0 ? n : 0;
}

/* A word of hex, which goes on with the run if nothing but a blank or a colon is between. */
static void take_hex_word(struct scanner *s, size_t digits, size_t *last_end, bool at_margin)
{
	bool goes_on = *last_end && s->at == *last_end + 1 &&
		       (s->text[*last_end] == ' ' || s->text[*last_end] == ':');

	if (at_margin && s->run.at_margin && s->run.len &&
	    s->run.from + s->run.len - s->run.line_from == DUMP_LINE) {
		s->run.line_from = s->run.from + s->run.len;
		goes_on = true;
	}
	if (!goes_on) {
		end_run(s);
		s->run.at_margin = at_margin;
	}
	for (size_t i = 0; i < digits; i += 2) {
		view_add(&s->views[HEXES_ALL], s->at + i);
		s->run.len++;
	}
	*last_end = s->at + digits;
}

static uint8_t letter_of(uint8_t octet)
{
	return octet >= ' ' && octet <= '~' ? octet : '.';
}

static unsigned half_of(uint8_t digit)
{
	return (unsigned)(isdigit(digit) ? digit - '0' : tolower(digit) - 'a' + 10);
}

/*
 * How many pairs of digits stand there in a row, if their letters are what the line ends with;
 * where those begin.
 */
static size_t pairs_with_letters(const struct scanner *s, size_t line_end, size_t *column)
{
	const uint8_t *t = s->text;
	size_t n = 0, at = s->at;

	while (line_end > s->at && t[line_end - 1] == '\r')
		line_end--;
	for (; at + 2 < line_end && isxdigit(t[at]) && isxdigit(t[at + 1]) && t[at + 2] == ' ';
	     at += 3)
		n++;
	if (!n || line_end < at + n || t[line_end - n - 1] != ' ')
		return 0;
	for (size_t i = 0; i < n; i++) {
		const uint8_t *pair = t + s->at + 3 * i;
		uint8_t octet = (uint8_t)(half_of(pair[0]) << 4 | half_of(pair[1]));

		if (t[line_end - n + i] != letter_of(octet))
			return 0;
	}
	*column = line_end - n;
	return n;
}

void hexes_refresh(const struct view *all, struct slice columns)
{
	const struct column *list = (const struct column *)(const void *)columns.ptr;

	for (size_t i = 0; i < columns.len / sizeof(*list); i++) {
		for (size_t k = 0; k < list[i].n; k++)
			all->memory[list[i].at + k] = letter_of(view_octet(all, list[i].octet + k));
	}
}

static void take_text_line(struct scanner *s, size_t line_end)
{
	size_t line = s->at, last_end = 0;
	bool first = true, any = false;
	struct column column = {0};
	size_t stop = line_end; /* what is behind it is none of it */

	while (s->at < stop) {
		size_t end, digits;

		if (!is_word(s, s->at)) {
			s->at++;
			continue;
		}
		if (!column.n) {
			column.n = pairs_with_letters(s, line_end, &column.at);
			stop = column.n ? column.at : stop;
		}
		digits = hex_word(s, &end);
		if (digits == OFFSET_DIGITS && first && end < line_end && s->text[end] == ':') {
			s->at = end; /* where in a dump the line is */
			line = end;
			continue;
		}
		if (digits) {
			take_hex_word(s, digits, &last_end, first && s->at - line <= INDENT_MAX);
			any = true;
		}
		first = false;
		s->at = end;
	}
	if (!any)
		end_run(s);
	column.octet = s->views[HEXES_ALL].len - column.n;
	if (column.n)
		wbuf_put(s->columns, slice_make(&column, sizeof(column)));
	s->at = line_end + 1;
}

void hexes_views(uint8_t *text, size_t len, struct view out[static HEXES_VIEWS],
		 struct wbuf *columns)
{
	struct scanner s = {.columns = columns, .text = text, .len = len, .views = out};

	for (size_t i = 0; i < HEXES_VIEWS; i++)
		out[i] = view_parts(text, true);
	while (s.at < len) {
		size_t end = s.at;

		while (end < len && text[end] != '\n')
			end++;
		take_text_line(&s, end);
	}
	end_run(&s);
}
