/*
 * uri: what a PKCS#11 URI (RFC 7512) says of the key on a token: which token, which key, the module
 * that knows the token, where its PIN is.
 *
 *   pkcs11:token=lab;object=store?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/pin
 *
 * Taken are token, manufacturer, serial, model, object, id, type=secret-key; module-path and
 * pin-source (a whole path, file:PATH, credential:NAME). What RFC 7512 has besides would have to be
 * heeded to find the same key again, so it is refused; a query of a vendor (x-...) is let be, as
 * the RFC wants. A pin-value is refused: who sees the command line has it.
 */
#ifndef TWINKEY_OPERATOR_URI_H
#define TWINKEY_OPERATOR_URI_H

#include "lib/base/bytes.h"

#define URI_TEXT_CAP 256 /* octets of a path with its NUL */
#define URI_ID_MAX   64

enum uri_pin { URI_PIN_NONE, URI_PIN_FILE, URI_PIN_CREDENTIAL };

struct pkcs11_uri {
	/* "" is one that is not given; lengths of PKCS#11's fields, with a NUL */
	char token[33], manufacturer[33], model[17], serial[17];
	char object[129];
	uint8_t id[URI_ID_MAX];
	size_t id_len;
	char module[URI_TEXT_CAP]; /* a whole path; "": p11-kit's */
	enum uri_pin pin;
	char pin_source[URI_TEXT_CAP]; /* the path, or the credential's name */
};

/*
 * Parses the text, with its "pkcs11:". It names a token (token or serial) and a key (object or id).
 * ERR_USAGE: *why says why, in words of its own alone: the text may hold a PIN.
 */
enum err pkcs11_uri_parse(struct slice text, struct pkcs11_uri *out, const char **why) MUST_CHECK;

#endif
