/*
 * rsp_pair: an empty eUICC and a subscription manager of one test PKI, in this process, made anew
 * in a folder of its own. What cannot be made ends the program.
 */
#ifndef TWINKEY_TESTS_RSP_PAIR_H
#define TWINKEY_TESTS_RSP_PAIR_H

#include "card-emu/card.h"
#include "host/operator/api/api.h"
#include "host/operator/http/server.h"
#include "host/operator/smdp/smdp.h"
#include "host/operator/smdp/state.h"
#include "lib/crypto/ec.h"

struct smdp_store;

#define RSP_PAIR_ADDRESS "testsmdpplus1.example.com"
#define RSP_PAIR_EID	 "89049032123451234512345678901235"

struct rsp_pair {
	char dir[64];	   /* the PKI lies below it */
	char card_dir[96]; /* closed: card_open() or the transport "card:" opens it */
	struct smdp_store *manager;
	struct smdp *smdp;
	struct api api; /* of these */
	struct http *http;
	char socket[96]; /* where rsp_pair_serve() listens */
};

/* Below place; NULL: in memory where there is such a place (scratch.h). */
void rsp_pair_open(struct rsp_pair *p, enum ec_curve curve, const char *place);
/* Removes the folder. */
void rsp_pair_close(struct rsp_pair *p);
/* ES9+ by HTTP on the unix socket, in a thread of its own. */
void rsp_pair_serve(struct rsp_pair *p);
/* What the server answers to a function by its name ("cancelSession"), without the socket; *body:
 * the JSON, NULL for none. */
enum err rsp_pair_post(struct rsp_pair *p, const char *function, const json_t *request,
		       json_t **body) MUST_CHECK;
struct card *rsp_pair_card(const struct rsp_pair *p);

/*
 * Gives the manager a profile with published test keys (TS 35.208 test set 1), of at least so many
 * octets: files of the profile fill them. Install, enable, disable and delete are notified.
 */
void rsp_pair_add(struct rsp_pair *p, const char *iccid, const char *matching_id, size_t octets);
/* The package that rsp_pair_add() makes. */
void rsp_pair_package(const char *iccid, size_t octets, struct wbuf *upp);
enum smdp_profile_state rsp_pair_state(struct rsp_pair *p, const char *matching_id);

#endif
