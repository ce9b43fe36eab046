/*
 * euicc: a whole eUICC for fuzzing and fault injection: a test PKI of its own, an enabled profile
 * with a sealed second subscription, the operator's release key.
 */
#ifndef TWINKEY_TESTS_EUICC_H
#define TWINKEY_TESTS_EUICC_H

#include "card-emu/card.h"
#include "tool/pki/pki.h"
#include "lib/auth/aka.h"
#include "lib/crypto/cert.h"
#include "lib/release/kra.h"
#include "lib/rsp/bsp.h"

#define EUICC_SQN      1024 /* of the vectors */
#define EUICC_PIN      "1234"
#define EUICC_DOWNLOAD "89000123456789012341" /* ICCID of euicc_put_package() */
#define EUICC_PROFILE  1u

struct euicc {
	struct card *card;
	uint8_t eid[16], iccid[10];
	struct wbuf certs[PKI_PARTS];
	struct ec_key *keys[PKI_PARTS], *release;
	struct cert dp_auth, dp_pb; /* what PrepareDownload would have left */
	struct secret *s;	    /* the sealing key */
	struct aka_vector first, second;
};

/* The card is powered. dir: its folder, or NULL for a card in memory. */
void euicc_open(struct euicc *u, const char *dir);
void euicc_open_as(struct euicc *u, const char *dir, enum card_protocol protocol);
void euicc_close(struct euicc *u);

/* One command; the status word, and the data in out if it is not NULL. Fetches what waits. */
uint16_t euicc_send(struct euicc *u, uint8_t cla, uint8_t ins, uint16_t p1p2, struct slice data,
		    struct wbuf *out);
uint16_t euicc_select(struct euicc *u, struct slice aid);
/* A chain of STORE DATA with blocks of so many octets (1 to 255). */
uint16_t euicc_store_data(struct euicc *u, struct slice request, uint8_t block, struct wbuf *out);
/* AUTHENTICATE in the 3G context on the USIM that is selected. */
uint16_t euicc_authenticate(struct euicc *u, const struct aka_vector *v, struct wbuf *out);

/*
 * A download as far as PrepareDownload, put in place by hand: the ISD-R is selected and waits for
 * BF36. euicc_put_channel() makes BF23, which comes first in it; the peer's end of the channel.
 */
void euicc_prepare_download(struct euicc *u);
struct bsp *euicc_put_channel(struct euicc *u, struct wbuf *w);
/* BF25, and the profile elements, of one small profile. */
void euicc_put_metadata(struct wbuf *w);
void euicc_put_package(struct wbuf *w);

#endif
