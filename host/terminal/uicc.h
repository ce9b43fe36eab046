/*
 * uicc: a terminal's conversation with a card over a transport: T=0 and whole APDUs (61xx, 6Cxx,
 * 9Fxx), logical channels, SELECT, READ, proactive commands (91xx: FETCH and TERMINAL RESPONSE).
 */
#ifndef TWINKEY_HOST_UICC_H
#define TWINKEY_HOST_UICC_H

#include "host/transport/transport.h"
#include "lib/uicc/apdu.h"

/* Octets of one answer: a list of 128 profiles with their icons, of thousands of notifications. */
#define UICC_RESPONSE_MAX (256 * 1024)

struct uicc; /* one card; owns its transport */

/* Resets the card. Owns t on success only. */
enum err uicc_open(struct transport *t, struct uicc **out) MUST_CHECK;
void uicc_close(struct uicc **u);
/* The transport's token, for what waits or loops over the card; may be NULL. */
struct cancel *uicc_cancel(const struct uicc *u);
struct slice uicc_atr(const struct uicc *u);
/* The transport's name, for people. */
const char *uicc_reader(const struct uicc *u);
/* Its transport, for who asks what it can do; the session keeps it. */
struct transport *uicc_transport(const struct uicc *u);
struct transport_observer;
/* From now on the observer is told of each exchange. */
enum err uicc_observe(struct uicc *u, const struct transport_observer *observer) MUST_CHECK;
/* VERIFY by the reader's keys; *sw is the card's. ERR_KEYS_...: the person at them. */
enum err uicc_verify_at_keys(struct uicc *u, const struct transport_pin *pin,
			     uint16_t *sw) MUST_CHECK;
/* Between the two no other program comes to the card, where one could. They nest. */
enum err uicc_begin(struct uicc *u) MUST_CHECK;
void uicc_end(struct uicc *u);
/*
 * In the middle of that, between these two others may come: while a person or a server is waited
 * for, and what is on the card stays (what is selected on a logical channel does, on the basic one
 * not). ERR_CARD_RESET: somebody reset it.
 */
void uicc_rest(struct uicc *u);
enum err uicc_resume(struct uicc *u) MUST_CHECK;
/* All that is volatile is gone: channels, selections, verified PINs. */
enum err uicc_reset(struct uicc *u) MUST_CHECK;
/* The same by way of the power, where the transport can cut it. */
enum err uicc_power_cycle(struct uicc *u) MUST_CHECK;

/*
 * Sends one command and collects the whole answer: GET RESPONSE and a corrected Le are handled.
 * command->le: 0 no data expected, 1..256, and where the transport is extended 1..65536; data of up
 * to 255 or 65535 octets (ERR_LENGTH). command->extended: in long form, where the transport has
 * it. Response data (without status word) is appended, also to
 * none (NULL); *sw is the last status word. ERR_OK whatever the status word says: the caller looks
 * at it. ERR_PROTOCOL: the card asks for ever (6Cxx, 61xx without data).
 */
enum err uicc_send(struct uicc *u, const struct apdu *command, struct wbuf *response,
		   uint16_t *sw) MUST_CHECK;
/* As it stands, no handling at all (twinkey apdu). */
enum err uicc_raw(struct uicc *u, struct slice command, struct wbuf *response) MUST_CHECK;

/* e, or ERR_CARD (and sw is remembered) when there is no error but sw is not good. */
enum err uicc_check(struct uicc *u, enum err e, uint16_t sw) MUST_CHECK;

/* SELECT by AID (whole or its beginning) on a channel; ERR_CARD when refused. response may be NULL.
 */
enum err uicc_select_aid(struct uicc *u, unsigned channel, struct slice aid, struct wbuf *response,
			 uint16_t *sw) MUST_CHECK;
/*
 * Opens a logical channel, SELECTs an AID on it; the FCI/FCP goes to response (may be NULL). On a
 * card that gives or serves no channel the basic one is taken (*channel 0), where what was selected
 * before is left. ERR_CARD when the AID is refused; no channel stays open then.
 */
enum err uicc_channel_open(struct uicc *u, struct slice aid, unsigned *channel,
			   struct wbuf *response, uint16_t *sw) MUST_CHECK;
/* A channel on which nothing is selected yet. ERR_CARD: the card gives none. */
enum err uicc_channel_take(struct uicc *u, unsigned *channel) MUST_CHECK;
enum err uicc_channel_close(struct uicc *u, unsigned channel) MUST_CHECK;
/* The last step of uicc_channel_open(), for people: "SELECT on channel 1". */
const char *uicc_last_step(const struct uicc *u);

/*
 * STORE DATA in blocks of at most 255 octets on a channel; the whole answer is appended to
 * response. ERR_OK whatever the status word says; a bad one ends the chain.
 */
enum err uicc_store_data(struct uicc *u, unsigned channel, struct slice request,
			 struct wbuf *response, uint16_t *sw) MUST_CHECK;
/*
 * If sw is 91xx: FETCHes the proactive command and answers it, as long as there is one. A REFRESH
 * that concerns more than files resets the card; *refreshed tells.
 */
enum err uicc_proactive(struct uicc *u, uint16_t sw, bool *refreshed) MUST_CHECK;
/*
 * What came of the reset at the last uicc_proactive(). Where a channel from before still answers,
 * the card has seen none (TS 102 221 8.7): not every reader that says that it resets a card does.
 */
enum uicc_refresh { UICC_NOT_RESET, UICC_RESET, UICC_RESET_MISSED };
enum uicc_refresh uicc_refresh(const struct uicc *u);

/* The status word of the last failed call that returned ERR_CARD, if there was one. */
uint16_t uicc_last_sw(const struct uicc *u);
bool uicc_has_sw(const struct uicc *u);

#endif
