/*
 * world: an operator with two subscribers, their cards, the stations that they come in at, and what
 * should be true of all of them, kept beside the operator. What happens is in events.h; a program
 * says how time passes and what a gateway is (struct drive).
 */
#ifndef TWINKEY_TESTS_PROPERTY_WORLD_H
#define TWINKEY_TESTS_PROPERTY_WORLD_H

#include "host/operator/gateway/access.h"
#include "host/operator/policy/wanted.h"
#include "host/operator/store/store.h"
#include "tests/property/flow/bench.h"
#include "tests/property/net/air.h"
#include "tests/property/net/dice.h"

#define WORLD_SUBSCRIBERS 2
#define WORLD_STATIONS	  3
#define WORLD_KEYS_MAX	  64
#define WORLD_NETWORK	  0x0A2D0000u /* 10.45.0.0 */

struct world_card {
	struct aka_key *k2;
	uint32_t generation; /* of k2, as struct air_run has it; 0: none */
	bool on_second;
};

struct world_subscriber {
	int64_t id;
	struct subscriber_modes modes;
	bool one_identity;
	struct subscriber row; /* as it was read last */
	struct aka_key *k1;
	struct world_card card;
	struct { /* the last one that was issued */
		struct aka_key *k2;
		uint32_t key_id, generation;
		uint8_t nonce[16];
		bool on_its_way, awaited, as_profile;
	} grant;
	struct secret *seed; /* NULL: it has no code generator yet */
	char sent[8];
	bool has_address;
	uint32_t generation_of[WORLD_KEYS_MAX]; /* by keyId */
	/* the factors of a release */
	int64_t first_at;
	struct factor_passed passed[FACTOR_KINDS], approved;
	char agent[16]; /* the first of four eyes */
	int64_t agent_at;
	bool locked;
	/* the last attach that the log has, and that nothing has ended */
	int64_t seen_seq;
	bool attached, of_key_in_force, in_recalled;
	char evidence[64];
};

/* How a program drives it. */
struct drive {
	bool real; /* real clocks, a real gateway: time cannot jump */
	/* So long, with a gateway at work, and then what must hold. */
	void (*pass)(int64_t ms);
	bool (*gateway_is_up)(void);
	void (*gateway_start)(void);
	void (*gateway_stop)(void); /* as it should */
	void (*gateway_kill)(void);
	void (*gateway_hang)(bool hang);
	void (*kernel_break)(bool broken); /* NULL: it cannot be broken */
	void (*hostapd)(bool up, bool told);
	void (*ask)(unsigned station); /* who is there, by the gateway's socket; checked */
	bool (*news)(void);	       /* somebody else has written to the store */
};

extern struct world {
	const struct drive *drive;
	char dir[96], leases[128];
	struct operator_store *store;
	struct release_authority *authority;
	struct ec_key *euicc_key, *one_time;
	struct wbuf euicc_cert, eum_cert;
	uint8_t eid[2][16]; /* the first one is ours */
	struct world_subscriber sub[WORLD_SUBSCRIBERS];
	unsigned subscribers;	/* that this order has: 1 or 2 */
	struct {		/* whose card is there, and what it does */
		int subscriber; /* -1: none */
		bool clone;	/* a card with K1 alone */
		enum hostapd_method method;
	} at[WORLD_STATIONS];
	struct lease_of {
		unsigned last_octet; /* 0: none */
		int64_t until;
	} lease[WORLD_STATIONS];
	struct factor_wants wants;
	bool gsm_factor, changed;
	bool keeps_factors;		 /* all factors come by events here: they are known */
	bool alone;			 /* nobody else may wait for the store */
	int64_t now_ms, first_s, skew_s; /* of a clock that nobody sets; of the one that is set */
	uint64_t made;			 /* subscribers, in this store */
	uint32_t generations;
} w;

void world_open(const struct drive *drive);
/* By twinkey-operator init, for its processes; bin: the program. */
#define WORLD_NAME "smdp.lab"
void world_open_by(const struct drive *drive, const char *bin);
void world_close(void);
/* Its folder alone goes: something has failed. */
void world_drop(void);
/* New subscribers of kinds by chance; nobody is there, nothing is set. */
void world_begin_order(void);
/* One subscriber, of this kind. */
void world_begin_one(const struct subscriber_modes *modes);
void world_end_order(void);
int64_t world_now(void);

/* Reads what was written, and checks that it is true: an attach that the log has was one, with that
 * key. */
void world_look(void);
/* A card's run, as the truth has it; which IMSI of whom it claims. */
struct world_claim {
	unsigned subscriber, which; /* 0, 1 */
};
struct air_run world_run(unsigned station, struct world_claim claim);
/* The card at the station, as it is now: 1, 2. */
unsigned world_kind(unsigned station);
/*
 * What the station may reach at the most. late: of who has left in a way that hostapd did not tell,
 * the gateway hears when it asks.
 */
enum access world_may(unsigned station, bool late);
/* By which address; 0: none. */
uint32_t world_address(unsigned station);
void world_write_leases(void);

/* A second factor was passed, by the operator's own word; a release, and whatever ends one. */
void world_passed(struct world_subscriber *s, enum factor_kind kind);
bool world_both_factors(const struct world_subscriber *s);
void world_forget_factors(struct world_subscriber *s);

#endif
