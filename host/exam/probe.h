/*
 * probe: what cases are written with. For the engine and the files in cases/ alone.
 *
 * A case sends commands and says where the answer is none that the standard has. The first trouble
 * with the card itself is sticky: from then on nothing is sent, answers are empty (sw 0), and
 * nothing is held against the card but that.
 */
#ifndef TWINKEY_HOST_EXAM_PROBE_H
#define TWINKEY_HOST_EXAM_PROBE_H

#include "host/exam/plan.h"
#include "host/exam/watch.h"
#include "host/terminal/uicc.h"
#include "lib/uicc/command.h"
#include "lib/uicc/fid.h"

struct exam {
	struct uicc *u;
	const struct exam_plan *plan;
	struct exam_subject *card;
	struct watch *watch;
	struct exam_result *now;
	struct exam_budget *spent;
	enum err trouble;	  /* of the conversation, since the case began */
	bool unlocked;		  /* PIN1 is verified since the last reset */
	bool dirty;		  /* channels may be open, a selection odd: a reset is due */
	char no_pin[EXAM_DETAIL]; /* why PIN1 is not verified */
	uint8_t usim_aid[16];
	size_t usim_aid_len;
	int pin_tries; /* left at the start; -1: not known */
};

struct exam_answer {
	uint16_t sw; /* 0: there is none */
	size_t len;
	uint8_t octets[APDU_RESPONSE_MAX];
};
struct slice exam_data(const struct exam_answer *a);

/* A whole command, its answer collected (uicc_send); raw octets as they stand, nothing collected.
 */
uint16_t exam_send(struct exam *x, const struct apdu *command, struct exam_answer *out);
uint16_t exam_tpdu(struct exam *x, struct slice command, struct exam_answer *out);
#define TPDU(x, out, ...) exam_tpdu(x, SLICE_OF(((const uint8_t[]){__VA_ARGS__})), out)
/* What a command of p1, p2 and le is, on the basic channel. */
struct apdu exam_command(enum command_id id, uint8_t p1, uint8_t p2, unsigned le);

/* The case's verdicts; the first departure counts, and its evidence are the last commands. */
void exam_depart(struct exam *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void exam_remark(struct exam *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void exam_skip(struct exam *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* good; where it is not, a departure. */
bool exam_check(struct exam *x, bool good, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The answer's status word is one of wants (ended by 0; families by sw_is()); what was sent. */
bool exam_sw(struct exam *x, uint16_t got, const char *what, const uint16_t *wants);
#define SW(...) ((const uint16_t[]){__VA_ARGS__, 0})
/* Nothing has gone wrong with the conversation so far. */
bool exam_goes_on(const struct exam *x);
/* Takes note of what a function of host/terminal gave: true for ERR_OK. ERR_CARD and ERR_PROTOCOL
 * are the caller's to judge, and no trouble. */
bool exam_took(struct exam *x, enum err e);

/* A reset; cold: by way of the power. */
bool exam_reset(struct exam *x, bool cold);
/* SELECT by file identifier, FCP wanted. */
uint16_t exam_select(struct exam *x, uint16_t fid, struct exam_answer *out);
/* The MF, the USIM's ADF is current; a departure where they are not to be selected. */
bool exam_at_mf(struct exam *x);
bool exam_at_usim(struct exam *x);
/* An EF under the MF or under the USIM; false: it is not there. */
bool exam_under_mf(struct exam *x, uint16_t fid, struct exam_answer *fcp);
bool exam_under_usim(struct exam *x, uint16_t fid, struct exam_answer *fcp);
uint16_t exam_read_binary(struct exam *x, unsigned offset, unsigned le, struct exam_answer *out);
uint16_t exam_read_record(struct exam *x, unsigned number, unsigned mode, unsigned le,
			  struct exam_answer *out);
/* A whole transparent EF of the USIM (at most 256 octets of it); false: not there or not readable.
 */
bool exam_usim_file(struct exam *x, uint16_t fid, struct exam_answer *out);

/* MANAGE CHANNEL; the number, 0 where the card gives none. */
unsigned exam_open_channel(struct exam *x, struct exam_answer *out);
void exam_close_channel(struct exam *x, unsigned channel);
bool exam_has(const struct exam *x, unsigned need);

#endif
