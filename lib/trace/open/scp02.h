/*
 * scp02: the cryptography of secure channel protocol 02 (GlobalPlatform E), as one reads it: option
 * i=15 and its kin, whose ICV is encrypted; with R-MACs (i=35, i=75).
 */
#ifndef TWINKEY_TRACE_OPEN_SCP02_H
#define TWINKEY_TRACE_OPEN_SCP02_H

#include "lib/trace/open/session.h"

extern const struct channel_scheme scp02_scheme;

#endif
