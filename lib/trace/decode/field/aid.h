/*
 * aid: a field that is an application identifier: its octets, and whose it is.
 */
#ifndef TWINKEY_TRACE_DECODE_AID_H
#define TWINKEY_TRACE_DECODE_AID_H

#include "lib/trace/decode/field/field.h"

field_show field_aid;
/* "ADF.USIM" (application.h), or whose it is by its RID; "unknown". */
const char *aid_name(struct slice aid);

#endif
