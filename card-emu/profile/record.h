/*
 * record: what the card keeps of each installed profile: its number, its names and whether it is
 * enabled.
 */
#ifndef TWINKEY_CARD_RECORD_H
#define TWINKEY_CARD_RECORD_H

#include "lib/base/bytes.h"

struct store;
struct store_txn;

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
/* Deletes profile n with all that is kept of it; r is its record. */
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

#endif
