/*
 * remark: what our own recorder writes beside a packet (a pcapng comment), and a reader
 * understands. Several stand behind one another, "; " between them.
 */
#ifndef TWINKEY_TRACE_REMARK_H
#define TWINKEY_TRACE_REMARK_H

/* All of the packet is the command. */
#define TRACE_REMARK_SILENT "the card did not answer"
/* printf, size_t: so many octets of the exchange are not in the packet, at its end. */
#define TRACE_REMARK_CUT "cut: %zu octets more"
/* printf, size_t: where the response begins, of a packet from which it doesn't follow. */
#define TRACE_REMARK_BORDER "octets of the command: %zu"
/* Beside a command whose octets are the program's template, without what was typed. */
#define TRACE_REMARK_KEYS "the PIN was typed at the reader"

/* Beside an ATR without octets: the card has no power any more. */
#define TRACE_REMARK_OFF "power off"

#endif
