/*
 * style: how our pages look (CSS): on a light and a dark screen, and on paper. For page.c.
 */
#ifndef TWINKEY_TOOL_STYLE_H
#define TWINKEY_TOOL_STYLE_H

extern const char style_sheet[];

#endif
