#include "host/operator/cmd/subscriber/say.h"

#include "host/operator/policy/decide.h"
#include "host/operator/policy/subscriber.h"
#include "lib/profile/digits.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"

/* The key that a rotation is to release; 0: none. */
static uint32_t next_key(const struct subscriber *sub)
{
	return state_is_rotation(sub->state) ? subscriber_release_key_id(sub) : 0;
}

const char *say_state(const struct subscriber *sub)
{
	return sub->broken ? "BROKEN" : state_name(sub->state);
}

static const char *bound_by(const struct subscriber *sub)
{
	static const char *const names[] = {[BOUND_BY_NOBODY] = "",
					    [BOUND_BY_GRANT] = "grant",
					    [BOUND_BY_OPERATOR] = "operator"};

	return sub->bound_by <= BOUND_BY_OPERATOR ? names[sub->bound_by] : "";
}

static const char *mode_of(const struct subscriber *sub)
{
	return sub->modes.derived ? "derived" : "sealed";
}

static void put_modes(json_t *o, const struct subscriber *sub)
{
	json_object_set_new(o, "mode", json_string(mode_of(sub)));
	json_object_set_new(o, "inMemoryOnly", json_boolean(sub->modes.in_memory));
	json_object_set_new(o, "keepsFirstKey", json_boolean(sub->modes.keep_first));
	json_object_set_new(o, "msisdn1", json_string(sub->msisdn[0]));
	json_object_set_new(o, "msisdn2", json_string(sub->msisdn[1]));
}

json_t *say_json(const struct subscriber *sub)
{
	char iccid[21], eid[33] = "";
	json_t *o;

	profile_iccid_text(sub->iccid, iccid);
	if (sub->has_eid)
		hex_encode(SLICE_OF(sub->eid), eid, sizeof(eid));
	o = json_pack("{s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:I, s:I, s:I}", "id",
		      (json_int_t)sub->id, "name", json_text(slice_str(sub->name)), "iccid", iccid,
		      "imsi1", sub->imsi[0], "imsi2", sub->imsi[1], "eid", eid, "boundBy",
		      bound_by(sub), "keyId", (json_int_t)sub->key_id, "nextKeyId",
		      (json_int_t)next_key(sub), "state", say_state(sub), "firstFactorAt",
		      (json_int_t)sub->first_factor_at, "secondFactorFrom",
		      (json_int_t)sub->second_factor_from, "secondFactorUntil",
		      (json_int_t)sub->second_factor_until);
	put_modes(o, sub);
	return o;
}

static void say_lines(const struct subscriber *sub)
{
	char iccid[21], eid[33] = "(none yet)", name[TEXT_LINE_MAX];

	profile_iccid_text(sub->iccid, iccid);
	if (sub->has_eid)
		hex_encode(SLICE_OF(sub->eid), eid, sizeof(eid));
	tool_say("Subscriber %lld%s%s", (long long)sub->id, *sub->name ? "  " : "",
		 text_line(slice_str(sub->name), name));
	tool_say("  state      %s", state_name(sub->state));
	tool_say("  ICCID      %s", iccid);
	tool_say("  IMSI 1     %s  (limited access)", sub->imsi[0]);
	tool_say("  IMSI 2     %s  (full access, %s key %u)", sub->imsi[1],
		 sub->modes.derived ? "by derived" : "sealed under", sub->key_id);
	if (sub->modes.in_memory)
		tool_say("  memory     the card has the second key as long as it has power");
	if (next_key(sub))
		tool_say("  next       key %u, to be released%s", next_key(sub),
			 sub->state == STATE_RECALLED ? "; limited access until then" : "");
	if (sub->modes.keep_first)
		tool_say("  fallback   the first key opens limited access beside the second");
	if (*sub->msisdn[0] || *sub->msisdn[1])
		tool_say("  numbers    %s, %s", *sub->msisdn[0] ? sub->msisdn[0] : "none",
			 *sub->msisdn[1] ? sub->msisdn[1] : "none");
	tool_say("  EID        %s%s", eid,
		 sub->bound_by == BOUND_BY_OPERATOR ? "  (named by the operator)" : "");
}

int say_subscriber(const struct subscriber *sub)
{
	if (tool_json())
		tool_print_json(say_json(sub));
	else
		say_lines(sub);
	return TOOL_OK;
}
