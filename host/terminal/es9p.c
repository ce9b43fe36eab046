#include "host/terminal/es9p.h"

#include <stdio.h>
#include <string.h>

static enum err check_status(const json_t *answer, char message[static ES9P_MESSAGE])
{
	const json_t *status =
		json_object_get(json_object_get(answer, "header"), "functionExecutionStatus");
	const char *word = json_string_value(json_object_get(status, "status"));
	const json_t *why = json_object_get(status, "statusCodeData");
	const char *subject = json_string_value(json_object_get(why, "subjectCode"));
	const char *reason = json_string_value(json_object_get(why, "reasonCode"));
	const char *text = json_string_value(json_object_get(why, "message"));

	if (word && strcmp(word, "Executed-Success") == 0)
		return ERR_OK;
	snprintf(message, ES9P_MESSAGE, "the subscription manager: %s (%s/%s)",
		 text ? text : "failure", subject ? subject : "?", reason ? reason : "?");
	return word ? ERR_REFUSED : ERR_PROTOCOL;
}

enum err es9p_call(struct operator_link *op, const char *function, json_t *request, json_t **answer,
		   char message[static ES9P_MESSAGE])
{
	char path[128];
	enum err e;

	*answer = NULL;
	if (!request)
		return ERR_MEMORY;
	snprintf(path, sizeof(path), "/gsma/rsp2/es9plus/%s", function);
	e = operator_call(op, path, request, answer);
	if (e)
		snprintf(message, ES9P_MESSAGE, "%s", operator_message(op));
	else if (json_object_get(*answer, "header"))
		e = check_status(*answer, message);
	if (e) {
		json_decref(*answer);
		*answer = NULL;
	}
	return e;
}
