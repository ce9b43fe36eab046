/*
 * call: one call of a function of ES9+: how it takes up a session and how it ends. The functions
 * of ES9+ alone include it.
 */
#ifndef TWINKEY_OPERATOR_SMDP_CALL_H
#define TWINKEY_OPERATOR_SMDP_CALL_H

#include "host/operator/smdp/answer.h"
#include "host/operator/smdp/store/session.h"

struct smdp;

struct smdp_call {
	struct smdp *m;
	int64_t now;
	struct smdp_answer *answer;
	struct smdp_session session; /* that the call is about */
};

/* The answer is this fault. ERR_REFUSED, which smdp_call_end() takes for a good end. */
enum err smdp_call_refuse(struct smdp_call *call, enum smdp_fault_cause cause) MUST_CHECK;
/*
 * Takes up the session of that id. Refused: there is none that stands between these two states (the
 * states included), or it is too old.
 */
enum err smdp_call_resume(struct smdp_call *call, struct slice transaction_id,
			  enum smdp_session_state from, enum smdp_session_state to) MUST_CHECK;
/* Keeps the session as it is now. */
enum err smdp_call_save(struct smdp_call *call) MUST_CHECK;
/* Whether the answer went well with e; it is empty otherwise. */
enum err smdp_call_end(struct smdp_call *call, enum err e) MUST_CHECK;
/* The same of an answer that names the session. */
enum err smdp_call_end_in_session(struct smdp_call *call, enum err e) MUST_CHECK;

#endif
