/*
 * exchange: a command and what came of it, whole: what T=0 and command chains cut is joined.
 */
#ifndef TWINKEY_TRACE_DECODE_EXCHANGE_H
#define TWINKEY_TRACE_DECODE_EXCHANGE_H

#include "lib/trace/event.h"
#include "lib/uicc/apdu.h"

#define EXCHANGE_REMARKS_MAX 4

/* Borrows for the call. */
struct exchange {
	unsigned card, channel;
	struct trace_place first, last; /* of the events that it is made of */
	unsigned pieces;		/* how many these are */
	bool has_time;
	int64_t time_ns; /* of the first */
	/* ERR_OK: it is a command. Otherwise apdu has no more than the class and the instruction.
	 */
	enum err malformed;
	struct apdu apdu;    /* of the first piece; its data those of the whole chain */
	unsigned blocks;     /* of a chain of STORE DATA; 0: it is none */
	struct slice answer; /* without status words */
	bool has_sw;
	uint16_t sw; /* the last one */
	/* What is odd about it, for people */
	const char *remarks[EXCHANGE_REMARKS_MAX];
	unsigned remark_count;
	const char *text; /* what the producer remarked of the first piece; or NULL */
};

#endif
