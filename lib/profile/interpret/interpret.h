/*
 * interpret: walks an unprotected profile package and tells a sink what to make.
 *
 * The package is a sequence of ProfileElements. Each is checked and handed over as files, PINs,
 * keys and applications; the sink stores them. What this interpreter does not know or the sink does
 * not take is refused with the PEStatus of the TCA specification; an element that is not mandated
 * is left out instead, with its status in the report. The first refusal ends the walk.
 */
#ifndef TWINKEY_PROFILE_INTERPRET_H
#define TWINKEY_PROFILE_INTERPRET_H

#include "lib/profile/interpret/sink.h"

/*
 * The whole package: ProfileHeader first, PE-End last. report (may be NULL) gets the EUICCResponse.
 * ERR_OK, or ERR_REFUSED with *status (may be NULL) saying why; ERR_MEMORY: it was not the
 * package's fault.
 */
enum err profile_interpret(struct slice package, const struct profile_sink *sink,
			   struct wbuf *report, enum pe_status *status) MUST_CHECK;
/* A patch: elements without header and end; only those that change an installed profile. */
enum err profile_interpret_patch(struct slice elements, const struct profile_sink *sink) MUST_CHECK;

#endif
