/*
 * error: why a call failed: a code for the program, and a sentence for a person.
 *
 * The library prints nothing and remembers nothing: what there is to say of a failure is in the
 * struct that the caller gave to the call that failed.
 */
#ifndef TWINKEY_ERROR_H
#define TWINKEY_ERROR_H

#include <twinkey/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The values are part of the interface, and so is what each means. A later version may have more.
 */
enum twinkey_code {
	TWINKEY_OK = 0,
	TWINKEY_ERR_USAGE = 1,	      /* the caller broke a rule of these headers */
	TWINKEY_ERR_MEMORY = 2,	      /* out of memory */
	TWINKEY_ERR_SPACE = 3,	      /* the caller's buffer is too small */
	TWINKEY_ERR_IO = 4,	      /* reading or writing a file failed */
	TWINKEY_ERR_FULL = 5,	      /* the disk, or the card, has no room left */
	TWINKEY_ERR_PERMISSION = 6,   /* not for this user, or a folder that others can write to */
	TWINKEY_ERR_NOT_FOUND = 7,    /* there is no card, or no such file */
	TWINKEY_ERR_EXISTS = 8,	      /* something is there already */
	TWINKEY_ERR_LOCKED = 9,	      /* the card in this folder is open already */
	TWINKEY_ERR_VERSION = 10,     /* it was made by another version of Twinkey */
	TWINKEY_ERR_CORRUPT = 11,     /* something of the card is missing or changed */
	TWINKEY_ERR_VALUE = 12,	      /* a text or a value is not what it must be */
	TWINKEY_ERR_CERT = 13,	      /* EID, certificates and keys do not make an eUICC */
	TWINKEY_ERR_REFUSED = 14,     /* the SIM needs a service that the card is without */
	TWINKEY_ERR_STATE = 15,	      /* not now: see the function */
	TWINKEY_ERR_CRYPTO = 16,      /* the cryptographic library failed */
	TWINKEY_ERR_UNSUPPORTED = 17, /* a later version of the library has this */
	TWINKEY_ERR_OTHER = 18,	      /* what has no code of its own: see the text */
};

#define TWINKEY_TEXT_MAX 512

/* The caller's own; each call that takes one fills it anew. */
struct twinkey_error {
	enum twinkey_code code;
	/* One line of UTF-8 that says what is wrong with what, ends with 0 and holds no secret; ""
	 * after success, unless the function says otherwise. */
	char text[TWINKEY_TEXT_MAX];
};

/* The sentence of a code, without what was special about one failure. Static, never NULL. */
TWINKEY_PUBLIC const char *twinkey_error_text(enum twinkey_code code);

#ifdef __cplusplus
}
#endif

#endif
