/*
 * cases: the groups of cases; each file X.c of this folder has those of X.
 */
#ifndef TWINKEY_HOST_EXAM_CASES_H
#define TWINKEY_HOST_EXAM_CASES_H

#include "host/exam/exam.h"

/* X(name), in the order in which they run */
#define EXAM_GROUPS(X)                                                                             \
	X(atr)                                                                                     \
	X(t0)                                                                                      \
	X(apdu)                                                                                    \
	X(channel)                                                                                 \
	X(select)                                                                                  \
	X(fcp)                                                                                     \
	X(fs)                                                                                      \
	X(pin)                                                                                     \
	X(usim)                                                                                    \
	X(auth)                                                                                    \
	X(gsm)                                                                                     \
	X(cat)                                                                                     \
	X(isdr)                                                                                    \
	X(kra)                                                                                     \
	X(cert)                                                                                    \
	X(change)                                                                                  \
	X(time)

#define EXAM_EXTERN(name) extern const struct exam_group exam_group_##name;
EXAM_GROUPS(EXAM_EXTERN)
#undef EXAM_EXTERN

/* At the end of a file: its cases. */
#define EXAM_GROUP(name_, title_, table)                                                           \
	const struct exam_group exam_group_##name_ = {                                             \
		.name = #name_, .title = (title_), .cases = (table), .count = ARRAY_LEN(table)};

/* A row: id, severity, clause, what holds, then .needs and the like, .run */
#define RULE(id_, severity_, clause_, says_)                                                       \
	.rule = {.id = (id_), .severity = (severity_), .clause = (clause_), .says = (says_)}

#endif
