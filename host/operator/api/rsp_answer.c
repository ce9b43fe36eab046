#include "host/operator/api/rsp_answer.h"

#include <stdio.h>

#include "host/operator/http/route.h"
#include "host/operator/smdp/fault.h"

json_t *rsp_answer_header(const struct smdp_fault *fault)
{
	if (!fault)
		return json_pack("{s:{s:{s:s}}}", "header", "functionExecutionStatus", "status",
				 "Executed-Success");
	return json_pack("{s:{s:{s:s, s:{s:s, s:s, s:s}}}}", "header", "functionExecutionStatus",
			 "status", "Failed", "statusCodeData", "subjectCode", fault->subject,
			 "reasonCode", fault->reason, "message", fault->message);
}

enum err rsp_answer_failure(enum err e, const char *field, struct http_answer *answer)
{
	const struct smdp_fault *fault = smdp_fault_of(e);
	struct smdp_fault named = *fault;
	char message[HTTP_MESSAGE_MAX];

	if (!e || e == ERR_LOCKED)
		return e;
	if (*field && fault != smdp_fault(SMDP_FAULT_SERVER)) {
		snprintf(message, sizeof(message), "%s: %s", field, fault->message);
		named.message = message;
	}
	answer->body = rsp_answer_header(&named);
	return answer->body ? ERR_OK : ERR_MEMORY;
}
