/*
 * limits: the lengths, numbers and times that the subscription manager keeps to.
 */
#ifndef TWINKEY_OPERATOR_SMDP_LIMITS_H
#define TWINKEY_OPERATOR_SMDP_LIMITS_H

#define SMDP_MATCHING_ID_MAX 64
#define SMDP_TYPE_MAX	     100 /* octets of a profile type */
#define SMDP_TRANSACTION_LEN 16
#define SMDP_UPP_MAX	     (256u * 1024)
#define SMDP_METADATA_MAX    (64u * 1024)
#define SMDP_SESSION_S	     3600	  /* an unfinished download is remembered so long */
#define SMDP_SESSIONS_MAX    4096	  /* unfinished ones; the oldest gives way */
#define SMDP_BOUND_KEPT_S    (90 * 86400) /* a bound session waits so long for its result */
#define SMDP_ORDER_S	     (30 * 86400) /* an order lives so long unless it says otherwise */
#define SMDP_DOWNLOADS_MAX   10		  /* packages bound for one order, the same */
#define SMDP_CODE_TRIES_MAX  3		  /* wrong confirmation codes, the same */

#endif
