/*
 * gateway: the access network's side of the operator. Who has proved himself to hostapd is let
 * through as far as his subscriber's state allows (access.h), by rules of the kernel (gate.h), for
 * as long as it allows it: what the store says is looked at every GATEWAY_LOOK_MS, and what stands
 * in the kernel runs out when nobody refreshes it.
 */
#ifndef TWINKEY_OPERATOR_GATEWAY_H
#define TWINKEY_OPERATOR_GATEWAY_H

#include <stdint.h>

#include "host/operator/gateway/gate.h"

#define GATEWAY_LOOK_MS	   100
#define GATEWAY_REFRESH_MS 1000

struct cancel;
struct operator_store;

struct gateway_setup {
	struct operator_store *store;
	const char *hostapd; /* its control socket */
	const char *leases;  /* dnsmasq's file of them */
	const char *socket;  /* where it answers who is attached (attached.h) */
	const struct gate_rules *rules;
	struct cancel *cancel;	 /* from cancel_open() */
	int64_t (*now)(void);	 /* seconds since 1970 */
	int64_t (*now_ms)(void); /* of a clock that nobody sets */
	void (*ready)(void);	 /* gateway_run(): the gate is there, closed, the socket open */
	/* A line for people of what goes on; of strangers' texts none is in it as it came. */
	void (*tell)(const char *line);
};
/* What could not be had, for people. */
enum gateway_part { GATEWAY_GATE, GATEWAY_SOCKET, GATEWAY_WORK };
/*
 * Until there is a wish to stop; the gate is closed then. Errors of the start: *part says of what.
 * A hostapd that is not there (any more) is waited for, and nobody is let through meanwhile.
 */
enum err gateway_run(const struct gateway_setup *setup, enum gateway_part *part) MUST_CHECK;

/* The same in pieces. setup is borrowed until the end, which closes the gate. */
struct gateway;
enum err gateway_start(const struct gateway_setup *setup, enum gateway_part *part,
		       struct gateway **out) MUST_CHECK;
/* Waits so long for something to do, and does what there is. */
enum err gateway_turn(struct gateway *g, int wait_ms) MUST_CHECK;
void gateway_end(struct gateway **g);

#endif
