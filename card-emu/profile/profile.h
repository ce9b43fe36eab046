/*
 * profile: what the card keeps of each installed profile beside its files.
 */
#ifndef TWINKEY_CARD_PROFILE_H
#define TWINKEY_CARD_PROFILE_H

#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "card-emu/fs/fs.h"
#include "lib/auth/aka.h"
#include "lib/base/bytes.h"

#define ICCID_LEN	 10
#define NICKNAME_LEN_MAX 256 /* octets of 64 characters */

enum profile_state { PROFILE_DISABLED = 0, PROFILE_ENABLED = 1 };

struct profile_record { /* STORE_KEY_STATE */
	enum profile_state state;
	uint8_t iccid[ICCID_LEN]; /* as in EF.ICCID, nibbles swapped */
	uint8_t isdp_aid[16];
	char nickname[NICKNAME_LEN_MAX + 1];
};

enum err profile_load(const struct store *s, unsigned n, struct profile_record *out) MUST_CHECK;
void profile_put(struct store_txn *t, unsigned n, const struct profile_record *r);
/* Every state that is put goes into the indexes by ICCID and of the enabled profile; when one is
 * disabled and no other enabled in its place, this says so. */
void profile_put_none_enabled(struct store_txn *t);
/* Takes profile n, whose record r is, with all that it has. */
void profile_delete(struct store_txn *t, unsigned n, const struct profile_record *r);
/* The AID of profile n's ISD-P. */
void profile_make_aid(unsigned n, uint8_t aid[static 16]);
/* The number of the enabled profile, 0 if none. */
unsigned profile_enabled(const struct store *s);
/* A number that no profile has; 0 when all are taken. */
unsigned profile_free_number(const struct store *s);
/* The profile with this ICCID or ISD-P AID (give one, leave the other empty); 0: none. */
unsigned profile_find(const struct store *s, struct slice iccid, struct slice isdp_aid);
/* Calls each() per installed profile in the order of numbers until it returns false. */
void profile_each(const struct store *s,
		  bool (*each)(void *ctx, unsigned n, const struct profile_record *r), void *ctx);

/* STORE_KEY_NAA: the subscription whose key the application in this ADF uses; 0: none is named. */
#define SUBSCRIPTION_FIRST 1  /* of the profile's USIM; the release may put 2 in its place */
#define SUBSCRIPTION_OTHER 16 /* and above: of further applications with a key of their own */
unsigned profile_naa(const struct store *s, unsigned n, const char *adf);
void profile_naa_put(struct store_txn *t, unsigned n, const char *adf, unsigned sub);

/* STORE_KEY_AKA and a fresh STORE_KEY_SQN (all zero unless sqn is given). */
enum err subscription_put(struct store_txn *t, unsigned n, unsigned sub,
			  const struct aka_parameters *key, const struct sqn_array *sqn) MUST_CHECK;
/* The key ready to compute with. ERR_NOT_FOUND: the profile has none. */
enum err subscription_load(const struct store *s, unsigned n, unsigned sub,
			   struct aka_key **key) MUST_CHECK;
/*
 * The SQN array of this very key: of the profile's subscription that has it, the second before the
 * first, or of the time when one had it. ERR_NOT_FOUND: none ever did.
 */
enum err subscription_sqn_of_key(const struct store *s, unsigned n,
				 const struct aka_parameters *key,
				 struct sqn_array *sqn) MUST_CHECK;
/* Before the key of a subscription is replaced: its array stays with the key, should it return. */
enum err subscription_sqn_keep(const struct store *s, struct store_txn *t, unsigned n,
			       unsigned sub) MUST_CHECK;
enum err subscription_sqn_load(const struct store *s, unsigned n, unsigned sub,
			       struct sqn_array *sqn) MUST_CHECK;
void subscription_sqn_put(struct store_txn *t, unsigned n, unsigned sub,
			  const struct sqn_array *sqn);

/* STORE_KEY_KRA: the release state of a profile. Absent: sub 1 active, key_id 0. */
struct release_record {
	uint8_t active;	 /* subscription that answers AUTHENTICATE: 1 or 2 */
	uint32_t key_id; /* highest keyId that was ever granted; never goes back */
};
void release_load(const struct store *s, unsigned n, struct release_record *out);
void release_put(struct store_txn *t, unsigned n, const struct release_record *r);

/* A PIN with the PUK that unblocks it (STORE_KEY_PIN, a secret).
 * ref is the key reference of TS 102 221 table 9.3: 01..08 PIN appl, 0A..0E ADM, 11
 * universal, 81..88. */
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
#define PIN_LOCAL 0x80
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
