/*
 * leases: which address the DHCP server of the access network gave to which station: dnsmasq's file
 * of leases. Its other columns come from modules, and are passed over.
 */
#ifndef TWINKEY_OPERATOR_LEASES_H
#define TWINKEY_OPERATOR_LEASES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "lib/base/bytes.h"

#define LEASES_MAX 2048 /* as many as hostapd has stations */

struct lease {
	uint8_t mac[6];
	uint32_t address; /* host order */
	int64_t until;	  /* seconds since 1970; 0: for ever */
	bool shared;	  /* another station has it as well */
};
struct leases {
	struct lease *all;
	size_t count;
	/* the file that was read */
	struct timespec changed;
	off_t size;
	ino_t file;
};

/* The lines of text that are leases of IPv4, LEASES_MAX at most; others are passed over. An address
 * that two stations have is nobody's. */
enum err leases_parse(struct slice text, struct leases *out) MUST_CHECK;
/* Reads the file, should it have changed: *news. One that is not there (yet) has none. */
enum err leases_read(const char *path, struct leases *l, bool *news) MUST_CHECK;
/* The station's address now, 0: it has none. */
uint32_t leases_address(const struct leases *l, const uint8_t mac[static 6], int64_t now);
void leases_free(struct leases *l);

#endif
