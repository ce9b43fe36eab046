#include "api/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/bytes.h"
#include "tool/sys/trouble.h"

#define THING_MAX 200 /* of a long name; the rest of the text is for what is wrong with it */

/* What is not here is TWINKEY_ERR_OTHER. */
static const enum twinkey_code codes[ERR_COUNT] = {
	[ERR_TRUNCATED] = TWINKEY_ERR_CERT,
	[ERR_TRAILING] = TWINKEY_ERR_CERT,
	[ERR_ENCODING] = TWINKEY_ERR_CERT,
	[ERR_DEPTH] = TWINKEY_ERR_CERT,
	[ERR_TAG] = TWINKEY_ERR_CERT,
	[ERR_LENGTH] = TWINKEY_ERR_CERT,
	[ERR_DUPLICATE] = TWINKEY_ERR_CERT,
	[ERR_KEY] = TWINKEY_ERR_CERT,
	[ERR_POINT] = TWINKEY_ERR_CERT,
	[ERR_SIGNATURE] = TWINKEY_ERR_CERT,
	[ERR_CERT] = TWINKEY_ERR_CERT,
	[ERR_CERT_EXPIRED] = TWINKEY_ERR_CERT,
	[ERR_CERT_UNTRUSTED] = TWINKEY_ERR_CERT,
	[ERR_VALUE] = TWINKEY_ERR_VALUE,
	[ERR_UNSUPPORTED] = TWINKEY_ERR_UNSUPPORTED,
	[ERR_SPACE] = TWINKEY_ERR_SPACE,
	[ERR_MEMORY] = TWINKEY_ERR_MEMORY,
	[ERR_IO] = TWINKEY_ERR_IO,
	[ERR_FULL] = TWINKEY_ERR_FULL,
	[ERR_PERMISSION] = TWINKEY_ERR_PERMISSION,
	[ERR_OWNER] = TWINKEY_ERR_PERMISSION,
	[ERR_NOT_FOUND] = TWINKEY_ERR_NOT_FOUND,
	[ERR_NO_FILE] = TWINKEY_ERR_NOT_FOUND,
	[ERR_LONG_NAME] = TWINKEY_ERR_VALUE,
	[ERR_EXISTS] = TWINKEY_ERR_EXISTS,
	[ERR_LOCKED] = TWINKEY_ERR_LOCKED,
	[ERR_VERSION] = TWINKEY_ERR_VERSION,
	[ERR_CORRUPT] = TWINKEY_ERR_CORRUPT,
	[ERR_MAC] = TWINKEY_ERR_CORRUPT,
	[ERR_CRYPTO] = TWINKEY_ERR_CRYPTO,
	[ERR_WRONG_STATE] = TWINKEY_ERR_STATE,
	[ERR_REFUSED] = TWINKEY_ERR_REFUSED,
	[ERR_USAGE] = TWINKEY_ERR_USAGE,
};

static const char *const sentences[] = {
	[TWINKEY_OK] = "no error",
	[TWINKEY_ERR_USAGE] = "the call breaks a rule of its header",
	[TWINKEY_ERR_MEMORY] = "out of memory",
	[TWINKEY_ERR_SPACE] = "the buffer is too small",
	[TWINKEY_ERR_IO] = "reading or writing failed",
	[TWINKEY_ERR_FULL] = "no space is left",
	[TWINKEY_ERR_PERMISSION] = "permission denied, or the folder is not safe",
	[TWINKEY_ERR_NOT_FOUND] = "not found",
	[TWINKEY_ERR_EXISTS] = "something is there already",
	[TWINKEY_ERR_LOCKED] = "the card is open already",
	[TWINKEY_ERR_VERSION] = "it was made by another version of Twinkey",
	[TWINKEY_ERR_CORRUPT] = "the stored data is damaged",
	[TWINKEY_ERR_VALUE] = "a text or a value is not what it must be",
	[TWINKEY_ERR_CERT] = "EID, certificates and keys do not make an eUICC",
	[TWINKEY_ERR_REFUSED] = "the SIM needs a service that the card is without",
	[TWINKEY_ERR_STATE] = "this is not allowed in the present state",
	[TWINKEY_ERR_CRYPTO] = "the cryptographic library failed",
	[TWINKEY_ERR_UNSUPPORTED] = "a later version of the library has this",
	[TWINKEY_ERR_OTHER] = "failed",
};

enum twinkey_code error_code(enum err e)
{
	if (!e)
		return TWINKEY_OK;
	return (unsigned)e < ERR_COUNT && codes[e] ? codes[e] : TWINKEY_ERR_OTHER;
}

const char *twinkey_error_text(enum twinkey_code code)
{
	return (unsigned)code < ARRAY_LEN(sentences) ? sentences[code]
						     : sentences[TWINKEY_ERR_OTHER];
}

enum twinkey_code error_none(struct twinkey_error *error)
{
	if (error)
		*error = (struct twinkey_error){.code = TWINKEY_OK};
	return TWINKEY_OK;
}

enum twinkey_code error_said(struct twinkey_error *error, enum err e, const char *fmt, ...)
{
	va_list ap;

	if (!error)
		return error_code(e);
	*error = (struct twinkey_error){.code = error_code(e)};
	va_start(ap, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, ap);
	va_end(ap);
	return error->code;
}

enum twinkey_code error_of(struct twinkey_error *error, enum err e, const char *thing)
{
	const char *hint = err_hint(e), *colon = *thing ? ": " : "";

	if (*trouble_of(e))
		return error_said(error, e, "%.*s%s%s", THING_MAX, thing, colon, trouble_of(e));
	return error_said(error, e, "%.*s%s%s%s%s", THING_MAX, thing, colon, err_text(e),
			  *hint ? ": " : "", hint);
}
