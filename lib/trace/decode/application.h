/*
 * application: what is selected by an AID, by its name and kind.
 */
#ifndef TWINKEY_TRACE_DECODE_APPLICATION_H
#define TWINKEY_TRACE_DECODE_APPLICATION_H

#include "lib/base/bytes.h"

enum application_kind {
	APPLICATION_UNKNOWN,
	APPLICATION_USIM,
	APPLICATION_ISIM,
	APPLICATION_CSIM,
	APPLICATION_HPSIM,
	APPLICATION_ISDR,
	APPLICATION_ECASD,
	APPLICATION_ISDP,
	APPLICATION_SD, /* GlobalPlatform's issuer security domain, or a profile's MNO-SD */
	APPLICATION_KRA,
	APPLICATION_ARAM,
};

struct application {
	enum application_kind kind;
	const char *name; /* "ADF.USIM", "ISD-R"; NULL: none that is known */
};

/* Of an AID, which may have been cut when it was selected; fci: what the selection answered, for an
 * ISD-R of any AID tells itself there (SGP.22 5.7.1). */
struct application application_of(struct slice aid, struct slice fci);

#endif
