/*
 * finding: what is said of a link.
 */
#ifndef TWINKEY_HOST_DOCTOR_FINDING_H
#define TWINKEY_HOST_DOCTOR_FINDING_H

enum doctor_state {
	DOCTOR_GOOD,
	DOCTOR_TROUBLE,
	DOCTOR_ABSENT,	/* there is no such link here, and need not be */
	DOCTOR_SKIPPED, /* a link that it hangs on is broken */
};
/* "good", "trouble", "absent", "skipped" */
const char *doctor_state_name(enum doctor_state s);

#define DOCTOR_TEXT 400

struct doctor_finding {
	const char *link; /* its name: "pcscd" */
	enum doctor_state state;
	char text[DOCTOR_TEXT];
	char mend[DOCTOR_TEXT]; /* a command, or what to do; "" unless there is trouble */
};

void finding_good(struct doctor_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void finding_absent(struct doctor_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* To be followed by finding_mend(). */
void finding_trouble(struct doctor_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void finding_skipped(struct doctor_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A command, or what to do, in one line. */
void finding_mend(struct doctor_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
