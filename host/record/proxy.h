/*
 * proxy: stands between a card program and the port of vpcd's reader, as vpcd to the one and as a
 * card program to the other, and records what passes.
 *
 * To the PC/SC service a card is in the reader while a card program is connected here: when either
 * side goes, the other one's connection is closed, as vpcd and card programs do it themselves, and
 * the next card program is waited for. Several of them have their turns one after the other.
 */
#ifndef TWINKEY_HOST_RECORD_PROXY_H
#define TWINKEY_HOST_RECORD_PROXY_H

#include "tool/sys/tcp.h"

struct trace;

enum proxy_event {
	PROXY_WAITS,   /* for a card program */
	PROXY_ABSENT,  /* a card is here, and nobody has listened at the reader's place for a second
			*/
	PROXY_BUSY,    /* connected for a second, and nothing heard: the reader has another card */
	PROXY_CARRIES, /* the reader speaks to the card */
	PROXY_CARD_LOST,   /* the card program is gone */
	PROXY_READER_LOST, /* the reader is gone */
	PROXY_CARD_ODD,	   /* what the card program says is not of the protocol: it was cut off */
	PROXY_READER_ODD   /* likewise the reader */
};

struct proxy {
	int listener;		 /* for card programs; the caller's */
	struct tcp_place reader; /* where vpcd listens */
	struct trace *trace;	 /* the caller's */
	struct cancel *cancel;	 /* ends it */
	void (*event)(void *ctx, enum proxy_event event);
	void *ctx;
};

/*
 * Until there is a wish to stop: ERR_CANCELLED. ERR_NOT_FOUND: the reader's host has no address; or
 * why the trace cannot be written any more.
 */
enum err proxy_serve(const struct proxy *p) MUST_CHECK;

#endif
