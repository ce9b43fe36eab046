/*
 * desk: a subscription manager with two released profiles, and an eUICC (peer.h) that talks to it
 * through the JSON binding.
 */
#ifndef TWINKEY_TESTS_DESK_H
#define TWINKEY_TESTS_DESK_H

#include "host/operator/api/es9p.h"
#include "host/operator/smdp/smdp.h"
#include "host/operator/smdp/es2p.h"
#include "host/operator/smdp/store/profile.h"
#include "tests/unit/support/peer.h"

#define DESK_MATCHING_ID   "MATCHING"
#define DESK_OTHER_PROFILE "OTHER"

struct desk {
	const char *dir;
	char manager[128];
	struct smdp_store *store;
	struct smdp *smdp;
	struct peer p;
	int64_t now;
	struct wbuf message; /* the eUICC's next */
	struct wbuf before;  /* the store */
	char transaction[33];
};

/* Of the two profiles; the peer's results are of the first. */
extern const uint8_t desk_iccids[2][10];
struct desk_function {
	const char *field; /* that carries the eUICC's message */
};
extern const struct desk_function desk_functions[ES9P_FUNCTION_COUNT];

void desk_open(struct desk *d);
void desk_open_store(struct desk *d); /* again, after a restart */
void desk_close(struct desk *d);

/* Every row of every table on the disk; whether it is as it was when it was remembered. */
void desk_dump(const struct desk *d, struct wbuf *w);
void desk_remember(struct desk *d);
void desk_unchanged(const struct desk *d, const char *what);

/* request is taken over; desk_request_of(): the one that carries d->message. */
enum err desk_call(struct desk *d, enum es9p_function f, json_t *request, json_t **answer);
json_t *desk_request_of(const struct desk *d, enum es9p_function f);
enum err desk_send(struct desk *d, enum es9p_function f, json_t **answer);
json_t *desk_good(struct desk *d, enum es9p_function f);
/* Sends d->message: it is refused so, and the store has not changed. */
void desk_expect_fault(struct desk *d, enum es9p_function f, const char *subject,
		       const char *reason, const char *what);
bool desk_succeeded(const json_t *answer);
const char *desk_code_of(const json_t *answer, const char *which); /* "subjectCode" */

/* The download step by step; d->message is the eUICC's next one then. */
json_t *desk_initiate_request(struct desk *d);
void desk_initiate(struct desk *d);
void desk_authenticate(struct desk *d);
void desk_bind(struct desk *d);
/* One message of each function, ready to be sent in a session that waits for it. */
void desk_ready(struct desk *d, enum es9p_function f);
/* The profile of DESK_MATCHING_ID as if another eUICC had its package. */
void desk_bind_elsewhere(struct desk *d, struct smdp_profile *p);
/* The state of the profile of DESK_MATCHING_ID. */
void desk_expect_profile(struct desk *d, enum smdp_profile_state state);

/* A call of ES2+ at this desk's manager, now. */
#define DESK_CALL(d) (&(struct es2p_call){.store = (d).store, .actor = "test", .now = (d).now})

#endif
