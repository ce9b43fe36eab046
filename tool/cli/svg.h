/*
 * svg: lines and places of a picture. Numbers have a decimal point in every locale.
 */
#ifndef TWINKEY_TOOL_SVG_H
#define TWINKEY_TOOL_SVG_H

#include "lib/base/bytes.h"

struct svg_point {
	double x, y;
};

/* " name="12.3"" behind the name of a tag */
void svg_coordinate(struct wbuf *w, const char *name, double v);
void svg_line(struct wbuf *w, const char *class, struct svg_point from, struct svg_point to);
/* A line straight down. */
void svg_upright(struct wbuf *w, const char *class, struct svg_point from, double height);
/* <text class= x= y= text-anchor=: what stands in it and its end are the caller's. */
void svg_text(struct wbuf *w, const char *class, const char *anchor, struct svg_point at);

#endif
