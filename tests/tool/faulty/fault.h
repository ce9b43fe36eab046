/*
 * fault: what a card with one seeded fault is made of: a table of rows, and what their functions
 * may do.
 *
 * A row changes the answer to reset, or what passes at the contacts (a command TPDU and its
 * answer), or one whole answer, data and status word, which is then cut into 61xx and GET RESPONSE,
 * or 6Cxx, as T=0 demands.
 */
#ifndef TWINKEY_TESTS_FAULT_H
#define TWINKEY_TESTS_FAULT_H

#include "card-emu/card.h"
#include "lib/uicc/apdu.h"
#include "lib/uicc/command.h"

#define FAULT_CHANNELS	 20
#define FAULT_ANSWER_MAX 65536
#define FAULT_MEMORY_MAX 512

/* Where a channel is, by the commands that the card took. */
struct fault_place {
	uint16_t fid; /* the last file that was selected; FID_CURRENT_ADF: an application */
	uint8_t sfi;  /* not 0: the last file was named by it, and fid is none */
	bool in_adf;
	uint8_t aid[16]; /* of the last application, as it was given */
	size_t aid_len;
};

struct faulty {
	struct card *card;
	const struct fault *fault;
	struct fault_place at[FAULT_CHANNELS];
	struct wbuf waiting; /* for GET RESPONSE: what the fault has made of an answer */
	uint16_t waiting_sw;
	unsigned waiting_channel;
	unsigned resets, count; /* how often; count is the row's own */
	struct wbuf memory;	/* the row's own; lives as long as the card */
	struct wbuf whole;	/* room for one answer */
	bool silent;		/* no answer comes, until the next reset */
	bool gone;		/* the card leaves the reader */
};

/* One command and its whole answer. */
struct fault_turn {
	struct faulty *f;
	struct apdu command;
	struct fault_place *at; /* before the command */
	struct wbuf *data;
	uint16_t sw;
	bool announced; /* by 61xx, not at once */
};

struct fault {
	const char *name, *what, *clause;
	const char *finds; /* the case of test-card that names it */
	/* sim, pin (before its PIN is verified), euicc, kra: what must be in the reader to show it
	 */
	const char *card;
	void (*reset)(struct faulty *f, struct wbuf *atr);
	/* A whole command of the terminal; faulty_pass() is what the card does. */
	void (*tpdu)(struct faulty *f, struct slice command, struct wbuf *out);
	/* The answer as a whole; only of commands that it concerns. */
	bool (*concerns)(const struct faulty *f, const struct apdu *command);
	void (*answer)(struct fault_turn *t);
};

struct fault_table {
	const struct fault *rows;
	size_t count;
};
#define FAULT_TABLE(name, rows) const struct fault_table name = {(rows), ARRAY_LEN(rows)}
extern const struct fault_table faults_of_atr, faults_of_t0, faults_of_fcp, faults_of_files,
	faults_of_channels, faults_of_pin, faults_of_aka, faults_of_class, faults_of_euicc,
	faults_of_kra, faults_of_time;

/* The card as it is, without the fault: one TPDU. */
void faulty_pass(struct faulty *f, struct slice command, struct wbuf *out);
/* The card in the reader: reset, and a TPDU. */
void faulty_reset(struct faulty *f, struct wbuf *atr);
void faulty_transmit(struct faulty *f, struct slice command, struct wbuf *out);

/* The last two octets of what was said so far; 0: fewer were. */
uint16_t fault_sw(const struct wbuf *out);
/* Puts another status word in their place. */
void fault_set_sw(struct wbuf *out, uint16_t sw);
/* For answers: the octet at an offset from the front, or from the end (-1: the last). */
void fault_flip(struct wbuf *data, long at);
void fault_replace(struct wbuf *data, size_t at, size_t len, struct slice with);
/*
 * The value of the object at the end of a path of tags, ended by 0, is replaced (with.ptr not NULL)
 * or the object is taken out; the lengths around it follow. False: there is none.
 */
bool fault_edit_tlv(struct wbuf *data, const uint32_t *path, const struct slice *with);
bool fault_find_tlv(const struct wbuf *data, const uint32_t *path, struct slice *value);

/* The place of the command's channel. */
const struct fault_place *fault_place_of(const struct faulty *f, const struct apdu *command);
/* The command reads or writes this file of the MF or of an ADF, by its SFI or as the selected one.
 */
struct fault_file {
	uint16_t fid;
	uint8_t sfi;
	bool in_adf;
};
bool fault_is_about(const struct faulty *f, const struct apdu *a, const struct fault_file *file);
bool fault_in_app(const struct fault_place *at, struct slice aid);

#endif
