/*
 * link: what the ways into a reader by a socket share. Whichever of them it is, the card tries
 * until a reader is there, serves it until it goes, and tells what happens.
 */
#ifndef TWINKEY_CARD_LINK_H
#define TWINKEY_CARD_LINK_H

#include "card-emu/card.h"

struct cancel;

enum link_event {
	LINK_TAKEN,   /* the reader has the card */
	LINK_LOST,    /* after LINK_TAKEN: the reader is gone */
	LINK_ABSENT,  /* nobody has listened at the place for a second */
	LINK_BUSY,    /* connected for a second, and not taken: the reader has another card */
	LINK_REFUSED, /* the reader says that it does not take the card */
	LINK_IGNORED, /* the reader looks at the card and gives it no power: the card goes out once
		       */
	LINK_ODD      /* what answers there speaks another protocol */
};

/* Who is told what passes between reader and card: NULL, or a trace. */
struct link_observer {
	void (*on_reset)(void *ctx, struct slice atr);
	void (*on_exchange)(void *ctx, struct slice command, struct slice response);
	void *ctx;
};

struct link {
	const char *host, *path; /* path: a unix socket; NULL: TCP to host and port */
	unsigned port;
	/* Where the reader connects to, listening and non-blocking; it stays the caller's. With it
	 * there is neither host nor path. */
	bool reader_connects;
	int listener;
	const struct link_observer *observer;
	struct cancel *cancel; /* ends the service; from cancel_open(), or NULL */
	void (*event)(void *ctx, enum link_event event); /* may be NULL */
	void *ctx;
};

/* The most that link_receive() adds at once. */
#define LINK_CHUNK 4096

/* One connection. */
struct link_session {
	const struct link *link;
	int fd;
	bool taken, waiting_told, is_second; /* is_second: the one before ended with ERR_TIMEOUT */
};

/*
 * Takes what a person writes for a place: PATH (it has a slash, or no colon), or HOST:PORT, where
 * HOST may stand in square brackets. host (of cap octets) holds the name that l->host points to.
 * ERR_VALUE: it is neither, or the path is too long for a socket.
 */
enum err link_place(const char *text, struct link *l, char *host, size_t cap) MUST_CHECK;

/*
 * Connects, or is connected to, and serves by serve(), again and again until l->cancel has a wish:
 * ERR_CANCELLED. While there is no reader it tries from ten times a second to every two seconds.
 * Any other error is one that trying again does not cure (the host is unknown). serve() ends with
 * ERR_DISCONNECTED when the reader went, ERR_REFUSED and ERR_PROTOCOL as the events say,
 * ERR_TIMEOUT for LINK_IGNORED.
 */
enum err link_serve(struct card *card, const struct link *l,
		    enum err (*serve)(struct card *card, struct link_session *s)) MUST_CHECK;

/* card_reset() and card_transmit(), of which the observer is told. */
struct slice link_reset(struct link_session *s, struct card *card);
enum err link_transmit(struct link_session *s, struct card *card, struct slice command,
		       struct wbuf *out) MUST_CHECK;
/* The reader has the card: told once in a session. */
void link_taken(struct link_session *s);
/*
 * Waits for octets and appends them to in; the first wait of a card that is not taken may be told.
 * ERR_DISCONNECTED at the end of the stream, ERR_SPACE, ERR_CANCELLED.
 */
enum err link_receive(struct link_session *s, struct wbuf *in) MUST_CHECK;
enum err link_send(struct link_session *s, struct slice octets) MUST_CHECK;
/*
 * The last that a card says, wish or no wish: waits half a second at most until the other side has
 * read it and closed.
 */
void link_last_word(struct link_session *s, struct slice octets);
/* Takes what a cursor over in has left to in's front. */
void link_keep(struct wbuf *in, const struct cursor *left);

#endif
