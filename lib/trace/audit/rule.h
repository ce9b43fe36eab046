/*
 * rule: how a family of rules is written, and what it may ask. For lib/trace/audit alone.
 *
 * A family is a table of rules, a state for each card of the trace, and functions that take one
 * exchange after the other and report by audit_find(). Its state is zeros at the beginning, and
 * grows with nothing but what the card has (channels, keys, files): values that a trace may have
 * any number of are remembered by audit_once().
 *
 * An id is three capitals, '-' and two digits, and stays what it is for ever: reports and baselines
 * name it. A rule says what holds where there is no finding; severities: error is a break-in, a
 * leak or a loss, warning what a person has to look at, info what is good to know.
 */
#ifndef TWINKEY_TRACE_AUDIT_RULE_H
#define TWINKEY_TRACE_AUDIT_RULE_H

#include "lib/trace/audit/told.h"
#include "lib/uicc/command.h"

struct audit_card;	/* card.h */
struct audit_code;	/* code.h */
struct audit_file;	/* file.h */
struct audit_published; /* fit.h */
struct audit_run;
struct audit_vector; /* vector.h */
struct exchange;     /* lib/trace/decode/item.h, which has decode_item too */
struct tree_node;

/* An exchange as the rules see it. Borrows for the call. */
struct audit_step {
	const struct decode_item *item; /* its name is the command's; other words it has none */
	const struct exchange *x;	/* the octets as they are in the trace, secrets too */
	enum command_id id;		/* COMMAND_COUNT: unknown, or no command */
	bool good;			/* its status word says that it was done */
	bool switched;			/* profiles, and with them codes and files */
	bool may_change;		/* audit_changes_profile() of it */
	/* What was known of the card before this exchange. */
	const struct audit_card *card;
	/* Of STORE DATA to an ISD-R, an ECASD or a key-release application: the tag that it begins
	 * with, its data being the message and the answer what came of it; else 0 */
	uint32_t tag;
	/* What it carries; NULL: none of that. */
	const struct audit_code *code;
	const struct audit_vector *vector;
	const struct audit_file *file;
	struct audit_spot spot;
};

struct audit_family {
	const char *about;
	const struct finding_rule *rules;
	size_t rule_count;
	size_t state_size; /* of a card, at least 1 */
	/* The commands of which step() is told, besides all that have no status word; NULL: of
	 * each exchange. */
	const enum command_id *takes;
	size_t take_count;
	void (*step)(struct audit_run *r, void *state, const struct audit_step *s);
	/* RESET, REMOVED, PPS; FAULT. May be NULL. */
	void (*event)(struct audit_run *r, void *state, const struct trace_event *e);
	/* What stands beside the events; it is of no card, and comes to the first one's. May be
	 * NULL. */
	void (*words)(struct audit_run *r, void *state, struct slice words,
		      const struct audit_spot *at);
	/* What is wrong in the exchange's octets by the decoder: a node with a fault. May be NULL.
	 */
	void (*fault)(struct audit_run *r, const struct audit_step *s,
		      const struct tree_node *node);
	/* The trace has ended. May be NULL. */
	void (*end)(struct audit_run *r, void *state);
	/* Frees what the state has, if it has anything. May be NULL. */
	void (*close)(void *state);
};

/* A row: [PIN_GUESSED] = RULE("COD-01", ERROR, clause, says, means, remedy) */
#define RULE(row_id, level, row_clause, holds, meaning, todo)                                      \
	{                                                                                          \
		.id = (row_id), .severity = FINDING_##level, .clause = (row_clause),               \
		.says = (holds), .means = (meaning), .remedy = (todo)                              \
	}

/* What a family asks and reports: run.c */

/* detail says what stands there instead, without a secret: a printf format, cut to 159 octets.
 * Which of its conversions are numbers that run, and which tell what it is that was found: kind.h.
 */
void audit_find(struct audit_run *r, const struct finding_rule *rule, const struct audit_spot *at,
		const char *detail, ...) __attribute__((format(printf, 4, 5)));
/* The same of something that disagrees with something earlier. */
void audit_find_pair(struct audit_run *r, const struct finding_rule *rule,
		     const struct audit_spot pair[static 2], const char *detail, ...)
	__attribute__((format(printf, 4, 5)));
/*
 * Remembers a value for a rule: one that comes a second time, to whatever card of the trace, is a
 * finding of it, now or when the trace has ended.
 */
void audit_once(struct audit_run *r, const struct finding_rule *rule, const struct audit_spot *at,
		struct slice value);
/* An event of weight that marks.c does not tell, from one party to another; text is a printf
 * format, cut to 159 octets. */
struct audit_way {
	enum audit_party from, to;
};
void audit_tell(struct audit_run *r, const struct audit_step *s, struct audit_way way,
		const char *text, ...) __attribute__((format(printf, 4, 5)));

/* The same by its own account. */
void audit_mark(struct audit_run *r, const struct audit_mark *m);

/* Something could not be judged: memory was out. The first one is what audit_end() says. */
void audit_trouble(struct audit_run *r, enum err e);
const struct audit_options *audit_given(const struct audit_run *r);
/* The place of the published keys that are ready, for audit_fit_published(). */
struct audit_published **audit_published(struct audit_run *r);
/* Of the event's own place. */
struct audit_spot audit_spot_of(const struct trace_event *e);
/* The card, or who asks, says that this is no test (card.h). */
bool audit_claims_production(const struct audit_run *r, const struct audit_card *card);

#endif
