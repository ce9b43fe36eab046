/*
 * answer: what a function of ES9+ answers: the fields of the response in DER, or a fault.
 */
#ifndef TWINKEY_OPERATOR_SMDP_ANSWER_H
#define TWINKEY_OPERATOR_SMDP_ANSWER_H

#include "host/operator/smdp/fault.h"
#include "host/operator/smdp/limits.h"
#include "lib/base/bytes.h"

#define SMDP_FIELDS_MAX 4

struct smdp_answer {
	const struct smdp_fault *fault; /* NULL: success */
	uint8_t transaction_id[SMDP_TRANSACTION_LEN];
	bool has_transaction_id;
	struct smdp_field {
		const char *name; /* as in the JSON binding (SGP.22 6.5.2) */
		struct wbuf der;
	} fields[SMDP_FIELDS_MAX];
	size_t count;
};
void smdp_answer_free(struct smdp_answer *a);

/* A new field, to be written; name: a literal. */
struct wbuf *smdp_answer_field(struct smdp_answer *a, const char *name);
/* Empties the answer but for the fault. */
void smdp_answer_refuse(struct smdp_answer *a, enum smdp_fault_cause cause);
/* The first failure of a field to be written. */
enum err smdp_answer_done(const struct smdp_answer *a) MUST_CHECK;

#endif
