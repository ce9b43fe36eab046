/*
 * audited: what the audit finds in a trace of one of its tests.
 */
#ifndef TWINKEY_TESTS_AUDITED_H
#define TWINKEY_TESTS_AUDITED_H

#include "lib/base/bytes.h"

struct finding_rule;

/*
 * Appends "ID at WHERE: DETAIL" and a newline for each finding of the rule, and for each error
 * of any other. rule NULL: for all. The trace says itself how it wants to be judged: "# with
 * production".
 */
enum err audited(struct slice trace, const struct finding_rule *rule,
		 struct wbuf *found) MUST_CHECK;

/* Appends the trace's lines that begin with the word, without that. */
void audited_lines(struct slice trace, const char *word, struct wbuf *out);

#endif
