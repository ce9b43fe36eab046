/*
 * flow: an operator, a card and a terminal in one process, for tests of the whole way.
 *
 * The operator's side (subscriber store, release authority, subscription manager) is served over
 * HTTP on a unix socket by its own thread, as twinkey-operator serve does; the terminal's code
 * speaks to it and to a card of its own folder. Every body of both directions is kept. A test may
 * change requests, answers and APDUs on their way.
 */
#ifndef TWINKEY_TESTS_FLOW_H
#define TWINKEY_TESTS_FLOW_H

#include "host/operator/api/api.h"
#include "host/operator/http/server.h"
#include "host/operator/release/release.h"
#include "host/operator/smdp/smdp.h"
#include "host/terminal/lpa/download.h"
#include "host/terminal/lpa/es9p.h"
#include "host/net/client.h"
#include "host/trace/record.h"
#include "tool/sys/cancel.h"

#define FLOW_EID	 "89049032123451234512345678901235"
#define FLOW_ADDRESS	 "localhost"
#define FLOW_MATCHING_ID "FLOW-TEST"
#define FLOW_PIN	 "1234"
#define FLOW_TRACE	 "trace.pcapng"
#define FLOW_ROUTES	 32

struct flow {
	const char *dir, *card_dir;
	/* the network's side */
	struct operator_store *store;
	struct release_authority *authority;
	struct smdp_store *manager;
	struct smdp *smdp;
	struct api api;			       /* of these */
	struct http_route routes[FLOW_ROUTES]; /* of the api, with the test in between */
	struct http *http;
	struct subscriber sub;
	struct subscriber_keys keys;
	struct subscriber_keys next; /* K2, OPc2 and S of the last rotation */
	struct wbuf bodies;	     /* every JSON body, a line each */
	char socket[128];
	char link[160];	      /* unix:SOCKET */
	struct cancel cancel; /* of all that waits */
	struct es9p_network network;
	/* Changes the answer of a function, or gives another error; called in the server's thread.
	 */
	enum err (*lie)(struct flow *f, const char *function, json_t **answer);
	/* the module's side */
	/* Changes a response of the card (data and status word) in place. */
	void (*card_lie)(struct flow *f, struct slice command, struct wbuf *response);
	bool reset_lost;     /* on its way to the card */
	void *ctx;	     /* of lie and card_lie */
	struct wbuf apdus;   /* every command and response */
	struct trace *trace; /* the same as a trace file writes it: FLOW_TRACE below dir */
	struct uicc *u;
	struct http_client *op;
	struct lpa *lpa;
};

/* Everything up to a prepared profile at the manager, an empty card, and an open LPA. */
void flow_open(struct flow *f);
/* The same with a card that does not have this set of services (lib/profile/services.h). */
void flow_open_without(struct flow *f, uint32_t without);
/* The same with a second subscription of these modes; in derived mode keys.k[1] is NULL, and its
 * algorithm TUAK where K2 has 256 bits. */
void flow_open_as(struct flow *f, const struct subscriber_modes *modes);
/* K2 as the operator has it in force; the caller frees it. */
struct secret *flow_k2(struct flow *f);
/* Another package at the manager, for whoever has the id. */
void flow_add_package(struct flow *f, const char *matching_id, struct slice upp,
		      const uint8_t iccid[static RSP_ICCID_LEN]);
void flow_close(struct flow *f);

struct activation flow_activation(void);
/* lpa_download() of that profile; retries as given, *loaded may be NULL. */
enum err flow_download(struct flow *f, unsigned retries, struct lpa_loaded *loaded);
/* Download, enable, notifications: the profile is enabled with subscription 1. */
void flow_install(struct flow *f);
/* PIN and one authentication at the operator. */
enum err flow_attach(struct flow *f);
/* The second factor, approved by an agent. */
void flow_approve(struct flow *f);
enum err flow_release(struct flow *f);
/* The operator begins a rotation. */
void flow_rotate(struct flow *f);
/* State of the prepared profile at the manager. */
enum smdp_profile_state flow_profile_state(struct flow *f);
/* The profile is offered again, whatever became of it: no order, no other way back does that. */
void flow_release_again(struct flow *f);
/* How many profiles the card lists. */
unsigned flow_card_profiles(struct flow *f);

#endif
