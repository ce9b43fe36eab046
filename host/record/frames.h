/*
 * frames: what passes between vpcd's reader and a card program (lib/uicc/vpcd.h), made into resets
 * and exchanges.
 */
#ifndef TWINKEY_HOST_RECORD_FRAMES_H
#define TWINKEY_HOST_RECORD_FRAMES_H

#include "lib/base/bytes.h"

struct frames;

/* Who is told. The reader asks for an ATR also where it has not reset the card: that is none. */
struct frames_sink {
	void (*reset)(void *ctx, struct slice atr);
	void (*power_off)(void *ctx);
	/* An empty response: an empty frame, or the card went. */
	void (*exchange)(void *ctx, struct slice command, struct slice response);
	void *ctx;
};

/* Copies the sink. ERR_MEMORY. */
enum err frames_open(const struct frames_sink *sink, struct frames **out) MUST_CHECK;
/*
 * More of what the reader says, or the card. ERR_PROTOCOL: a frame without octets of the reader, an
 * answer to nothing of the card, or 64 KiB of commands that wait for answers.
 */
enum err frames_from_reader(struct frames *f, struct slice octets) MUST_CHECK;
enum err frames_from_card(struct frames *f, struct slice octets) MUST_CHECK;
/* The connections have ended: a command that waits for its answer has none, the card no power. */
void frames_close(struct frames **f);

#endif
