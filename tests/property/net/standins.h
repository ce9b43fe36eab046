/*
 * standins: in the place of hostapd's socket (host/operator/gateway/hostapd_link.h), of the
 * kernel's rules (gate.h) and its connections (flows.h), for a gateway in this process: air.h
 * answers, and what the kernel would let through is a value. Who links this file has no others.
 */
#ifndef TWINKEY_TESTS_PROPERTY_STANDINS_H
#define TWINKEY_TESTS_PROPERTY_STANDINS_H

#include "host/operator/gateway/gate.h"

#define KERNEL_MEMBERS 16

extern struct kernel {
	struct gate_member members[KERNEL_MEMBERS];
	size_t count;
	int64_t set_ms, now_ms; /* entries run out GATE_TIMEOUT_S after they were set */
	bool broken;		/* it takes no rules */
	bool killed;		/* who sets them is dead: nothing comes of what he still does */
	uint64_t sets, drops;
} kernel;

/* What it lets through of this station now, and by which address (0: none). */
enum access kernel_access(const uint8_t mac[static 6], uint32_t *address);

#endif
