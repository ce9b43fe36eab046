/*
 * pins: the PINs of a profile, each with the PUK that unblocks it.
 */
#ifndef TWINKEY_CARD_PINS_H
#define TWINKEY_CARD_PINS_H

#include "card-emu/fs/path.h"

struct store;
struct store_txn;

/* Key references, TS 102 221 table 9.3; with PIN_LOCAL they belong to a DF (9.5.1). */
enum pin_reference {
	PIN_APPL_FIRST = 0x01,
	PIN_APPL_LAST = 0x08,
	PIN_ADM_FIRST = 0x0A,
	PIN_ADM_LAST = 0x0E,
	PIN_UNIVERSAL = 0x11,
	PIN_LOCAL = 0x80,
};

/* A PIN with the PUK that unblocks it (STORE_KEY_PIN, a secret) */
struct pin_record {
	uint8_t value[8]; /* padded with FF */
	uint8_t tries, tries_max;
	bool enabled;
	bool no_change, no_disable; /* what the profile forbids */
	uint8_t alternative; /* disabled: the key reference that is asked for instead; 0: none */
	bool has_puk;
	uint8_t puk[8], puk_tries, puk_tries_max;
};
/* A global PIN. */
enum err pin_load(const struct store *s, unsigned n, uint8_t ref,
		  struct pin_record *out) MUST_CHECK;
/* Local PINs (TS 102 221 9.5.1, bit 8 of the reference) belong to a DF; df "": a global one. */
enum err pin_load_in(const struct store *s, unsigned n, const char *df, uint8_t ref,
		     struct pin_record *out) MUST_CHECK;
enum err pin_put_in(struct store_txn *t, unsigned n, const char *df, uint8_t ref,
		    const struct pin_record *r) MUST_CHECK;
/* The DF whose PIN this reference means at path: the nearest one that has it; "" for a global one.
 * False: there is no such PIN. */
bool pin_home(const struct store *s, unsigned n, const char *path, uint8_t ref,
	      char df[static FS_PATH_MAX]);
/* df has the local PINs of another DF. */
void pin_share(struct store_txn *t, unsigned n, const char *df, const char *with);

#endif
