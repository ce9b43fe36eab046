/*
 * error: what a call of libtwinkey.so tells its caller of a failure.
 */
#ifndef TWINKEY_API_ERROR_H
#define TWINKEY_API_ERROR_H

#include "include/twinkey/error.h"
#include "lib/base/err.h"

/* The public code of an error. */
enum twinkey_code error_code(enum err e);
/* These fill error, which may be NULL, and give its code. The first has nothing to say. */
enum twinkey_code error_none(struct twinkey_error *error);
/*
 * What the thing is, and behind it what tool/sys/trouble.h says of this error, or else its sentence
 * and hint.
 */
enum twinkey_code error_of(struct twinkey_error *error, enum err e, const char *thing);
/* The whole text. */
enum twinkey_code error_said(struct twinkey_error *error, enum err e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
