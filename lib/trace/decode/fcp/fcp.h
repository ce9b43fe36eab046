/*
 * fcp: what a card says of a selected file, to the leaf: the FCP of a UICC (TS 102 221 11.1.1), the
 * FCI of an applet (GlobalPlatform 11.9.3.1), and what a 2G SIM answers (TS 51.011 9.2.1).
 */
#ifndef TWINKEY_TRACE_DECODE_FCP_H
#define TWINKEY_TRACE_DECODE_FCP_H

#include "lib/trace/decode/field/field.h"

/* The template 62 or 6F as one node; something else is told with a fault. */
void fcp_show(struct slice answer, const struct tree *t);
/* The same of a 2G SIM, which has no tags. */
void fcp_show_gsm(struct slice answer, const struct tree *t);

#endif
