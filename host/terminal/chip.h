/*
 * chip: what kind of card this is, for whoever wants to manage profiles on it.
 */
#ifndef TWINKEY_HOST_CHIP_H
#define TWINKEY_HOST_CHIP_H

#include "host/terminal/failure.h"
#include "host/terminal/uicc.h"
#include "lib/rsp/rsp.h"

enum chip_kind {
	CHIP_OTHER, /* no UICC: it has no MF */
	CHIP_SIM,   /* of 2G: its MF is there for class A0 alone */
	CHIP_UICC,  /* no eUICC: no ISD-R and no ECASD */
	CHIP_SGP02, /* M2M: managed by its operator over the air */
	CHIP_SGP22, /* consumer */
	CHIP_SGP32, /* IoT: answers ES10b.GetCerts */
};

struct chip {
	enum chip_kind kind;
	bool has_eid;
	uint8_t eid[RSP_EID_LEN];
};

/*
 * Asks the card, on channels that are closed again. isdr_aid: empty for SGP.22's. Errors of the
 * conversation only.
 */
enum err chip_detect(struct uicc *u, struct slice isdr_aid, struct chip *out) MUST_CHECK;
/* The EID alone, of the application that is selected on a channel: an ISD-R with ES10, an ECASD. */
enum err chip_ask_eid(struct uicc *u, unsigned channel, struct chip *chip) MUST_CHECK;
enum err chip_ask_ecasd(struct uicc *u, unsigned channel, struct chip *chip) MUST_CHECK;
/* "eUICC for consumer devices (SGP.22)" */
const char *chip_text(enum chip_kind kind);
/* What an LPA can do about it: "its operator manages it over the air"; "" for SGP.22. */
const char *chip_hint(enum chip_kind kind);
/* The USIM was not selected (e): says what the card is instead, and what to do. */
struct failure chip_without_usim(struct uicc *u, enum err e);

#endif
