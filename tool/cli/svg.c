#include "tool/cli/svg.h"

#include <math.h>
#include <stdlib.h>

#include "tool/cli/markup.h"

void svg_coordinate(struct wbuf *w, const char *name, double v)
{
	long tenths = lround(v * 10);

	markup_put(w, " %s=\"%s%ld.%ld\"", name, tenths < 0 ? "-" : "", labs(tenths) / 10,
		   labs(tenths) % 10);
}

void svg_line(struct wbuf *w, const char *class, struct svg_point from, struct svg_point to)
{
	markup_put(w, "<line class=\"%s\"", class);
	svg_coordinate(w, "x1", from.x);
	svg_coordinate(w, "y1", from.y);
	svg_coordinate(w, "x2", to.x);
	svg_coordinate(w, "y2", to.y);
	markup_put(w, "/>");
}

void svg_upright(struct wbuf *w, const char *class, struct svg_point from, double height)
{
	svg_line(w, class, from, (struct svg_point){from.x, from.y + height});
}

void svg_text(struct wbuf *w, const char *class, const char *anchor, struct svg_point at)
{
	markup_put(w, "<text class=\"%s\" text-anchor=\"%s\"", class, anchor);
	svg_coordinate(w, "x", at.x);
	svg_coordinate(w, "y", at.y);
	markup_put(w, ">");
}
