/*
 * scp03: the cryptography of secure channel protocol 03 (GlobalPlatform amendment D), as one reads
 * it, with MACs of 8 (S8) and 16 octets (S16).
 */
#ifndef TWINKEY_TRACE_OPEN_SCP03_H
#define TWINKEY_TRACE_OPEN_SCP03_H

#include "lib/trace/open/session.h"

extern const struct channel_scheme scp03_scheme;

#endif
