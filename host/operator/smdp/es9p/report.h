/*
 * report: what an eUICC reports of the profile of a session, by a notification or by cancelling,
 * and what becomes of the profile. The functions of ES9+ alone include it.
 */
#ifndef TWINKEY_OPERATOR_SMDP_REPORT_H
#define TWINKEY_OPERATOR_SMDP_REPORT_H

#include "host/operator/smdp/es9p/euicc.h"
#include "host/operator/smdp/state.h"

struct smdp_call;
struct smdp_profile;

#define SMDP_EVIDENCE_MAX 128

struct smdp_report {
	enum smdp_event event;
	uint32_t seq; /* of the notification; 0 when a session was cancelled */
	char actor[SMDP_ACTOR_LEN], evidence[SMDP_EVIDENCE_MAX];
};

/* An entry of the log about a profile that stays as it is. */
enum err smdp_report_log(struct smdp_call *call, const struct smdp_profile *p, const char *event,
			 const struct smdp_report *r) MUST_CHECK;
/*
 * Whether what this eUICC told of the profile before came after the notification of this report:
 * such messages come out of order.
 */
enum err smdp_report_is_late(struct smdp_call *call, const struct smdp_profile *p,
			     const uint8_t eid[static 16], const struct smdp_report *r,
			     bool *late) MUST_CHECK;
/* The report counts, and the call's session ends with it. */
enum err smdp_report_end_session(struct smdp_call *call, struct smdp_report *r) MUST_CHECK;

#endif
