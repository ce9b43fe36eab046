#include "lib/trace/read/text/clock.h"

#include <string.h>

#include "lib/trace/read/text/line.h"

#define SECOND_NS 1000000000LL
#define DAY_NS	  (86400 * SECOND_NS)
#define YEAR_MAX  2200 /* more nanoseconds are no int64_t */
#define LOOK_MAX  160  /* octets of a line in which its time stands */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* n digits at this place, as a number; -1: they are not there */
static int digits_at(struct slice s, size_t at, size_t n)
{
	int value = 0;

	for (size_t i = 0; i < n; i++) {
		if (!is_digit(slice_at(s, at + i)))
			return -1;
		value = value * 10 + slice_at(s, at + i) - '0';
	}
	return value;
}

/* The digits there as a fraction of a second */
static int64_t fraction_ns(struct slice s, size_t at)
{
	int64_t ns = 0, unit = SECOND_NS / 10;

	for (; is_digit(slice_at(s, at)); at++, unit /= 10)
		ns += (slice_at(s, at) - '0') * unit;
	return ns;
}

/* "hh:mm:ss" there; *end behind it and its fraction */
static bool time_at(struct slice s, size_t at, int64_t *ns, size_t *end)
{
	int h = digits_at(s, at, 2), m = digits_at(s, at + 3, 2), sec = digits_at(s, at + 6, 2);
	uint8_t mark = slice_at(s, at + 8);

	if (h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 60 ||
	    slice_at(s, at + 2) != ':' || slice_at(s, at + 5) != ':' || is_digit(mark) ||
	    (at && is_digit(slice_at(s, at - 1))))
		return false;
	*ns = ((h * 60 + m) * 60 + sec) * SECOND_NS;
	*end = at + 8;
	if ((mark == '.' || mark == ',' || mark == ':') && is_digit(slice_at(s, at + 9))) {
		*ns += fraction_ns(s, at + 9);
		*end = at + 9;
		while (is_digit(slice_at(s, *end)))
			(*end)++;
	}
	return true;
}

/* Days since 1970 of a date of the Gregorian calendar */
static int64_t days_of(int y, int m, int d)
{
	int64_t years = y - (m <= 2), era = years / 400, of_era = years - era * 400;
	int64_t of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int month_at(struct slice s, size_t at)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++) {
		if (slice_equal(slice_sub(s, at, 3), slice_make(names + 3 * i, 3)))
			return i + 1;
	}
	return -1;
}

/* "2026-04-17", "2026/04/17" or "2026 Apr 14" there, since 1970 */
static bool date_at(struct slice s, size_t at, int64_t *ns)
{
	bool named = slice_at(s, at + 4) == ' ' && month_at(s, at + 5) > 0;
	int y = digits_at(s, at, 4), m = named ? month_at(s, at + 5) : digits_at(s, at + 5, 2);
	int d = digits_at(s, at + (named ? 9 : 8), 2);
	uint8_t mark = slice_at(s, at + 4);

	if (y < 1970 || y > YEAR_MAX || m < 1 || m > 12 || d < 1 || d > 31 ||
	    (!named && ((mark != '-' && mark != '/') || slice_at(s, at + 7) != mark)))
		return false;
	*ns = days_of(y, m, d) * DAY_NS;
	return true;
}

/* The date that stands in front of the time, one or two blanks or a 'T' between them, or behind it
 */
static bool date_beside(struct slice s, size_t at, size_t end, int64_t *ns)
{
	for (size_t back = 11; back <= 13 && back <= at; back++) {
		if (date_at(s, at - back, ns))
			return true;
	}
	return date_at(s, end + 1, ns);
}

bool clock_of_line(struct clock *c, struct slice line, int64_t *time_ns)
{
	struct slice s = slice_sub(line, 0, LOOK_MAX);
	int64_t ns, date_ns;
	size_t end;

	for (size_t at = 0; at + 8 <= s.len; at++) {
		if (!time_at(s, at, &ns, &end))
			continue;
		if (date_beside(s, at, end, &date_ns)) {
			*time_ns = date_ns + ns;
			return true;
		}
		if (c->any && ns < c->last_ns - DAY_NS / 2 && c->days_ns < INT64_MAX / 2)
			c->days_ns += DAY_NS;
		c->any = true;
		c->last_ns = ns;
		*time_ns = c->days_ns + ns;
		return true;
	}
	return false;
}

bool clock_seconds(struct slice *s, int64_t *time_ns)
{
	struct slice rest = *s;
	uint64_t seconds;

	if (!line_number(&rest, &seconds) || seconds > INT64_MAX / SECOND_NS - 1 ||
	    slice_at(rest, 0) != '.')
		return false;
	*time_ns = (int64_t)seconds * SECOND_NS + fraction_ns(rest, 1);
	do
		rest = slice_sub(rest, 1, rest.len);
	while (is_digit(slice_at(rest, 0)));
	*s = rest;
	return true;
}
