/*
 * plan: what the doctor looks at, and by which ways; tests bring a machine and a reader of their
 * own.
 */
#ifndef TWINKEY_HOST_DOCTOR_PLAN_H
#define TWINKEY_HOST_DOCTOR_PLAN_H

#include "host/doctor/finding.h"
#include "lib/base/bytes.h"

struct activation;
struct cancel;
struct es9p_network;
struct transport;

/* The list of PC/SC readers, and transport_open() of host/transport/open.h. */
struct doctor_ways {
	enum err (*list)(void (*each)(void *ctx, const char *name, bool card_present,
				      struct slice atr),
			 void *ctx, struct cancel *cancel);
	enum err (*open)(const char *spec, unsigned timeout_ms, struct cancel *cancel,
			 struct transport **out);
	/* This user may read and write the file. */
	bool (*may_open)(const char *path);
};

struct doctor_plan {
	const char *root;		    /* before every path: "" on a real machine */
	const char *reader;		    /* as transport_open() takes it; NULL: any */
	const char *socket;		    /* pcscd's, where it is another; NULL */
	bool in_session;		    /* of a person at the machine, as far as one can tell */
	unsigned wait_ms;		    /* for a card */
	const struct activation *code;	    /* NULL: none */
	const struct es9p_network *network; /* its cancel ends everything here */
	struct slice ci;		    /* the issuer that is ours, DER; empty */
	struct slice isdr_aid;		    /* empty: SGP.22's */
	int64_t now;			    /* seconds since 1970 */
	struct doctor_ways ways;
	void (*each)(void *ctx, const struct doctor_finding *f);
	void *ctx;
};

#endif
