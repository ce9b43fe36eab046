/*
 * link: the faulty card in a reader, as a client of vpcd (card-emu/link/vpcd.h has the protocol).
 */
#ifndef TWINKEY_TESTS_FAULTY_LINK_H
#define TWINKEY_TESTS_FAULTY_LINK_H

struct faulty;

/* Connects to 127.0.0.1:PORT again and again, and answers; never returns. */
void link_serve(struct faulty *f, unsigned port);

#endif
