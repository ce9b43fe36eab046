/*
 * connection: one card in one reader, open. Its calls block: see tool/sys/aside.h.
 */
#ifndef TWINKEY_HOST_TRANSPORT_PCSC_CONNECTION_H
#define TWINKEY_HOST_TRANSPORT_PCSC_CONNECTION_H

#include "host/transport/pcsc/part10.h"
#include "tool/pcsc/service.h"
#include "tool/pcsc/reader.h"
#include "lib/uicc/apdu.h"

struct connection {
	SCARDCONTEXT context; /* borrowed */
	SCARDHANDLE card;
	bool is_open;
	bool shared; /* other programs may have the card too; it is left as it is */
	char reader[READER_NAME_MAX];
	DWORD protocol;
	uint8_t atr[READER_ATR_MAX];
	DWORD atr_len;
	struct part10_features features;
	struct transport_properties properties;
	/* of one command */
	uint8_t sent[APDU_EXTENDED_COMMAND_MAX], got[APDU_EXTENDED_RESPONSE_MAX];
	DWORD sent_len, got_max, got_len;
};

/* Powers the card on where it is off, asks the reader what it can. Errors: service_error(). */
enum err connection_open(struct connection *c) MUST_CHECK;
/* The reader alone, for its properties, whether it holds a card or not. */
enum err connection_open_reader(struct connection *c) MUST_CHECK;
/* The ATR and the protocol as they are: nothing happens to the card. */
enum err connection_look(struct connection *c) MUST_CHECK;
/* Warm; cold: the power is off in between. The same then. */
enum err connection_reset(struct connection *c, bool cold) MUST_CHECK;
/* sent to got, and wipes sent. Errors: service_error_within(), ERR_CARD_LOST, ERR_READER_LOST. */
enum err connection_transmit(struct connection *c) MUST_CHECK;
/* The same by a control code of the reader. */
enum err connection_control(struct connection *c, uint32_t code) MUST_CHECK;
enum err connection_begin(struct connection *c) MUST_CHECK;
enum err connection_end(struct connection *c) MUST_CHECK;
/* Resets the card, so that nobody inherits a verified PIN; a shared one is left as it is. */
void connection_close(struct connection *c);

#endif
