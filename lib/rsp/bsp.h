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
#include "lib/base/secret.h"

#define BSP_KEY_LEN   16
#define BSP_MAC_LEN   8
#define BSP_CHAIN_LEN 16

struct bsp;

/* Session keys from the X coordinate of ECDH. ERR_LENGTH: a host id of 0 or over 16 octets. */
enum err bsp_derive(struct slice shared_secret, uint8_t key_type, uint8_t key_len,
		    struct slice host_id, struct slice eid, struct bsp **out) MUST_CHECK;
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
/* The same for any length: as many segments as it takes, each at most max octets whole. */
enum err bsp_protect_all(struct bsp *b, uint8_t tag, bool encrypt, size_t max, struct slice plain,
			 struct wbuf *out) MUST_CHECK;
/*
 * Opens one protected segment and appends what was in it to out. ERR_TAG, ERR_LENGTH: its form is
 * wrong; ERR_MAC: MAC or padding is wrong. After any failure the channel answers ERR_PROTOCOL.
 */
enum err bsp_open(struct bsp *b, uint8_t tag, struct slice segment, struct wbuf *out) MUST_CHECK;
enum err bsp_open_mac_only(struct bsp *b, uint8_t tag, struct slice segment,
			   struct wbuf *out) MUST_CHECK;

#endif
