#include "host/exam/report/plot.h"

#include <math.h>
#include <stdio.h>

#include "tool/cli/markup.h"
#include "tool/cli/svg.h"

/* Units of the picture */
#define WIDTH	    960
#define LEFT	    230 /* names and counts */
#define RIGHT	    16
#define TOP	    34 /* the axis's figures */
#define ROW	    26
#define BOTTOM	    30
#define DOT	    "2.4"
#define DOTS_MAX    400 /* of a row: more would only be one over the other */
#define DECADES_MAX 10

struct axis {
	int first, last; /* powers of ten, in microseconds */
};

const char *plot_duration(uint64_t us, char out[static PLOT_DURATION])
{
	if (us < 1000)
		snprintf(out, PLOT_DURATION, "%u \xC2\xB5s", (unsigned)us);
	else if (us < 1000000)
		snprintf(out, PLOT_DURATION, "%u.%02u ms", (unsigned)(us / 1000),
			 (unsigned)(us % 1000 / 10));
	else
		snprintf(out, PLOT_DURATION, "%u.%02u s", (unsigned)(us / 1000000),
			 (unsigned)(us % 1000000 / 10000));
	return out;
}

/* Whole decades around all samples; at least one. */
static struct axis axis_of(const struct exam_timing *timings, size_t count)
{
	uint32_t min = UINT32_MAX, max = 1;
	struct axis a;

	for (size_t i = 0; i < count; i++) {
		min = timings[i].min < min ? timings[i].min : min;
		max = timings[i].max > max ? timings[i].max : max;
	}
	a.first = (int)floor(log10(min ? min : 1));
	a.last = (int)ceil(log10(max));
	if (a.last <= a.first)
		a.last = a.first + 1;
	return a;
}

static double x_of(const struct axis *a, double us)
{
	double at = log10(us < 1 ? 1 : us) - a->first;

	return LEFT + at * (WIDTH - LEFT - RIGHT) / (a->last - a->first);
}

static const char *decade_name(int power)
{
	static const char *const names[DECADES_MAX] = {
		"1 \xC2\xB5s", "10 \xC2\xB5s", "100 \xC2\xB5s", "1 ms",	 "10 ms",
		"100 ms",      "1 s",	       "10 s",		"100 s", "1000 s"};

	return power >= 0 && power < DECADES_MAX ? names[power] : "";
}

static void put_axis(struct wbuf *out, const struct axis *a, double bottom)
{
	for (int p = a->first; p <= a->last; p++) {
		double at = pow(10, p), x = x_of(a, at);
		const char *anchor = p == a->last ? "end" : "middle";

		svg_upright(out, "grid", (struct svg_point){x, TOP - 6}, bottom - TOP + 6);
		svg_text(out, "axis", anchor, (struct svg_point){x, TOP - 12});
		markup_put(out, "%s</text>", decade_name(p));
		for (int m = 2; m < 10 && p < a->last; m++)
			svg_upright(out, "fine", (struct svg_point){x_of(a, m * at), TOP},
				    bottom - TOP);
	}
	svg_text(out, "axis", "middle",
		 (struct svg_point){(LEFT + WIDTH - RIGHT) / 2.0, bottom + 20});
	markup_put(out, "time of one command, from the reader (logarithmic)</text>\n");
}

static void put_row_name(struct wbuf *out, const struct exam_timing *t, double y)
{
	svg_text(out, "name", "end", (struct svg_point){LEFT - 56, y + 4});
	markup_text(out, t->name);
	markup_put(out, "</text>");
	svg_text(out, "axis", "end", (struct svg_point){LEFT - 12, y + 4});
	markup_put(out, "\xC3\x97%zu</text>", t->count);
}

/* Points of one row stand a little above and below each other, in an order without chance. */
static void put_dots(struct wbuf *out, const struct axis *a, const struct exam_timing *t, double y)
{
	static const double lift[] = {0, -4, 3, -2, 5, -5, 2, -3, 4};
	size_t step = t->count / DOTS_MAX + 1;

	for (size_t i = 0; t->samples && i < t->count; i += step) {
		markup_put(out, "<circle class=\"dot\" r=\"%s\"", DOT);
		svg_coordinate(out, "cx", x_of(a, t->samples[i]));
		svg_coordinate(out, "cy", y + lift[i / step % (sizeof(lift) / sizeof(*lift))]);
		markup_put(out, "/>");
	}
}

/* From the least to the most, with a box from the median to the ninth decile. */
static void put_marks(struct wbuf *out, const struct axis *a, const struct exam_timing *t, double y)
{
	double median = x_of(a, t->median), p90 = x_of(a, t->p90);

	svg_line(out, "range", (struct svg_point){x_of(a, t->min), y},
		 (struct svg_point){x_of(a, t->max), y});
	markup_put(out, "<rect class=\"box\" height=\"14\"");
	svg_coordinate(out, "x", median);
	svg_coordinate(out, "y", y - 7);
	svg_coordinate(out, "width", p90 > median ? p90 - median : 0);
	markup_put(out, "/>");
	svg_upright(out, "p90", (struct svg_point){p90, y - 8}, 16);
	svg_upright(out, "median", (struct svg_point){median, y - 9}, 18);
}

static double middle_of(size_t row)
{
	return TOP + (double)row * ROW + ROW / 2.0;
}

static void put_band(struct wbuf *out, size_t row)
{
	if (row % 2)
		return;
	markup_put(out, "<rect class=\"row\" x=\"0\" width=\"%d\" height=\"%d\"", WIDTH, ROW);
	svg_coordinate(out, "y", middle_of(row) - ROW / 2.0);
	markup_put(out, "/>");
}

static void put_row(struct wbuf *out, const struct axis *a, const struct exam_timing *t, double y)
{
	char median[PLOT_DURATION], p90[PLOT_DURATION];

	markup_put(out, "<g><title>");
	markup_text(out, t->name);
	markup_put(out, ": median %s, nine of ten within %s</title>",
		   plot_duration(t->median, median), plot_duration(t->p90, p90));
	put_row_name(out, t, y);
	put_dots(out, a, t, y);
	put_marks(out, a, t, y);
	markup_put(out, "</g>\n");
}

void plot_put(const struct exam_timing *timings, size_t count, struct wbuf *out)
{
	double bottom = TOP + (double)count * ROW;
	struct axis a;

	if (!count)
		return;
	a = axis_of(timings, count);
	markup_put(out,
		   "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"plot-title "
		   "plot-text\"><title id=\"plot-title\">Time per command</title>"
		   "<desc id=\"plot-text\">The figures are in the table below.</desc>\n",
		   WIDTH, (int)bottom + BOTTOM);
	for (size_t i = 0; i < count; i++)
		put_band(out, i);
	put_axis(out, &a, bottom);
	for (size_t i = 0; i < count; i++)
		put_row(out, &a, &timings[i], middle_of(i));
	markup_put(out, "</svg>\n");
}
