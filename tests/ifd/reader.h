/*
 * reader: one reader of the handler: the card behind it, the folder that rules it, its log.
 *
 * The card is a client of vpcd's protocol (twinkey-card run --port PORT): a length of two octets,
 * high one first, before each frame; a frame of one octet is a control.
 *
 * FOLDER/control has words, read anew at each call; FOLDER/log takes a line for each thing that
 * happened; FOLDER/typed has what a person types at the keys (digits, "cancel"; no file: nothing).
 *
 *   card=out            no card is in the reader
 *   power=mute          a card is in it, and gives no ATR
 *   atr=bad             the last octet of the ATR (TCK) is wrong
 *   protocol=t0         T=1 is refused
 *   transmit=lost       at the next command the reader goes for good (until the word does)
 *   transmit=pulled     at the next command the card does
 *   transmit=broken     commands end in an error of the line
 *   transmit=long       answers are longer than the caller has room for
 *   transmit=full       answers have as many octets as the caller has room for
 *   apdu=N              octets of command data that it takes, and announces; without: short APDUs
 *   real=N              octets of command data that it takes in truth
 *   keys=direct|steps   a PIN can be typed at it, by one call or by several
 *   keys=dead           it announces keys that do not work
 *   wait=N              FOLDER/typed is waited for, N seconds at most
 *   features=none|cut|odd, properties=cut|odd|lie   what it says of itself is not as it should be
 */
#ifndef TWINKEY_TESTS_IFD_READER_H
#define TWINKEY_TESTS_IFD_READER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ifdhandler.h>

#define IFD_FOLDER_MAX 256
#define IFD_FRAME_MAX  65535
#define IFD_VERIFY_MAX 64

struct ifd {
	bool is_open;
	DWORD lun;
	char folder[IFD_FOLDER_MAX];
	int listener, card; /* -1: none */
	uint8_t atr[MAX_ATR_SIZE];
	DWORD atr_len;
	bool gone; /* by transmit=lost or transmit=pulled */
	pthread_mutex_t lock;
	/* keys=steps: the command as it was completed, and what is still to be shown of the keys */
	uint8_t verify[IFD_VERIFY_MAX];
	size_t verify_len, digits_left;
	uint16_t outcome; /* 0: the card shall say it */
};

/* name: FOLDER:PORT, the port in hexadecimal. */
bool ifd_open(struct ifd *r, const char *name);
void ifd_close(struct ifd *r);
/* The word stands in FOLDER/control, as "power=mute". */
bool ifd_is(const struct ifd *r, const char *word);
/* The number behind a word as "apdu="; 0: there is none. */
unsigned long ifd_number(const struct ifd *r, const char *name);
__attribute__((format(printf, 2, 3))) void ifd_log(const struct ifd *r, const char *format, ...);
/* What FOLDER/typed has, without the end of its line; its length. */
size_t ifd_typed(const struct ifd *r, char *text, size_t cap);
bool ifd_has_card(struct ifd *r);
/* False: the card is away. */
bool ifd_power_off(struct ifd *r);
bool ifd_power_on(struct ifd *r, bool cold);
/* One command; *got_len: room before, octets after. The longer part of an answer is dropped. */
bool ifd_exchange(struct ifd *r, const uint8_t *sent, size_t len, uint8_t *got, DWORD *got_len);

#endif
