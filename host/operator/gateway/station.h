/*
 * station: who is attached, as the gateway knows it: values in a table, without a clock or a
 * socket.
 */
#ifndef TWINKEY_OPERATOR_STATION_H
#define TWINKEY_OPERATOR_STATION_H

#include "host/operator/gateway/access.h"
#include "host/operator/gateway/hostapd.h"

#define STATIONS_MAX 2007 /* as many as hostapd has */

struct station {
	uint8_t mac[HOSTAPD_MAC_LEN];
	char name[HOSTAPD_NAME_CAP]; /* that it proved itself by, and the IMSI in it */
	char imsi[HOSTAPD_IMSI_CAP];
	enum hostapd_method method;
	int64_t subscriber;
	int subscription;
	bool proven;	/* the log has its attach, and nothing after it that ends it */
	bool waits;	/* its attach is not in the log yet: its keys or the store were not ready */
	bool left;	/* it goes, when the gate has been closed to it */
	bool sent_back; /* it was asked to prove itself again */
	bool recalled;	/* it was by a key that opened limited access only */
	int64_t proof;	/* that entry of the log */
	int64_t since;	/* and its time */
	int64_t log_seq;    /* the last entry about the subscriber that was looked at */
	int64_t idle_since; /* that of the log when no run went on: a further one is later */
	uint32_t address;   /* host order; 0: none */
	enum subscriber_state state; /* the subscriber's, when it was looked at */
	enum access access, had;     /* now, and as the gate has it */
};
struct stations {
	struct station *all;
	size_t count;
};

struct station *station_find(struct stations *s, const uint8_t mac[static HOSTAPD_MAC_LEN]);
/* With this address and any access; NULL: nobody. */
const struct station *station_at(const struct stations *s, uint32_t address);
/* The one of this MAC, made when it is not there. ERR_FULL, ERR_MEMORY. */
enum err station_take(struct stations *s, const uint8_t mac[static HOSTAPD_MAC_LEN],
		      struct station **out) MUST_CHECK;
/* Those that have left go. */
void stations_sweep(struct stations *s);
void stations_free(struct stations *s);

#endif
