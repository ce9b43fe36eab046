/*
 * record: a subscriber as programs of others have it, and as it comes from or goes to one of their
 * files (docs/moving-in.md). A reader and a writer a format turn files into lists of these and
 * back; convert.h turns these into what the store keeps.
 *
 * Keys are in the clear here: a list lives in memory of its own, which is wiped when it moves and
 * when it is freed. Notes never hold a value of a file.
 */
#ifndef TWINKEY_OPERATOR_EXCHANGE_RECORD_H
#define TWINKEY_OPERATOR_EXCHANGE_RECORD_H

#include "host/operator/policy/subscriber.h"

#define EXCHANGE_KEY_MAX   32
#define EXCHANGE_ROWS_MAX  250000
#define EXCHANGE_FILE_MAX  (256u << 20)
#define EXCHANGE_NOTES_MAX 1000 /* that are kept; those after them are counted */

struct exchange_key { /* secret */
	size_t len;   /* 0: there is none */
	uint8_t octets[EXCHANGE_KEY_MAX];
};
struct slice exchange_key_slice(const struct exchange_key *k);

struct exchange_half { /* a subscription; what is "" or 0 was not told */
	char imsi[IMSI_MAX + 1], msisdn[PROFILE_NUMBER_MAX + 1];
	enum aka_algorithm algorithm;
	struct exchange_key k, op, opc; /* of TUAK TOP and TOPc */
	struct aka_shape shape;
	bool has_sqn, has_amf;
	uint64_t sqn; /* the last that was given out */
	uint8_t amf[AKA_AMF_LEN];
};

#define EXCHANGE_LINK_MAX 24
struct exchange_record {
	unsigned number; /* of the line, document or row: list's `place` */
	bool bad;	 /* a fault was noted */
	char name[65], iccid[PROFILE_ICCID_TEXT];
	struct exchange_half half[2]; /* programs of others have the first alone */
	struct exchange_key s;
	struct subscriber_modes modes;
	uint32_t key_id;	      /* of the second half; 0: not told */
	char link[EXCHANGE_LINK_MAX]; /* what other documents of the file name it by */
};

struct exchange_note {
	bool is_fault;	 /* false: a warning */
	unsigned number; /* 0: the file as a whole */
	unsigned other;	 /* 0, or the one that has the same */
	size_t count;	 /* a warning stands once for all that it is about; this is the first one */
	char field[24];
	const char *why; /* a sentence */
};

struct exchange_list {	   /* zeroed: empty */
	const char *place; /* "line", "document", "row" */
	struct exchange_record *records;
	size_t count, cap;
	struct exchange_note *notes;
	size_t note_count, faults; /* faults: also those that were not kept */
	enum err err;		   /* memory is out; sticky */
};
void exchange_list_free(struct exchange_list *l);
/* A new one, zeroed, until the next call; NULL: memory is out, or there are too many (a fault). */
struct exchange_record *exchange_add(struct exchange_list *l, unsigned number);
/* why: a literal. A fault makes the last record bad when it has this number. */
void exchange_fault(struct exchange_list *l, unsigned number, const char *field, const char *why);
void exchange_double(struct exchange_list *l, unsigned number, const char *field, unsigned other);
void exchange_warn(struct exchange_list *l, unsigned number, const char *field, const char *why);
/* "line 3, k: must be ..." */
#define EXCHANGE_NOTE_CAP 384
void exchange_note_text(const struct exchange_list *l, const struct exchange_note *n,
			char out[static EXCHANGE_NOTE_CAP]);

#endif
