/*
 * exchange: a command and what came of it, whole: what T=0 and command chains cut is joined.
 */
#ifndef TWINKEY_TRACE_DECODE_EXCHANGE_H
#define TWINKEY_TRACE_DECODE_EXCHANGE_H

#include "lib/trace/event.h"
#include "lib/uicc/apdu.h"

#define EXCHANGE_REMARKS_MAX 4

/* What is odd about it, for programs; those from EXCHANGE_AGAIN on have no remark. */
enum exchange_odd {
	EXCHANGE_NO_RESPONSE = 1u << 0,	 /* none was recorded */
	EXCHANGE_HALF_STATUS = 1u << 1,	 /* one octet was */
	EXCHANGE_NOT_FETCHED = 1u << 2,	 /* 61xx or 9Fxx, and no GET RESPONSE */
	EXCHANGE_NOT_REPEATED = 1u << 3, /* 6Cxx, and it did not come again */
	EXCHANGE_NOT_ENDED = 1u << 4,	 /* its last block of STORE DATA did not come */
	EXCHANGE_UNANNOUNCED = 1u << 5,	 /* GET RESPONSE, and nothing waited */
	EXCHANGE_BLOCK_TWICE = 1u << 6,
	EXCHANGE_BLOCK_MISSING = 1u << 7, /* or the blocks are not in order */
	EXCHANGE_BETWEEN = 1u << 8,	  /* other channels' commands between its pieces */
	EXCHANGE_OTHER_LENGTH = 1u << 9,  /* not the one that 6Cxx told */
	EXCHANGE_TOO_MUCH = 1u << 10,	  /* more data than Le asked for */
	EXCHANGE_CUT = 1u << 11,	  /* it is too long to be joined */
	EXCHANGE_CUT_MEMORY = 1u << 12,
	EXCHANGE_AGAIN = 1u << 13,	/* a piece is, answer and all, the command in front of it */
	EXCHANGE_AT_END = 1u << 14,	/* a reset, or the trace's end, came before it was whole */
	EXCHANGE_BLOCK_LATE = 1u << 15, /* its first block is not number 0 */
	EXCHANGE_NO_COMMAND = 1u << 16, /* its producer has taken the command out */
};

/* Borrows for the call. */
struct exchange {
	unsigned card, channel;
	struct trace_place first, last; /* of the events that it is made of */
	unsigned pieces;		/* how many these are */
	bool has_time;
	int64_t time_ns; /* of the first */
	int64_t wait_ns; /* from one of its pieces to the next one, at most; 0: it has one */
	/* ERR_OK: it is a command. Otherwise apdu has no more than the class and the instruction.
	 */
	enum err malformed;
	struct slice raw;    /* the octets of one that is malformed; else empty */
	struct apdu apdu;    /* of the first piece; its data those of the whole chain */
	unsigned blocks;     /* of a chain of STORE DATA; 0: it is none */
	struct slice answer; /* without status words */
	bool has_sw;
	uint16_t sw;  /* the last one */
	unsigned odd; /* enum exchange_odd */
	/* So many commands came one after the other of which each was there twice, answer and all,
	 * up to this one */
	unsigned doubled;
	/* What is odd about it, for people */
	const char *remarks[EXCHANGE_REMARKS_MAX];
	unsigned remark_count;
	const char *text; /* what the producer remarked of the first piece; or NULL */
};

/* From one time to another, in ns; as far as that can be said in 64 bits. */
int64_t exchange_between(int64_t from, int64_t to);
/* Once: its remark, too. */
void exchange_mark(struct exchange *x, enum exchange_odd odd);

#endif
