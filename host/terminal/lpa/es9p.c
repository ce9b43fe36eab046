#include "host/terminal/lpa/es9p.h"

#include <stdio.h>
#include <string.h>

#include "lib/rsp/interface.h"
#include "lib/rsp/activation.h"
#include "tool/sys/trouble.h"

#define URL_MAX 300

/* SGP.22 6.5.1.1 and 6.5.1.2 */
static const char *const headers[] = {"X-Admin-Protocol: gsma/rsp/v2.5.0",
				      "User-Agent: gsma-rsp-lpad"};

enum err es9p_reach(const struct es9p_network *n, const char *url, struct http_client **out,
		    char message[static ES9P_MESSAGE])
{
	const char *spec = n->link ? n->link : url;
	struct http_client *o = NULL;
	enum err e = http_client_open(spec, n->cancel, &o);

	message[0] = 0;
	if (e == ERR_USAGE)
		snprintf(
			message, ES9P_MESSAGE,
			"--operator is unix:PATH, https://HOST[:PORT], or http:// on this machine, "
			"not '%s'",
			spec);
	if (!e && n->ca_file) {
		e = http_client_trust(o, n->ca_file);
		if (e)
			snprintf(message, ES9P_MESSAGE, "--ca %s: %s", n->ca_file,
				 e == ERR_CERT	  ? "no certificate is in it (PEM, or one in DER)"
				 : *trouble_of(e) ? trouble_of(e)
						  : err_text(e));
	}
	if (!e && n->connect) {
		e = http_client_connect_to(o, n->connect);
		if (e == ERR_USAGE)
			snprintf(message, ES9P_MESSAGE, "--connect is HOST:PORT, not '%s'",
				 n->connect);
	}
	if (!e && n->patience_ms)
		http_client_set_patience(o, n->patience_ms);
	if (e)
		http_client_close(&o);
	else
		*out = o;
	return e;
}

enum err es9p_open(const struct es9p_network *n, const char *address, struct http_client **out,
		   char message[static ES9P_MESSAGE])
{
	struct slice host = activation_trim(slice_str(address));
	struct http_client *o = NULL;
	char url[URL_MAX];
	enum err e;

	if (!activation_is_address(host)) {
		snprintf(message, ES9P_MESSAGE, "'%s' is no address of a subscription manager",
			 address);
		return ERR_VALUE;
	}
	snprintf(url, sizeof(url), "https://%.*s", (int)host.len, (const char *)host.ptr);
	e = es9p_reach(n, url, &o, message);
	for (size_t i = 0; !e && i < ARRAY_LEN(headers); i++)
		e = http_client_add_header(o, headers[i]);
	if (e)
		http_client_close(&o);
	else
		*out = o;
	return e;
}

/* SGP.22 5.2.6.1, 5.2.6.2 */
#define SUBJECT_TRANSACTION "8.10.1"
#define REASON_UNKNOWN	    "3.9"

/* What a refusal of SGP.22 5.6 means to the person at the LPA, and what can be done. */
static const struct {
	const char *subject, *reason, *text;
} refusals[] = {
	{"1.2", "4.2", "it has trouble of its own: try again later"},
	{"1.6", "2.1", "it does not understand the eUICC or this LPA: tell its operator"},
	{"1.6", "2.2", "it does not understand the eUICC or this LPA: tell its operator"},
	{"8.1", "4.2", "the eUICC reported an error to it: start again"},
	{"8.1", "4.8", "the eUICC has no memory for this profile: delete another first"},
	{"8.1", "6.1", "the eUICC's signature is wrong: start again"},
	{"8.1.1", "2.2", "the profile is kept for one eUICC: give its EID to the operator first"},
	{"8.1.1", "3.8", "the profile was ordered for another eUICC: use that one, or order anew"},
	{"8.1.2", "6.1",
	 "it does not accept the eUICC manufacturer's certificate: use a manager that does, or "
	 "another eUICC"},
	{"8.1.2", "6.3", "the eUICC manufacturer's certificate has expired: use another eUICC"},
	{"8.1.3", "6.1",
	 "it does not accept the eUICC's certificate: use a manager that does, or another eUICC"},
	{"8.1.3", "6.3", "the eUICC's certificate has expired: use another eUICC"},
	{"8.2", "1.2", "the operator has not released the profile yet: try again later"},
	{"8.2", "3.7", "there is no such profile any more: ask the operator for a new code"},
	{"8.2.5", "4.3",
	 "no profile of the order fits this eUICC: ask the operator for one that does (twinkey "
	 "chip info says what it can)"},
	{"8.2.6", "3.8",
	 "the activation code is not known, or was used already: check it, or ask for a "
	 "new one"},
	{"8.2.6", "3.3",
	 "the activation code is not known, or was used already: check it, or ask for a "
	 "new one"},
	{"8.2.7", "2.2", "a confirmation code is needed: give --confirmation-code-file"},
	{"8.2.7", "3.8", "the confirmation code is wrong: try again"},
	{"8.2.7", "6.4", "too many wrong confirmation codes: ask the operator for a new order"},
	{"8.8", "3.10", "the eUICC has a session with another manager: start again"},
	{"8.8.1", "3.8", "it is not the manager of this address: check the activation code"},
	{"8.8.2", "3.1",
	 "it has no certificate issuer in common with the eUICC: use another manager, or another "
	 "eUICC"},
	{"8.8.3", "3.1",
	 "it does not support the eUICC's version of SGP.22: use another manager, or another "
	 "eUICC"},
	{"8.8.4", "3.7",
	 "it has no certificate that the eUICC can check: use another manager, or another eUICC"},
	{"8.8.5", "4.10", "the time to download it has run out: ask the operator for a new order"},
	{"8.8.5", "6.4", "it was tried too often: ask the operator for a new order"},
	{SUBJECT_TRANSACTION, REASON_UNKNOWN, "it forgot the session: start again"},
	{"8.11.1", "3.9",
	 "it does not know the eUICC's certificate issuer: use another manager, or another eUICC"},
};

static bool is_code(const char *code, const char *want)
{
	return code && strcmp(code, want) == 0;
}

static const char *refusal_text(const char *subject, const char *reason)
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		if (is_code(subject, refusals[i].subject) && is_code(reason, refusals[i].reason))
			return refusals[i].text;
	}
	return NULL;
}

static enum err check_status(const json_t *answer, char message[static ES9P_MESSAGE])
{
	const json_t *status =
		json_object_get(json_object_get(answer, "header"), "functionExecutionStatus");
	const char *word = json_string_value(json_object_get(status, "status"));
	const json_t *why = json_object_get(status, "statusCodeData");
	const char *subject = json_string_value(json_object_get(why, "subjectCode"));
	const char *reason = json_string_value(json_object_get(why, "reasonCode"));
	const char *text = json_string_value(json_object_get(why, "message"));
	const char *known = refusal_text(subject, reason);

	if (word &&
	    (strcmp(word, "Executed-Success") == 0 || strcmp(word, "Executed-WithWarning") == 0))
		return ERR_OK;
	if (!word) {
		snprintf(message, ES9P_MESSAGE,
			 "the answer has no status of SGP.22: check the address, it may be no "
			 "subscription manager's");
		return ERR_PROTOCOL;
	}
	if (known)
		snprintf(message, ES9P_MESSAGE, "the subscription manager: %s (%s/%s)", known,
			 subject, reason);
	else
		snprintf(message, ES9P_MESSAGE,
			 "the subscription manager: %s: ask its operator (%s/%s)",
			 text ? text : "it failed", subject ? subject : "?", reason ? reason : "?");
	if (is_code(subject, SUBJECT_TRANSACTION) && is_code(reason, REASON_UNKNOWN))
		return ERR_WRONG_STATE;
	return ERR_REFUSED;
}

enum err es9p_call(struct http_client *op, const char *path, json_t *request, json_t **answer,
		   char message[static ES9P_MESSAGE])
{
	bool notifies = strcmp(path, ES9P_PATH_HANDLE_NOTIFICATION) == 0;
	enum err e;

	*answer = NULL;
	if (!request)
		return ERR_MEMORY;
	/* SGP.22 5.6.4 has no output data: some managers answer 204, some 200 or 202 with nothing
	 */
	if (notifies)
		http_client_take_empty(op);
	e = http_client_call(op, path, request, answer);
	if (e)
		snprintf(message, ES9P_MESSAGE, "%s", http_client_message(op));
	else if (json_object_size(*answer) || !notifies)
		e = check_status(*answer, message);
	if (e) {
		json_decref(*answer);
		*answer = NULL;
	}
	return e;
}
