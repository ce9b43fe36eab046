/*
 * nfc: run --nfc.
 */
#ifndef TWINKEY_CARD_CMD_NFC_H
#define TWINKEY_CARD_CMD_NFC_H

struct card_options;

/*
 * Serves the card as a contactless one until there is a wish to stop, and says what happens; an
 * exit code. name: a connection string of libnfc.
 */
int cmd_nfc_run(const char *name, const struct card_options *o);

#endif
