#include "host/operator/api/es2p.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/api/rsp_answer.h"
#include "host/operator/http/route.h"
#include "host/operator/smdp/es2p.h"
#include "host/operator/smdp/store/profile.h"
#include "lib/profile/digits.h"
#include "lib/rsp/activation.h"

#define ACTOR_MAX 40
#define CODE_MAX  255

struct fields {
	uint8_t eid[16], iccid[10];
	bool has_eid, has_iccid, release, final;
	const char *type, *matching_id, *code, *smds, *smdp;
	const char *own_address; /* the manager's own */
	char actor[ACTOR_MAX + 8];
};

static enum err text(const json_t *v, const char **out)
{
	*out = json_string_value(v);
	return *out ? ERR_OK : ERR_TAG;
}

/* SGP.22 6.5.1.3: who calls, for the log, in characters that it can show. */
static enum err read_header(const json_t *header, struct fields *f)
{
	char *actor = f->actor;
	const char *requester, *call;
	size_t n;

	if (text(json_object_get(header, "functionRequesterIdentifier"), &requester) ||
	    text(json_object_get(header, "functionCallIdentifier"), &call))
		return ERR_TAG;
	n = (size_t)snprintf(actor, ACTOR_MAX, "ES2+ %s", requester);
	for (size_t i = 0; i < n && actor[i]; i++)
		if (actor[i] < ' ' || actor[i] > '~')
			actor[i] = '?';
	return ERR_OK;
}

static enum err read_eid(const json_t *v, struct fields *f)
{
	const char *eid;
	enum err e = text(v, &eid);

	if (!e &&
	    (strspn(eid, "0123456789") != 32 || hex_decode_exact(eid, f->eid, sizeof(f->eid))))
		e = ERR_VALUE;
	f->has_eid = !e;
	return e;
}

static enum err read_iccid(const json_t *v, struct fields *f)
{
	const char *iccid;
	enum err e = text(v, &iccid);

	if (!e)
		e = es2p_iccid(iccid, f->iccid);
	f->has_iccid = !e;
	return e;
}

static enum err read_type(const json_t *v, struct fields *f)
{
	return text(v, &f->type);
}

static enum err read_matching_id(const json_t *v, struct fields *f)
{
	return text(v, &f->matching_id);
}

static enum err read_code(const json_t *v, struct fields *f)
{
	enum err e = text(v, &f->code);

	/* "" would be an order for whoever has the activation code */
	return !e && (!*f->code || strlen(f->code) > CODE_MAX) ? ERR_VALUE : e;
}

static enum err read_smds(const json_t *v, struct fields *f)
{
	return text(v, &f->smds);
}

static enum err read_smdp(const json_t *v, struct fields *f)
{
	return text(v, &f->smdp);
}

static enum err read_release(const json_t *v, struct fields *f)
{
	f->release = json_is_true(v);
	return json_is_boolean(v) ? ERR_OK : ERR_TAG;
}

static enum err read_final(const json_t *v, struct fields *f)
{
	const char *final;
	enum err e = text(v, &final);

	f->final = !e && strcmp(final, "Unavailable") == 0;
	return !e && !f->final && strcmp(final, "Available") != 0 ? ERR_VALUE : e;
}

static const struct {
	const char *name;
	enum err (*read)(const json_t *v, struct fields *f);
} readers[] = {
	{"header", read_header},
	{"eid", read_eid},
	{"iccid", read_iccid},
	{"profileType", read_type},
	{"matchingId", read_matching_id},
	{"confirmationCode", read_code},
	{"smdsAddress", read_smds},
	{"smdpAddress", read_smdp},
	{"releaseFlag", read_release},
	{"finalProfileStatusIndicator", read_final},
};

typedef enum err function(struct es2p_call *call, const struct fields *f, struct smdp_profile *p);

static enum err download_order(struct es2p_call *call, const struct fields *f,
			       struct smdp_profile *p)
{
	const struct es2p_order r = {.eid = f->has_eid ? f->eid : NULL,
				     .iccid = f->has_iccid ? f->iccid : NULL,
				     .type = f->type};

	return es2p_download_order(call, &r, p);
}

static enum err confirm_order(struct es2p_call *call, const struct fields *f,
			      struct smdp_profile *p)
{
	const struct es2p_confirmation r = {.eid = f->has_eid ? f->eid : NULL,
					    .iccid = f->iccid,
					    .matching_id = f->matching_id,
					    .code = slice_str(f->code ? f->code : ""),
					    .smds = f->smds,
					    .release = f->release,
					    .lifetime_s = -1};

	if (f->smdp && !activation_same_address(slice_str(f->smdp), slice_str(f->own_address))) {
		call->fault = smdp_fault(SMDP_FAULT_SMDP_OTHER);
		return ERR_REFUSED;
	}
	return es2p_confirm_order(call, &r, p);
}

static enum err cancel_order(struct es2p_call *call, const struct fields *f, struct smdp_profile *p)
{
	const struct es2p_cancellation r = {.eid = f->has_eid ? f->eid : NULL,
					    .iccid = f->iccid,
					    .matching_id = f->matching_id,
					    .final = f->final};

	return es2p_cancel_order(call, &r, p);
}

static enum err release_profile(struct es2p_call *call, const struct fields *f,
				struct smdp_profile *p)
{
	return es2p_release_profile(call, f->iccid, p);
}

#define MANDATORY_MAX 3

static const struct {
	function *call;
	const char *mandatory[MANDATORY_MAX];
	bool tells_iccid, tells_code;
} functions[ES2P_FUNCTION_COUNT] = {
	/* 5.3.1 */
	[ES2P_DOWNLOAD_ORDER] = {download_order, {"header"}, true, false},
	/* 5.3.2 */
	[ES2P_CONFIRM_ORDER] = {confirm_order, {"header", "iccid", "releaseFlag"}, false, true},
	/* 5.3.3 */
	[ES2P_CANCEL_ORDER] = {cancel_order,
			       {"header", "iccid", "finalProfileStatusIndicator"},
			       false,
			       false},
	/* 5.3.4 */
	[ES2P_RELEASE_PROFILE] = {release_profile, {"header", "iccid"}, false, false},
};

/* What is not there is told before what is wrong with the rest; *wrong: the field's name. */
static enum err read_fields(enum es2p_function f, const json_t *request, struct fields *out,
			    const char **wrong)
{
	for (size_t i = 0; i < MANDATORY_MAX && functions[f].mandatory[i]; i++) {
		*wrong = functions[f].mandatory[i];
		if (!json_object_get(request, *wrong))
			return ERR_TAG;
	}
	for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
		const json_t *v = json_object_get(request, readers[i].name);
		enum err e = v ? readers[i].read(v, out) : ERR_OK;

		*wrong = readers[i].name;
		if (e)
			return e;
	}
	*wrong = "";
	return ERR_OK;
}

static json_t *encode(enum es2p_function f, const struct smdp_profile *p, const char *smdp_address)
{
	json_t *body = rsp_answer_header(NULL);
	char iccid[21], eid[33];
	int bad = !body;

	profile_iccid_text(p->iccid, iccid);
	hex_encode(SLICE_OF(p->eid), eid, sizeof(eid));
	if (!bad && functions[f].tells_iccid)
		bad |= json_object_set_new(body, "iccid", json_string(iccid));
	if (!bad && functions[f].tells_code) {
		if (smdp_profile_has_eid(p))
			bad |= json_object_set_new(body, "eid", json_string(eid));
		bad |= json_object_set_new(body, "matchingId", json_string(p->matching_id));
		bad |= json_object_set_new(body, "smdpAddress", json_string(smdp_address));
	}
	if (bad) {
		json_decref(body);
		return NULL;
	}
	return body;
}

enum err es2p_answer(const struct es2p_manager *m, enum es2p_function f, const json_t *request,
		     int64_t now, struct http_answer *answer)
{
	struct es2p_call call = {.store = m->store, .now = now};
	struct smdp_profile p = {.id = 0};
	struct fields fields = {.own_address = m->address};
	const char *wrong = "";
	enum err e = read_fields(f, request, &fields, &wrong);

	call.actor = fields.actor;
	if (!e)
		e = functions[f].call(&call, &fields, &p);
	if (e && e != ERR_REFUSED)
		return rsp_answer_failure(e, wrong, answer);
	answer->body = e ? rsp_answer_header(call.fault) : encode(f, &p, m->address);
	return answer->body ? ERR_OK : ERR_MEMORY;
}
