/*
 * style: how the page of a report looks (CSS): on a light and a dark screen, and on paper.
 */
#ifndef TWINKEY_HOST_EXAM_STYLE_H
#define TWINKEY_HOST_EXAM_STYLE_H

extern const char style_sheet[];

#endif
