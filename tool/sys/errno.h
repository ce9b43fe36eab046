/*
 * errno: the system's error numbers as enum err.
 */
#ifndef TWINKEY_TOOL_ERRNO_H
#define TWINKEY_TOOL_ERRNO_H

#include "lib/base/err.h"

/* What errno's value means to us; ERR_OK for 0. */
enum err errno_err(int number);

#endif
