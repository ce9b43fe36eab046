#include "lib/trace/audit/marks.h"

#include <stdio.h>
#include <string.h>

#include "lib/release/kra.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/cat/cat.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/place.h"
#include "lib/trace/decode/rsp/es10.h"

#define TEXT_MAX 224

/* What came of a message, in words; false: the card refused. */
typedef bool outcome_of(const struct audit_step *s, char out[static TEXT_MAX]);

static bool say_words(char out[static TEXT_MAX], bool good, const char *words)
{
	snprintf(out, TEXT_MAX, "%s", words);
	return good;
}

static bool say_number(char out[static TEXT_MAX], const char *words, unsigned number)
{
	snprintf(out, TEXT_MAX, "%s %u", words, number);
	return false;
}

static bool of_status_word(const struct audit_step *s, char out[static TEXT_MAX])
{
	char words[STATUS_TEXT_MAX];

	status_text(s->x, words);
	return say_words(out, s->good || !s->x->has_sw, words);
}

static bool of_done(const struct audit_step *s, char out[static TEXT_MAX])
{
	(void)s;
	return say_words(out, true, "");
}

/* SGP.22 5.7.15 to 5.7.22: { INTEGER [0] }, 0 being done */
static bool of_result(const struct audit_step *s, char out[static TEXT_MAX])
{
	uint32_t result;

	if (rsp_parse_result(s->x->answer, s->tag, &result))
		return say_words(out, false, "no result");
	return result == ES10C_OK ? say_words(out, true, "done")
				  : say_number(out, "refused, result", result);
}

static bool of_authenticate_server(const struct audit_step *s, char out[static TEXT_MAX])
{
	struct es10b_authenticate_server_response m;

	if (es10b_parse_authenticate_server_response(s->x->answer, &m))
		return say_words(out, false, "no answer");
	return m.ok ? say_words(out, true, "the server is accepted")
		    : say_number(out, "the server is refused, error", m.error);
}

static bool of_prepare_download(const struct audit_step *s, char out[static TEXT_MAX])
{
	struct es10b_prepare_download_response m;

	if (es10b_parse_prepare_download_response(s->x->answer, &m))
		return say_words(out, false, "no answer");
	return m.ok ? say_words(out, true, "agreed") : say_number(out, "refused, error", m.error);
}

static bool of_cancel_session(const struct audit_step *s, char out[static TEXT_MAX])
{
	struct es10b_cancel_session_request m;

	if (es10b_parse_cancel_session_request(s->x->apdu.data, &m))
		return say_words(out, true, "");
	return say_number(out, "reason", m.reason);
}

static bool of_kra_status(const struct audit_step *s, char out[static TEXT_MAX])
{
	struct kra_status m;

	if (kra_parse_status(s->x->answer, &m))
		return say_words(out, false, "no answer");
	if (!m.active)
		return say_words(out, true, kra_state_name(m.state));
	snprintf(out, TEXT_MAX, "%s, subscription %u is in use", kra_state_name(m.state), m.active);
	return true;
}

static bool of_kra_challenge(const struct audit_step *s, char out[static TEXT_MAX])
{
	struct kra_challenge m;
	enum kra_result error;
	enum err e = kra_parse_challenge(s->x->answer, &m, &error);

	return e == ERR_REFUSED ? say_words(out, false, kra_result_text(error))
	       : e		? say_words(out, false, "no answer")
				: say_words(out, true, "signed by the card");
}

static bool of_kra_grant(const struct audit_step *s, char out[static TEXT_MAX])
{
	struct kra_outcome m;

	if (kra_parse_outcome(s->x->answer, &m))
		return say_words(out, false, "no result");
	return say_words(out, m.result == KRA_RESULT_OK, kra_result_text(m.result));
}

static bool of_kra_reseal(const struct audit_step *s, char out[static TEXT_MAX])
{
	enum kra_result result;

	if (kra_parse_reseal_result(s->x->answer, &result))
		return say_words(out, false, "no result");
	return say_words(out, result == KRA_RESULT_OK, kra_result_text(result));
}

/* Messages to a security domain or a key-release application, by their tag. */
static const struct message {
	uint32_t tag;
	enum audit_party from, to;
	outcome_of *outcome;
} messages[] = {
	{SGP22_TAG_EUICC_CHALLENGE, AUDIT_CARD, AUDIT_MANAGER, of_done},
	{SGP22_TAG_AUTHENTICATE_SERVER, AUDIT_MANAGER, AUDIT_CARD, of_authenticate_server},
	{SGP22_TAG_PREPARE_DOWNLOAD, AUDIT_MANAGER, AUDIT_CARD, of_prepare_download},
	{SGP22_TAG_BOUND_PROFILE_PACKAGE, AUDIT_MANAGER, AUDIT_CARD, of_done},
	{SGP22_TAG_CANCEL_SESSION, AUDIT_CARD, AUDIT_MANAGER, of_cancel_session},
	{SGP22_TAG_ENABLE_PROFILE, AUDIT_HOST, AUDIT_CARD, of_result},
	{SGP22_TAG_DISABLE_PROFILE, AUDIT_HOST, AUDIT_CARD, of_result},
	{SGP22_TAG_DELETE_PROFILE, AUDIT_HOST, AUDIT_CARD, of_result},
	{SGP22_TAG_MEMORY_RESET, AUDIT_HOST, AUDIT_CARD, of_result},
	{SGP22_TAG_SET_DEFAULT_DP_ADDRESS, AUDIT_HOST, AUDIT_CARD, of_result},
	{SGP22_TAG_LOAD_CRL, AUDIT_MANAGER, AUDIT_CARD, of_done},
	{SGP22_TAG_RETRIEVE_NOTIFICATIONS, AUDIT_CARD, AUDIT_MANAGER, of_done},
	{SGP22_TAG_NOTIFICATION_SENT, AUDIT_HOST, AUDIT_CARD, of_result},
	{KRA_TAG_STATUS, AUDIT_CARD, AUDIT_HOST, of_kra_status},
	{KRA_TAG_CHALLENGE, AUDIT_CARD, AUDIT_OPERATOR, of_kra_challenge},
	{KRA_TAG_GRANT, AUDIT_OPERATOR, AUDIT_CARD, of_kra_grant},
	{KRA_TAG_RESEAL, AUDIT_OPERATOR, AUDIT_CARD, of_kra_reseal},
};

/* Other commands. */
static const struct {
	enum command_id id;
	enum audit_party from;
} commands[] = {
	{COMMAND_VERIFY_PIN, AUDIT_HOST},
	{COMMAND_CHANGE_PIN, AUDIT_HOST},
	{COMMAND_DISABLE_PIN, AUDIT_HOST},
	{COMMAND_ENABLE_PIN, AUDIT_HOST},
	{COMMAND_UNBLOCK_PIN, AUDIT_HOST},
	{COMMAND_GSM_VERIFY_CHV, AUDIT_HOST},
	{COMMAND_GSM_CHANGE_CHV, AUDIT_HOST},
	{COMMAND_GSM_DISABLE_CHV, AUDIT_HOST},
	{COMMAND_GSM_ENABLE_CHV, AUDIT_HOST},
	{COMMAND_GSM_UNBLOCK_CHV, AUDIT_HOST},
	{COMMAND_AUTHENTICATE, AUDIT_OPERATOR},
	{COMMAND_GSM_RUN_ALGORITHM, AUDIT_OPERATOR},
	{COMMAND_INITIALIZE_UPDATE, AUDIT_OPERATOR},
	{COMMAND_GP_EXTERNAL_AUTHENTICATE, AUDIT_OPERATOR},
};

static void tell_mark(struct audit_run *r, const struct audit_step *s, struct audit_mark m,
		      const char *name, const char *outcome)
{
	char text[2 * TEXT_MAX + 4];

	snprintf(text, sizeof(text), "%.*s%s%s", TEXT_MAX, name, *outcome ? ": " : "", outcome);
	m.at = s->spot;
	m.channel = s->x->channel;
	m.text = text;
	audit_mark(r, &m);
}

/* SGP.22 2.5.6: the answer to the last segment of a package, or to the first that is wrong */
static bool tell_installation(struct audit_run *r, const struct audit_step *s)
{
	struct audit_mark m = {.from = AUDIT_CARD, .to = AUDIT_MANAGER};
	struct es10b_installation_result result;
	char words[TEXT_MAX] = "installed";

	if (es10_tag(s->x->answer) != SGP22_TAG_PROFILE_INSTALLATION_RESULT ||
	    es10b_parse_installation_result(s->x->answer, &result))
		return false;
	m.failed = !result.success;
	if (m.failed)
		say_number(words, "not installed, reason", result.reason);
	tell_mark(r, s, m, "ES8+ profile installation result", words);
	return true;
}

static bool tell_message(struct audit_run *r, const struct audit_step *s)
{
	for (size_t i = 0; s->tag && i < ARRAY_LEN(messages); i++) {
		const struct message *row = &messages[i];
		const char *name = es10_function(row->tag);
		struct audit_mark m = {.from = row->from, .to = row->to};
		char words[TEXT_MAX];

		if (row->tag != s->tag)
			continue;
		m.failed = !(s->good ? row->outcome(s, words) : of_status_word(s, words));
		tell_mark(r, s, m, name ? name : "", words);
		return true;
	}
	return false;
}

static void tell_select(struct audit_run *r, const struct audit_step *s)
{
	const char *name = s->item->view.place->application.name;
	struct audit_mark m = {.from = AUDIT_HOST, .to = AUDIT_CARD};
	char words[TEXT_MAX], title[TEXT_MAX];

	if (s->x->apdu.p1 != SELECT_AID)
		return;
	snprintf(title, sizeof(title), "SELECT %.200s", name ? name : s->item->view.path);
	m.failed = !of_status_word(s, words);
	tell_mark(r, s, m, title, m.failed ? words : "");
}

static void tell_refresh(struct audit_run *r, const struct audit_step *s)
{
	const struct audit_mark m = {.from = AUDIT_CARD, .to = AUDIT_HOST};
	char title[CAT_TITLE_MAX];

	cat_proactive_title(s->x->answer, title);
	if (strncmp(title, "REFRESH", strlen("REFRESH")) == 0)
		tell_mark(r, s, m, title, "");
}

/* TS 31.102 7.1.2.1: a failure that is answered with 9000, and goes to the network */
static bool is_out_of_sync(const struct audit_step *s)
{
	return s->id == COMMAND_AUTHENTICATE && s->good &&
	       slice_at(s->x->answer, 0) == AUTHENTICATE_SYNC_FAILURE;
}

static void tell_command(struct audit_run *r, const struct audit_step *s)
{
	struct audit_mark m = {.to = AUDIT_CARD};
	char words[TEXT_MAX];
	size_t i = 0;

	while (i < ARRAY_LEN(commands) && commands[i].id != s->id)
		i++;
	/* without data a code is not given, but its counter asked for: TS 102 221 11.1.9 */
	if (i == ARRAY_LEN(commands) || (commands[i].from == AUDIT_HOST && !s->x->apdu.data.len))
		return;
	m.from = commands[i].from;
	m.failed = !of_status_word(s, words);
	if (is_out_of_sync(s)) {
		m = (struct audit_mark){.from = AUDIT_CARD, .to = AUDIT_OPERATOR, .failed = true};
		say_words(words, false, "synchronisation failure, AUTS");
	}
	tell_mark(r, s, m, s->item->command->name, words);
}

void marks_step(struct audit_run *r, const struct audit_step *s)
{
	if (s->id == COMMAND_STORE_DATA && (tell_installation(r, s) || tell_message(r, s)))
		return;
	if (s->id == COMMAND_SELECT)
		tell_select(r, s);
	else if (s->id == COMMAND_FETCH || s->id == COMMAND_GSM_FETCH)
		tell_refresh(r, s);
	else
		tell_command(r, s);
}

void marks_event(struct audit_run *r, const struct trace_event *e)
{
	const struct audit_mark m = {.at = audit_spot_of(e),
				     .from = AUDIT_CARD,
				     .to = AUDIT_CARD,
				     .text = e->kind == TRACE_RESET ? "reset" : "power removed"};

	if (e->kind == TRACE_RESET || e->kind == TRACE_REMOVED)
		audit_mark(r, &m);
}
