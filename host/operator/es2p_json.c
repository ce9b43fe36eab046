#include "host/operator/es2p_json.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/es9p_json.h"
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

/* A string, NULL when it is not there; ERR_TAG when it is something else. */
static enum err text(const json_t *o, const char *name, const char **out)
{
	const json_t *v = json_object_get(o, name);

	*out = json_string_value(v);
	return v && !*out ? ERR_TAG : ERR_OK;
}

static enum err flag(const json_t *o, const char *name, bool *out)
{
	const json_t *v = json_object_get(o, name);

	*out = json_is_true(v);
	return v && !json_is_boolean(v) ? ERR_TAG : ERR_OK;
}

/* SGP.22 6.5.1.3: who calls, for the log, in characters that it can show. */
static enum err read_header(const json_t *request, char actor[static ACTOR_MAX + 8])
{
	const json_t *header = json_object_get(request, "header");
	const char *requester = NULL, *call = NULL;
	size_t n;
	enum err e = text(header, "functionRequesterIdentifier", &requester);

	if (!e)
		e = text(header, "functionCallIdentifier", &call);
	if (e || !requester || !call)
		return ERR_TAG;
	n = (size_t)snprintf(actor, ACTOR_MAX, "ES2+ %s", requester);
	for (size_t i = 0; i < n && actor[i]; i++)
		if (actor[i] < ' ' || actor[i] > '~')
			actor[i] = '?';
	return ERR_OK;
}

static enum err read_ids(const json_t *request, struct fields *f)
{
	const char *eid, *iccid;
	enum err e = text(request, "eid", &eid);

	if (!e)
		e = text(request, "iccid", &iccid);
	if (e)
		return e;
	f->has_eid = eid != NULL;
	if (eid &&
	    (strspn(eid, "0123456789") != 32 || hex_decode_exact(eid, f->eid, sizeof(f->eid))))
		return ERR_VALUE;
	f->has_iccid = iccid != NULL;
	return iccid ? es2p_iccid(iccid, f->iccid) : ERR_OK;
}

static enum err read_fields(const json_t *request, struct fields *f)
{
	const char *final;
	enum err e = read_header(request, f->actor);

	if (!e)
		e = read_ids(request, f);
	if (!e)
		e = text(request, "profileType", &f->type);
	if (!e)
		e = text(request, "matchingId", &f->matching_id);
	if (!e)
		e = text(request, "confirmationCode", &f->code);
	if (!e)
		e = text(request, "smdsAddress", &f->smds);
	if (!e)
		e = text(request, "smdpAddress", &f->smdp);
	if (!e)
		e = flag(request, "releaseFlag", &f->release);
	if (!e)
		e = text(request, "finalProfileStatusIndicator", &final);
	if (e)
		return e;
	f->final = final && strcmp(final, "Unavailable") == 0;
	if (final && !f->final && strcmp(final, "Available") != 0)
		return ERR_VALUE;
	/* "" would be an order for whoever has the activation code */
	return f->code && (!*f->code || strlen(f->code) > CODE_MAX) ? ERR_VALUE : ERR_OK;
}

typedef enum err function(struct smdp_store *s, const struct fields *f, int64_t now,
			  struct smdp_profile *p, const struct smdp_fault **fault);

static enum err download_order(struct smdp_store *s, const struct fields *f, int64_t now,
			       struct smdp_profile *p, const struct smdp_fault **fault)
{
	const struct es2p_order r = {.eid = f->has_eid ? f->eid : NULL,
				     .iccid = f->has_iccid ? f->iccid : NULL,
				     .type = f->type};

	return es2p_download_order(s, &r, f->actor, now, p, fault);
}

static enum err confirm_order(struct smdp_store *s, const struct fields *f, int64_t now,
			      struct smdp_profile *p, const struct smdp_fault **fault)
{
	const struct es2p_confirmation r = {.eid = f->has_eid ? f->eid : NULL,
					    .iccid = f->iccid,
					    .matching_id = f->matching_id,
					    .code = slice_str(f->code ? f->code : ""),
					    .smds = f->smds,
					    .release = f->release,
					    .lifetime_s = -1};

	if (f->smdp && !activation_same_address(slice_str(f->smdp), slice_str(f->own_address))) {
		*fault = smdp_fault(SMDP_FAULT_SMDP_OTHER);
		return ERR_REFUSED;
	}
	return es2p_confirm_order(s, &r, f->actor, now, p, fault);
}

static enum err cancel_order(struct smdp_store *s, const struct fields *f, int64_t now,
			     struct smdp_profile *p, const struct smdp_fault **fault)
{
	const struct es2p_cancellation r = {.eid = f->has_eid ? f->eid : NULL,
					    .iccid = f->iccid,
					    .matching_id = f->matching_id,
					    .final = f->final};

	return es2p_cancel_order(s, &r, f->actor, now, p, fault);
}

static enum err release_profile(struct smdp_store *s, const struct fields *f, int64_t now,
				struct smdp_profile *p, const struct smdp_fault **fault)
{
	return es2p_release_profile(s, f->iccid, f->actor, now, p, fault);
}

#define MANDATORY_MAX 2

static const struct {
	function *call;
	const char *mandatory[MANDATORY_MAX]; /* beside the header */
	bool tells_iccid, tells_code;
} functions[ES2P_FUNCTION_COUNT] = {
	[ES2P_DOWNLOAD_ORDER] = {download_order, {NULL}, true, false},		       /* 5.3.1 */
	[ES2P_CONFIRM_ORDER] = {confirm_order, {"iccid", "releaseFlag"}, false, true}, /* 5.3.2 */
	[ES2P_CANCEL_ORDER] = {cancel_order,
			       {"iccid", "finalProfileStatusIndicator"},
			       false,
			       false},					     /* 5.3.3 */
	[ES2P_RELEASE_PROFILE] = {release_profile, {"iccid"}, false, false}, /* 5.3.4 */
};

/* What is not there is told before what is wrong with the rest. */
static bool has_mandatory(enum es2p_function f, const json_t *request)
{
	for (size_t i = 0; i < MANDATORY_MAX && functions[f].mandatory[i]; i++) {
		if (!json_object_get(request, functions[f].mandatory[i]))
			return false;
	}
	return true;
}

static json_t *encode(enum es2p_function f, const struct smdp_profile *p, const char *smdp_address)
{
	json_t *body = rsp_json_status(NULL);
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

enum err es2p_json_call(struct smdp_store *s, const char *smdp_address, enum es2p_function f,
			const json_t *request, int64_t now, json_t **answer)
{
	const struct smdp_fault *fault = NULL;
	struct smdp_profile p = {.id = 0};
	struct fields fields = {.own_address = smdp_address};
	enum err e = has_mandatory(f, request) ? read_fields(request, &fields) : ERR_TAG;

	*answer = NULL;
	if (!e)
		e = functions[f].call(s, &fields, now, &p, &fault);
	if (e && e != ERR_REFUSED)
		return e;
	*answer = e ? rsp_json_status(fault) : encode(f, &p, smdp_address);
	return *answer ? ERR_OK : ERR_MEMORY;
}
