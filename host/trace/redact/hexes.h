/*
 * hexes: the octets that a text has in hex, whoever wrote it: digits in pairs, close together or
 * parted by one blank or colon, and dumps of several lines.
 */
#ifndef TWINKEY_HOST_TRACE_REDACT_HEXES_H
#define TWINKEY_HOST_TRACE_REDACT_HEXES_H

#include "lib/trace/redact/view.h"

enum {
	HEXES_ALL,
	HEXES_COMMANDS,	 /* the data of what looks like a command */
	HEXES_RESPONSES, /* all others without their last two octets */
	HEXES_LONG,	 /* 8 and more, as they are */
	HEXES_VIEWS
};

/*
 * Fills all of them; each is to be freed, and view_done() to be asked. columns: takes where a dump
 * has its octets a second time as letters, at the ends of its lines.
 */
void hexes_views(uint8_t *text, size_t len, struct view out[static HEXES_VIEWS],
		 struct wbuf *columns);
/* Writes these letters anew, by what the octets are now. */
void hexes_refresh(const struct view *all, struct slice columns);

#endif
