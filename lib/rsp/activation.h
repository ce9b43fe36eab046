/*
 * activation: activation codes (SGP.22 4.1, 4.1.1 for the QR form).
 *
 *   [LPA:]1$ADDRESS$MATCHING-ID[$OID[$1[$...]]]
 *
 * Also as links write it ("$" as %24), and with LPA in small letters. What later versions put
 * behind the flag of the confirmation code (SGP.22 3.0: the CI's key identifier) is ignored. The
 * matching id may be empty: the subscription manager then looks for a profile of this eUICC.
 */
#ifndef TWINKEY_RSP_ACTIVATION_H
#define TWINKEY_RSP_ACTIVATION_H

#include "lib/base/bytes.h"

#define ACTIVATION_ADDRESS_MAX	   255
#define ACTIVATION_MATCHING_ID_MAX 255
#define ACTIVATION_OID_MAX	   64 /* characters in dotted form */

struct activation {
	char address[ACTIVATION_ADDRESS_MAX + 1]; /* in small letters, with :PORT or without */
	char matching_id[ACTIVATION_MATCHING_ID_MAX + 1];
	char oid[ACTIVATION_OID_MAX + 1]; /* of the subscription manager; "" if not given */
	bool confirmation_code_required;
};

/*
 * ERR_VERSION: a format other than 1; ERR_ENCODING: anything else that is wrong, with *why (may be
 * NULL) saying what. Blanks around the code and its parts are no part of it.
 */
enum err activation_parse(const char *code, struct activation *out, const char **why) MUST_CHECK;

/* A host name or address, with :PORT or without: nothing that could steer a URL. */
bool activation_is_address(struct slice address);
/* Without the blanks around: no address has any, and managers in the field write some. */
struct slice activation_trim(struct slice address);
/* The same host: capitals make no difference (RFC 4343), nor do blanks around. */
bool activation_same_address(struct slice a, struct slice b);

#endif
