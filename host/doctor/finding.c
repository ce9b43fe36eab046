#include "host/doctor/finding.h"

#include <stdarg.h>
#include <stdio.h>

const char *doctor_state_name(enum doctor_state s)
{
	static const char *const names[] = {[DOCTOR_GOOD] = "good",
					    [DOCTOR_TROUBLE] = "trouble",
					    [DOCTOR_ABSENT] = "absent",
					    [DOCTOR_SKIPPED] = "skipped"};

	return names[s];
}

#define SET(f, to, member)                                                                         \
	do {                                                                                       \
		va_list args;                                                                      \
                                                                                                   \
		(f)->state = (to);                                                                 \
		va_start(args, fmt);                                                               \
		vsnprintf((f)->member, sizeof((f)->member), fmt, args);                            \
		va_end(args);                                                                      \
	} while (0)

void finding_good(struct doctor_finding *f, const char *fmt, ...)
{
	SET(f, DOCTOR_GOOD, text);
}

void finding_absent(struct doctor_finding *f, const char *fmt, ...)
{
	SET(f, DOCTOR_ABSENT, text);
}

void finding_trouble(struct doctor_finding *f, const char *fmt, ...)
{
	SET(f, DOCTOR_TROUBLE, text);
}

void finding_skipped(struct doctor_finding *f, const char *fmt, ...)
{
	SET(f, DOCTOR_SKIPPED, text);
}

void finding_mend(struct doctor_finding *f, const char *fmt, ...)
{
	SET(f, f->state, mend);
}
