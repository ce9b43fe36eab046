/*
 * bsp: protection of bound profile packages, SCP03t (SGP.22 2.6.4, annex G; TCA profile package).
 *
 * S-ENC, S-MAC and the initial chaining value come from ECDH by X9.63 KDF with SHA-256. Each
 * segment is encrypted by AES-CBC (padding 80 00..; ICV: the segment counter encrypted) unless it
 * is MAC only, and ends in 8 octets of the AES-CMAC over chaining value, tag, length and data. The
 * counter counts every segment. Keys live in the secure heap and are wiped.
 */
#ifndef TWINKEY_RSP_BSP_H
#define TWINKEY_RSP_BSP_H

#include "lib/base/bytes.h"

#define BSP_KEY_LEN   16
#define BSP_MAC_LEN   8
#define BSP_CHAIN_LEN 16

struct bsp;

/* SharedInfo of the key derivation (SGP.22 annex G). */
struct bsp_shared_info {
	uint8_t key_type, key_len; /* of the ControlRefTemplate */
	struct slice host_id;	   /* 1 to 16 octets */
	struct slice eid;	   /* 16 octets */
};
/* Session keys from the X coordinate of ECDH. ERR_LENGTH: a length that is not as above. */
enum err bsp_derive(struct slice shared_secret, const struct bsp_shared_info *info,
		    struct bsp **out) MUST_CHECK;
/* From keys as they stand (ReplaceSessionKeys starts a package's own keys): 16 octets each. */
enum err bsp_from_keys(struct slice enc, struct slice mac, struct slice chain,
		       struct bsp **out) MUST_CHECK;
/* Replaces keys and chaining value; the counter starts again at 1 (SGP.22 2.5.4). */
enum err bsp_replace_keys(struct bsp *b, struct slice enc, struct slice mac,
			  struct slice chain) MUST_CHECK;
void bsp_free(struct bsp **b);

/* Appends one protected segment (tag, length, data, MAC) of plain to out. */
enum err bsp_protect(struct bsp *b, uint8_t tag, struct slice plain, struct wbuf *out) MUST_CHECK;
enum err bsp_protect_mac_only(struct bsp *b, uint8_t tag, struct slice plain,
			      struct wbuf *out) MUST_CHECK;
/* How a part of the package is cut into segments. */
struct bsp_cut {
	uint8_t tag;
	bool encrypt; /* or MAC only */
	size_t max;   /* octets of a whole segment */
};
/* The same for any length: as many segments as it takes. ERR_LENGTH: max has no room for data. */
enum err bsp_protect_all(struct bsp *b, const struct bsp_cut *cut, struct slice plain,
			 struct wbuf *out) MUST_CHECK;
/*
 * Opens one protected segment and appends what was in it to out. ERR_TAG, ERR_LENGTH: its form is
 * wrong; ERR_MAC: MAC or padding is wrong. After any failure the channel answers ERR_PROTOCOL.
 */
enum err bsp_open(struct bsp *b, uint8_t tag, struct slice segment, struct wbuf *out) MUST_CHECK;
enum err bsp_open_mac_only(struct bsp *b, uint8_t tag, struct slice segment,
			   struct wbuf *out) MUST_CHECK;

#endif
