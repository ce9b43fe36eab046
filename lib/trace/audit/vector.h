/*
 * vector: what a challenge asks of a card and what it answers: RAND, AUTN, RES, keys, AUTS. 3GPP TS
 * 31.102 7.1.2, TS 31.103 7.1.2, TS 51.011 9.2.16. For lib/trace/audit alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_VECTOR_H
#define TWINKEY_TRACE_AUDIT_VECTOR_H

#include "lib/base/bytes.h"

struct audit_step;

enum audit_context {
	VECTOR_2G, /* RUN GSM ALGORITHM of class A0, or the GSM context of a USIM */
	VECTOR_3G, /* and IMS AKA of an ISIM */
	VECTOR_GBA /* bootstrapping: as 3G, and the card keeps the keys */
};

enum audit_vector_outcome {
	VECTOR_UNANSWERED,
	VECTOR_ACCEPTED,
	VECTOR_SYNC,	 /* AUTS */
	VECTOR_MAC,	 /* the network's MAC is wrong */
	VECTOR_NOT_OPEN, /* a code is missing */
	VECTOR_REFUSED	 /* for another reason */
};

/* Borrows from the step. What is not there, or is masked, is empty. */
struct audit_vector {
	enum audit_context context;
	bool is_isim;
	enum audit_vector_outcome outcome;
	struct slice rand; /* 16 octets */
	struct slice autn; /* 16 octets; empty in 2G */
	struct slice res;  /* or SRES */
	struct slice ck, ik, kc;
	struct slice auts; /* 14 octets */
};

/* false: it is no challenge, not one of the standards' form, or its RAND is masked. */
bool audit_vector_of(const struct audit_step *s, struct audit_vector *out);

#endif
