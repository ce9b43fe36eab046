#include "host/operator/cmd/shared/desk.h"

#include <string.h>

#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/smdp/fault.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"
#include "lib/profile/build.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"
#include "tool/pki/pki.h"
#include "tool/sys/secret_file.h"

#define CODE_MAX 255 /* octets of a confirmation code */
#define DAY_S	 86400
#define DAYS_MAX 36500

struct desk_options desk_options = {
	.days = 30, .downloads = SMDP_DOWNLOADS_MAX, .tries = SMDP_CODE_TRIES_MAX};

int desk_close(struct desk *d, int code)
{
	smdp_store_close(&d->call.store);
	wbuf_free(&d->code);
	return code;
}

const char *desk_next_step(enum smdp_profile_state state)
{
	static const char *const steps[SMDP_STATE_END] = {
		[SMDP_AVAILABLE] = "order it first (profile order)",
		[SMDP_ALLOCATED] = "confirm its order (profile confirm), or take it back",
		[SMDP_LINKED] = "confirm its order (profile confirm), or take it back",
		[SMDP_CONFIRMED] = "release it (profile release), or take the order back",
		[SMDP_RELEASED] = "it waits for its download; profile cancel takes the order back",
		[SMDP_DOWNLOADED] = "its eUICC has it and has not reported yet",
		[SMDP_INSTALLED] = "it is in its eUICC for good: import another",
		[SMDP_ERROR] = "take its order back (profile cancel), then order it anew",
		[SMDP_UNAVAILABLE] = "it is out of service for good: import another",
		[SMDP_DELETED] = "take it back (profile cancel), then order it anew",
	};

	return steps[state];
}

int desk_fail(const struct desk *d, enum err e, const char *what)
{
	struct smdp_profile p;

	if (e == ERR_NOT_FOUND)
		return tool_fail_said(e,
				      "%s: the manager has no such profile: see twinkey-operator "
				      "profile list",
				      what);
	if (e != ERR_REFUSED || !d->call.fault)
		return tool_fail(e, "%s", what);
	if (!smdp_profile_by_iccid(d->call.store, d->iccid, &p))
		return tool_fail_said(e, "%s: %s (%s/%s); it is %s: %s", what,
				      d->call.fault->message, d->call.fault->subject,
				      d->call.fault->reason, smdp_state_name(p.state),
				      desk_next_step(p.state));
	return tool_fail_said(e, "%s: %s (%s/%s)", what, d->call.fault->message,
			      d->call.fault->subject, d->call.fault->reason);
}

int desk_open(struct desk *d, const char *iccid)
{
	int code;
	enum err e;

	*d = (struct desk){.call = {.actor = DESK_ACTOR}, .code = wbuf_grow(CODE_MAX + 1)};
	if (iccid && es2p_iccid(iccid, d->iccid))
		return tool_usage("'%s' is no ICCID (at most 20 digits, or letters a to f)", iccid);
	if (desk_options.eid && pki_parse_eid(desk_options.eid, d->eid))
		return tool_usage("--eid wants 32 digits");
	if (desk_options.matching_id && *desk_options.matching_id &&
	    !es2p_is_matching_id(desk_options.matching_id))
		return tool_usage("--matching-id '%s': it wants " ES2P_MATCHING_ID_FORM
				  ", at most %d (SGP.22 4.1)",
				  desk_options.matching_id, SMDP_MATCHING_ID_MAX);
	if (!desk_options.downloads || !desk_options.tries)
		return tool_usage("--%s wants at least 1",
				  desk_options.downloads ? "code-tries" : "downloads");
	if (desk_options.days > DAYS_MAX)
		return tool_usage("--expires wants at most %d days", DAYS_MAX);
	code = cmd_folder_check();
	if (code)
		return code;
	e = cmd_address(&desk_options.address);
	if (e)
		return tool_fail(e, "the address that '%s/" CMD_ADDRESS_FILE "' should hold",
				 cmd_dir);
	if (desk_options.code_file) {
		e = secret_file_read(desk_options.code_file, tool_cancel(), &d->code);
		while (!e && d->code.len && strchr("\r\n", d->code.ptr[d->code.len - 1]))
			wbuf_cut(&d->code, d->code.len - 1);
		if (!e && d->code.len == 0)
			e = ERR_LENGTH;
	}
	if (e)
		return tool_fail(e, "cannot take the confirmation code of '%s'",
				 desk_options.code_file);
	code = cmd_manager_open(&d->call.store);
	d->call.now = cmd_now();
	return code;
}

void desk_activation_code(const struct smdp_profile *p, char code[static DESK_ACTIVATION])
{
	/* SGP.22 4.1: the SM-DP+'s OID is left out; 1: a confirmation code is asked */
	snprintf(code, DESK_ACTIVATION, "LPA:1$%s$%s%s", desk_options.address, p->matching_id,
		 p->has_code ? "$$1" : "");
}

bool desk_has_activation_code(const struct smdp_profile *p)
{
	return p->state == SMDP_CONFIRMED || p->state == SMDP_RELEASED ||
	       p->state == SMDP_DOWNLOADED;
}

const char *desk_state_name(const struct smdp_profile *p)
{
	return p->broken ? "BROKEN" : smdp_state_name(p->state);
}

json_t *desk_profile_json(const struct smdp_profile *p)
{
	char iccid[21], eid[33], code[DESK_ACTIVATION];
	json_t *o;

	profile_iccid_text(p->iccid, iccid);
	hex_encode(SLICE_OF(p->eid), eid, sizeof(eid));
	o = json_pack("{s:s, s:s, s:o, s:b, s:i, s:i}", "iccid", iccid, "state", desk_state_name(p),
		      "type", json_text(slice_str(p->type)), "confirmationCode", p->has_code,
		      "downloads", (int)p->downloads, "codeTries", (int)p->code_tries);
	if (smdp_profile_has_eid(p))
		json_object_set_new(o, "eid", json_string(eid));
	if (p->state != SMDP_AVAILABLE && p->expires)
		json_object_set_new(o, "expires", json_integer(p->expires));
	if (!desk_has_activation_code(p))
		return o;
	json_object_set_new(o, "matchingId", json_string(p->matching_id));
	desk_activation_code(p, code);
	json_object_set_new(o, "activationCode", json_string(code));
	return o;
}

static void say_when(const char *label, int64_t at)
{
	char text[CMD_TIME_CAP];

	if (!at) {
		tool_say("  %-17s never", label);
		return;
	}
	tool_say("  %-17s %s", label, cmd_time_text(at, text));
}

void desk_print_profile(const struct smdp_profile *p)
{
	char iccid[21], eid[33], code[DESK_ACTIVATION], type[TEXT_LINE_MAX];

	if (tool_json()) {
		tool_print_json(desk_profile_json(p));
		return;
	}
	profile_iccid_text(p->iccid, iccid);
	hex_encode(SLICE_OF(p->eid), eid, sizeof(eid));
	tool_say("Profile %s: %s", iccid, smdp_state_name(p->state));
	if (*p->type)
		tool_say("  %-17s %s", "type", text_line(slice_str(p->type), type));
	if (smdp_profile_has_eid(p))
		tool_say("  %-17s %s",
			 p->state == SMDP_DELETED ? "was at EID"
			 : p->linked		  ? "for EID"
						  : "at EID",
			 eid);
	if (!desk_has_activation_code(p))
		return;
	desk_activation_code(p, code);
	tool_say("  %-17s %s", "activation code", code);
	tool_say("  %-17s %s", "confirmation code", p->has_code ? "asked" : "none");
	tool_say("  %-17s %u of %u", "downloads", p->downloads, p->downloads_max);
	say_when("expires", p->expires);
}

struct es2p_confirmation desk_confirmation(const struct desk *d)
{
	return (struct es2p_confirmation){.eid = desk_options.eid ? d->eid : NULL,
					  .iccid = d->iccid,
					  .matching_id = desk_options.matching_id,
					  .code = wbuf_slice(&d->code),
					  .release = desk_options.release,
					  .lifetime_s = (int64_t)desk_options.days * DAY_S,
					  .downloads_max = desk_options.downloads,
					  .code_tries_max = desk_options.tries};
}

int desk_end(struct desk *d, enum err e, const char *what)
{
	if (e)
		return desk_close(d, desk_fail(d, e, what));
	desk_print_profile(&d->p);
	return desk_close(d, TOOL_OK);
}
