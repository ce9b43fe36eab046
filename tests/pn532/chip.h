/*
 * chip: a simulated PN532 (or PN533) as an initiator, and the card in its field. Frames in, frames
 * out; it has no input or output of its own, so that a pseudo-terminal (tests/pn532/pty.c) or a
 * USB device's bulk endpoints can carry it.
 *
 * The octets of the host go to chip_take(), in pieces of any size. What the chip says goes to
 * send(), one call for each frame: first the ACK 00 00 FF 00 FF 00, then the reply (on USB: a bulk
 * transfer each). What stands between frames (the wake-up 55 55 00 ...) is passed over. An ACK of
 * the host ends the command.
 *
 * Commands: as libnfc 1.8 uses them (PN532 user manual UM0701-02, section 7): Diagnose,
 * GetFirmwareVersion, GetGeneralStatus, ReadRegister, WriteRegister, SetParameters,
 * SAMConfiguration, PowerDown, RFConfiguration, InListPassiveTarget (type A, 106 kbit/s),
 * InDataExchange with MI both ways, InCommunicateThru (the presence check), InDeselect, InRelease,
 * InSelect, InPSL. A PN533 puts a status octet before what registers say. Others get the error
 * frame 00 00 FF 01 FF 7F 81 00.
 */
#ifndef TWINKEY_TESTS_PN532_CHIP_H
#define TWINKEY_TESTS_PN532_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHIP_DATA_MAX 1024
#define CHIP_CARD_MAX 512
#define CHIP_UID_MAX  10

enum chip_kind { CHIP_PN532, CHIP_PN533 };

/* What goes wrong, at the next InDataExchange, once. */
enum chip_fault {
	CHIP_GOOD,
	CHIP_NO_ACK,	/* the command is not heard */
	CHIP_NACK,	/* 00 00 FF FF 00 00 in the place of the ACK */
	CHIP_CHECKSUM,	/* DCS is wrong */
	CHIP_LENGTH,	/* LCS is wrong */
	CHIP_STATUS,	/* the status octet is argument, without data */
	CHIP_OVERLONG,	/* a frame of 300 octets */
	CHIP_265,	/* an answer of 265 octets */
	CHIP_TRUNCATED, /* half of the reply, and no more */
	CHIP_MUTE,	/* ACK, and no reply */
	CHIP_SLOW,	/* the reply comes argument milliseconds late: the front waits */
	CHIP_GARBAGE,	/* octets before the preamble */
	CHIP_ERROR,	/* the error frame */
	CHIP_EMPTY,	/* a status octet 00 alone: no answer of the card */
	CHIP_REMOVED,	/* the card is taken away meanwhile; it stays away */
	CHIP_FIELD_LOST /* the field breaks down: the card loses its power, and is there again */
};

struct chip_card {	/* in the field */
	unsigned count; /* 0: none; 2: a second one beside it */
	uint8_t sens_res[2], sel_res;
	uint8_t uid[CHIP_UID_MAX], uid_len;
	uint8_t ats[256]; /* with its length TL, as on the air */
	size_t ats_len;	  /* 0: none is sent */
};

struct chip_ops {
	/* One frame for the host. */
	void (*send)(void *ctx, const uint8_t *octets, size_t len);
	/* The card answers; 0: it does not. Answers of up to CHIP_CARD_MAX octets. */
	size_t (*answer)(void *ctx, const uint8_t *command, size_t len, uint8_t *out);
	/* The card has been without power. */
	void (*reset)(void *ctx);
	void (*pause)(void *ctx, unsigned ms);
	void *ctx;
};

struct chip {
	struct chip_ops ops;
	enum chip_kind kind;
	struct chip_card card;
	enum chip_fault fault;
	unsigned argument;
	unsigned long exchanges; /* InDataExchange that the card has answered */
	/* its own */
	uint8_t in[CHIP_DATA_MAX + 16];
	size_t in_len;
	bool selected, powered;
	unsigned listed; /* cards that were found, and put to sleep, since the field is on */
	uint8_t chained[CHIP_CARD_MAX], left[CHIP_CARD_MAX];
	size_t chained_len, left_len, left_at;
};

/* A PN532 with a card of type A: UID 04 and six more octets, an ATS without historical octets. */
void chip_init(struct chip *c, enum chip_kind kind, const struct chip_ops *ops);
void chip_take(struct chip *c, const uint8_t *octets, size_t len);
/* The fault by its name: "no-ack", "nack", "checksum", "length", "status", "overlong", "265",
 * "truncated", "mute", "slow", "garbage", "error", "empty", "removed", "field-lost"; false: none.
 */
bool chip_fault_named(const char *name, enum chip_fault *out);

#endif
