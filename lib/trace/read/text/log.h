/*
 * log: what the readers of text formats do with what a line holds: a command waits for its
 * response, each card by itself; a dump takes several lines.
 */
#ifndef TWINKEY_TRACE_READ_LOG_H
#define TWINKEY_TRACE_READ_LOG_H

#include "lib/trace/read/format.h"
#include "lib/uicc/apdu.h"

#define TEXT_PAIRS 8 /* commands that wait at once */

/* A command that waits for its response, or a reset for its ATR. */
struct text_pair {
	bool waits, resets;
	unsigned card, lane;
	struct trace_place place;
	bool has_time;
	int64_t time_ns;
	const char *remark;
	uint8_t command[APDU_EXTENDED_COMMAND_MAX];
	size_t command_len; /* 0: its producer has taken it out */
};

/* What every state begins with, so that text_log_end() is for all. */
struct text_log {
	unsigned card; /* whose lines these are */
	unsigned lane; /* of several commands of one card that wait; else 0 */
	bool has_time; /* they have a time */
	int64_t time_ns;
	struct text_pair pairs[TEXT_PAIRS];
	uint8_t octets[APDU_EXTENDED_RESPONSE_MAX]; /* of the line at hand */
};

/* The command that waits at this card, in this lane; false: there is none. */
bool text_log_waits(struct text_log *l, struct slice *command);
/* What the exchange is remarked with that waits there. */
void text_log_remark(struct text_log *l, const char *remark);
/* The octets of this hex; what is none is a fault, which is of what (for people). */
bool text_log_hex(struct text_log *l, struct trace_out *o, struct slice hex, const char *what,
		  struct slice *octets);
/* A command in hex. Another one of this card that still waits is given without a response. */
void text_log_command(struct text_log *l, struct trace_out *o, struct slice hex);
/* Its response in hex. One that nothing was sent before is a fault. */
void text_log_response(struct text_log *l, struct trace_out *o, struct slice hex);
/* The same with the octets themselves. */
void text_log_sent(struct text_log *l, struct trace_out *o, struct slice command);
void text_log_received(struct text_log *l, struct trace_out *o, struct slice response);
/* A command was sent that its producer shows nothing of. */
void text_log_sent_masked(struct text_log *l, struct trace_out *o, const char *remark);
/* What waits at this card is given without a response, and remarked so; remark may be NULL. */
void text_log_flush(struct text_log *l, struct trace_out *o, const char *remark);
/* RESET (with the ATR, as far as there is one) or REMOVED; what waits is given before. */
void text_log_power(struct text_log *l, struct trace_out *o, enum trace_kind kind,
		    struct slice atr);
/* A reset begins: RESET is given with the ATR that follows, or without when something else does. */
void text_log_reset_begins(struct text_log *l, struct trace_out *o);
/* RESET with an ATR in hex; no hex: a fault. */
void text_log_atr(struct text_log *l, struct trace_out *o, struct slice hex);
/* The end of the trace, for trace_format.end. */
void text_log_end(void *log, struct trace_out *o);

/* Octets that take several lines: hex dumps, and braces. */
struct text_dump {
	bool runs;
	bool is_command;
	struct trace_place place; /* where it begins */
	size_t wanted;		  /* 0: not told beforehand */
	size_t len;
	uint8_t octets[APDU_EXTENDED_COMMAND_MAX];
};
void text_dump_begin(struct text_dump *d, struct trace_out *o, bool is_command, size_t wanted);
/* False: there is no room for so many. */
bool text_dump_add(struct text_dump *d, struct slice octets);
/* It is whole: given as command or response of l's card. One that has fewer octets than it promised
 * is a fault. Nothing, when none runs. */
void text_dump_finish(struct text_dump *d, struct text_log *l, struct trace_out *o);

#endif
