/*
 * keys: PC/SC part 10 as a reader has it: its features, its properties, a PIN typed at its keys.
 */
#ifndef TWINKEY_TESTS_IFD_KEYS_H
#define TWINKEY_TESTS_IFD_KEYS_H

#include "tests/ifd/reader.h"

/* A control of the reader and the room for its answer. */
struct ifd_control {
	DWORD code;
	const uint8_t *sent;
	size_t sent_len;
	uint8_t *got;
	size_t got_cap, got_len;
};

RESPONSECODE ifd_control(struct ifd *r, struct ifd_control *c);

#endif
