/*
 * gate: the rules of the kernel that a module's packets pass or not: a table of its own in nftables
 * (docs/adr/0054). Everything from and to the interface is dropped but what its sets let through;
 * what stands in the sets runs out after GATE_TIMEOUT_S, so that a gateway that is gone leaves
 * nothing open. IPv6 is dropped.
 */
#ifndef TWINKEY_OPERATOR_GATE_H
#define TWINKEY_OPERATOR_GATE_H

#include <stdint.h>

#include "host/operator/gateway/access.h"
#include "lib/base/bytes.h"

#define GATE_TABLE	   "twinkey"
#define GATE_TIMEOUT_S	   3
#define GATE_REACH_MAX	   32
#define GATE_INTERFACE_CAP 16 /* of Linux, with the NUL */

/* What limited access reaches beside DHCP and DNS. */
struct gate_reach {
	bool udp;	  /* else TCP */
	uint32_t address; /* host order */
	uint16_t port;
};
struct gate_rules {
	char interface[GATE_INTERFACE_CAP];
	struct gate_reach reach[GATE_REACH_MAX];
	size_t count;
};
/* ERR_VALUE: no name of an interface. */
enum err gate_interface(const char *name, struct gate_rules *out) MUST_CHECK;
/* "tcp:10.45.0.1:8443" or "udp:..."; ERR_VALUE: it is no such text; ERR_FULL. */
enum err gate_add_reach(const char *text, struct gate_rules *out) MUST_CHECK;

/* Who is let through, and how far. */
struct gate_member {
	uint8_t mac[6];
	uint32_t address; /* host order; 0: it has none yet, and may ask for one */
	enum access access;
};
/* The whole table for `nft -f`, with nobody in it: everything is closed. Failure is sticky. */
void gate_table_text(const struct gate_rules *rules, struct wbuf *out);
/* The sets anew, as one transaction of nft. */
void gate_sets_text(const struct gate_member *members, size_t n, struct wbuf *out);

struct gate;
/*
 * Puts the table in the place of one that is there, closed. ERR_PERMISSION: the kernel does not let
 * us; ERR_IO: it refused; gate_trouble() has its words. Nothing was changed then.
 */
enum err gate_open(const struct gate_rules *rules, struct gate **out) MUST_CHECK;
/* Nobody else is let through; for GATE_TIMEOUT_S from now. The table is made again where somebody
 * has removed it. Errors as gate_open(); those who were let through run out. */
enum err gate_set(struct gate *g, const struct gate_member *members, size_t n) MUST_CHECK;
/* The kernel's last words, in one line; "" where it said nothing. Of the whole process. */
const char *gate_trouble(void);
/* Closes the gate: the table stays, with nobody in it. */
void gate_close(struct gate **g);

#endif
