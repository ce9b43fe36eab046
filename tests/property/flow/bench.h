/*
 * bench: a card with a sealed second subscription, what should be true of it, and its operator's
 * secrets, for programs that try random orders. A check that fails ends the process.
 */
#ifndef TWINKEY_TESTS_PROPERTY_BENCH_H
#define TWINKEY_TESTS_PROPERTY_BENCH_H

#include "card-emu/card.h"
#include "lib/crypto/ec.h"
#include "lib/uicc/apdu.h"
#include "lib/auth/aka.h"
#include "lib/release/kra.h"

#define BENCH_PROFILE 1u
#define BENCH_KEY_ID  7u
#define BENCH_CHANNEL 1 /* of the key-release application; the file system is on 0 */
#define BENCH_MESSAGE 1024
#define BENCH_CARDS   5
#define BENCH_KEYS    4
#define BENCH_K_MAX   32

/* Names the place, and by chaos_where() the order, and exits. */
#define CHECK(ok, what) bench_check((ok), (what), __FILE__, __LINE__)
void bench_check(bool ok, const char *what, const char *file, int line);
/* Where the run is, for the message (the program defines it). */
void chaos_where(char *text, size_t cap);

struct bench {
	struct card *card;
	uint8_t eid[KRA_EID_LEN], iccid[KRA_ICCID_LEN];
	const char *iccid_text;
	unsigned number; /* which card */
	struct wbuf upp, before, now;
	struct secret *s;
	/* 1: K1; 2: the K2 that was released last; 3: the one that is sealed (none that will be
	 * derived); 0: the one before 2
	 */
	struct bench_key {
		struct aka_key *key;
		struct aka_vector vector;
		uint8_t sres[GSM_SRES_LEN]; /* for the RAND of all vectors */
	} keys[BENCH_KEYS];
	uint64_t sqn1;
	uint32_t key_id;	 /* of the sealed part that is stored */
	uint32_t opened_id;	 /* of the one that was opened last */
	struct kra_binding open; /* of the last challenge */
	uint8_t point[EC_POINT_LEN];
	uint8_t chain_mem[4 * BENCH_MESSAGE];
	struct wbuf chain;   /* of the blocks so far */
	unsigned next_block; /* that continues it; 0: no chain is open */
	bool in_session;     /* the challenge may still be answered */
	bool released;	     /* a genuine grant has been taken: K2 is in force */
	bool sealed;	     /* there is something to release */
};

/* i < BENCH_CARDS: which: 0: K2 of 128 bits, 1: of 256, 2: of 256, and derived; 3 and 4: as 0 and
 * 2, in volatile memory. The release key is borrowed. */
void bench_make(struct bench *b, unsigned i, const struct ec_key *release_key);
void bench_free(struct bench *b);
/* The profile as it was delivered, nothing released, SQN at zero. */
void bench_install(struct bench *b);
/* SealedElements for this card with the next keyId around a second subscription with a K2 of its
 * own. */
void bench_put_next_sealed(struct bench *b, const struct ec_key *release_key, struct wbuf *out);
/* The card has taken that sealed part: its K2 is keys[3]. */
void bench_resealed(struct bench *b);
/* The operator's answer to a challenge; k2 (BENCH_K_MAX octets) is what both sides derive, where
 * they do. */
void bench_put_grant(struct bench *b, const struct kra_binding *binding, const struct ec_key *key,
		     struct wbuf *w, uint8_t *k2);
/* The card has opened its sealed part by such a grant: that K2 is keys[2]. */
void bench_opened(struct bench *b, const uint8_t *k2);
/* Warm reset; the key-release application selected on its channel. */
void bench_reset(struct bench *b);
/* Power off and on: of a K2 in volatile memory nothing is left but that it can be released. */
void bench_power(struct bench *b);

/* One command; its response, fetched, is appended to out. Status word. */
uint16_t bench_command(struct bench *b, const uint8_t head[static 4], struct slice data,
		       struct wbuf *out);
/* A message to the key-release application in blocks of this length; the answer is in out. */
uint16_t bench_send(struct bench *b, struct slice m, size_t block, struct wbuf *out);
/* One block of it. True when it completes a message, which is in b->chain then. */
bool bench_block(struct bench *b, struct slice part, bool last, uint8_t number, struct wbuf *out,
		 uint16_t *sw);
/* AUTHENTICATE in the 3G context; SW_FILE_NOT_FOUND: there is no USIM. */
uint16_t bench_authenticate(struct bench *b, const struct aka_vector *v);
/* Whose SRES RUN GSM ALGORITHM gives, of keys[]; BENCH_KEYS: nobody's, or no answer. */
unsigned bench_gsm(struct bench *b);
/* All keys and values but sequence numbers (of SQN, of notifications) and the values of secrets. */
void bench_snapshot(struct bench *b, struct wbuf *w);

#endif
