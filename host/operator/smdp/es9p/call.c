#include "host/operator/smdp/es9p/call.h"

#include <string.h>

#include "host/operator/policy/moment.h"
#include "host/operator/smdp/es9p/manager.h"
#include "host/operator/smdp/smdp.h"
#include "host/operator/smdp/store/session.h"

enum err smdp_call_refuse(struct smdp_call *call, enum smdp_fault_cause cause)
{
	smdp_answer_refuse(call->answer, cause);
	return ERR_REFUSED;
}

enum err smdp_call_resume(struct smdp_call *call, struct slice transaction_id,
			  enum smdp_session_state from, enum smdp_session_state to)
{
	const struct smdp_session *s = &call->session;
	enum err e = smdp_session_get(call->m->store, transaction_id, &call->session);

	if (e)
		return e == ERR_NOT_FOUND ? smdp_call_refuse(call, SMDP_FAULT_TRANSACTION) : e;
	if (s->state < from || s->state > to ||
	    !moment_lasts(call->now, s->created, SMDP_SESSION_S + 1) ||
	    !smdp_identity_of(call->m, s->curve) || !smdp_identity_of(call->m, s->euicc_curve))
		return smdp_call_refuse(call, SMDP_FAULT_TRANSACTION);
	return ERR_OK;
}

enum err smdp_call_save(struct smdp_call *call)
{
	return smdp_session_put(call->m->store, &call->session, call->now - SMDP_SESSION_S);
}

enum err smdp_call_end(struct smdp_call *call, enum err e)
{
	if (e == ERR_REFUSED && call->answer->fault)
		return ERR_OK;
	if (!e)
		e = smdp_answer_done(call->answer);
	if (e)
		smdp_answer_free(call->answer);
	return e;
}

enum err smdp_call_end_in_session(struct smdp_call *call, enum err e)
{
	struct smdp_answer *a = call->answer;

	e = smdp_call_end(call, e);
	if (!e && !a->fault) {
		memcpy(a->transaction_id, call->session.transaction_id, sizeof(a->transaction_id));
		a->has_transaction_id = true;
	}
	return e;
}
