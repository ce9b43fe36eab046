/*
 * exam: what an examination of the card in a reader is made of, and what comes of it: plain values,
 * which the engine (suite.h) fills and the writers of reports (report/) read.
 *
 * A case is a rule of a standard and the function that tries it. Its id ("atr.tck") never changes;
 * what stands before the dot is the name of its group. Of its severity: FINDING_ERROR, a card that
 * breaks the rule departs from the standard; FINDING_WARNING, it departs and works; FINDING_INFO,
 * the case only tells what the card has.
 */
#ifndef TWINKEY_HOST_EXAM_H
#define TWINKEY_HOST_EXAM_H

#include <stdint.h>

#include "host/transport/transport.h"
#include "lib/finding/finding.h"

#define EXAM_DETAIL	 256
#define EXAM_HEX	 136 /* a command or an answer in hex; longer ones are cut and end in ".." */
#define EXAM_EXCHANGES	 4   /* kept of a case */
#define EXAM_FACTS_MAX	 24
#define EXAM_TIMINGS_MAX 64

/* What a case needs, and what a card, its reader and its user have: X(name, bit, why not) */
#define EXAM_NEED_TABLE(X)                                                                         \
	X(EXAM_UICC, 0, "the card is no UICC (it has no MF for class 00)")                         \
	X(EXAM_GSM, 1, "the card has no 2G side (class A0)")                                       \
	X(EXAM_USIM, 2, "the card has no USIM")                                                    \
	X(EXAM_ISIM, 3, "the card has no ISIM")                                                    \
	X(EXAM_ISDR, 4, "the card is no eUICC with ES10 (SGP.22)")                                 \
	X(EXAM_KRA, 5, "the card has no key-release application")                                  \
	X(EXAM_KEYS, 6, "the card's key is not known: --key-file FILE")                            \
	X(EXAM_PIN, 7, "PIN1 is not verified")                                                     \
	X(EXAM_PIN_ENABLED, 8, "PIN1 is not enabled, or not there")                                \
	X(EXAM_CHANGES, 9, "it changes the card: --allow-changes")                                 \
	X(EXAM_OPERATOR, 10, "no operator is named: --operator SPEC")                              \
	X(EXAM_TPDU, 11, "the reader hides the rules of T=0: it speaks in APDUs, or not by T=0")   \
	X(EXAM_EXTENDED, 12, "reader or card take no extended APDUs")                              \
	X(EXAM_PIN_PAD, 13, "the reader has no keys")                                              \
	X(EXAM_CHANNELS, 14, "the card has no logical channels, by its ATR")                       \
	X(EXAM_ENABLED_PROFILE, 15, "the eUICC has no enabled profile")                            \
	X(EXAM_CONTACTS, 16, "the card has no contacts here: its ATR is made by PC/SC part 3")

#define EXAM_NEED_ENUM(name, bit, why) name = 1u << (bit),
enum exam_need { EXAM_NEED_TABLE(EXAM_NEED_ENUM) };
#undef EXAM_NEED_ENUM

struct exam;

struct exam_case {
	struct finding_rule rule; /* id, severity, clause, what holds of a good card */
	unsigned needs;		  /* EXAM_... */
	uint8_t authentications;  /* that it spends at most */
	uint8_t pin_tries;	  /* wrong ones; given back by the right PIN */
	void (*run)(struct exam *x);
};

struct exam_group {
	const char *name, *title; /* "atr", "Answer to reset" */
	const struct exam_case *cases;
	size_t count;
};

enum exam_outcome {
	EXAM_PASSED,
	EXAM_FAILED,  /* a departure from the standard */
	EXAM_NOTED,   /* it departs and works; or what the case tells */
	EXAM_SKIPPED, /* detail says why */
	EXAM_NOT_RUN, /* the examination ended before */
	EXAM_OUTCOMES
};
/* "passed", "failed", "noted", "skipped", "not-run" */
const char *exam_outcome_name(enum exam_outcome o);

struct exam_exchange { /* secrets are masked by FF */
	char command[EXAM_HEX], answer[EXAM_HEX];
	uint32_t us;
};

struct exam_result {
	const struct exam_group *group;
	const struct exam_case *rule_case;
	enum exam_outcome outcome;
	char detail[EXAM_DETAIL]; /* what the card did instead; why it was skipped; "" */
	/* of a departure and of what is noted: the last commands up to it, oldest first */
	struct exam_exchange evidence[EXAM_EXCHANGES];
	size_t evidence_count;
	uint32_t us; /* that the case took */
};

/* How long a command took, from the reader's point of view. */
struct exam_timing {
	const char *name; /* of lib/uicc/command.h, "RESET", or "other" */
	size_t count;
	uint32_t min, median, p90, max; /* microseconds */
	const uint32_t *samples;	/* count of them, in the order of time; borrowed */
};

struct exam_fact {		 /* what the card is and supports */
	const char *key, *label; /* "channels", "Logical channels" */
	char text[160];
};

struct exam_subject {
	char kind[96]; /* for people: "eUICC with a USIM and a key-release application" */
	unsigned has;  /* EXAM_... that hold at the start */
	char reader[128], way[16], protocol[8]; /* "pcsc", "T=0" */
	char atr[2 * 33 + 1];
	char iccid[21], eid[33]; /* "" where there is none */
	struct transport_properties properties;
	struct exam_fact facts[EXAM_FACTS_MAX];
	size_t fact_count;
};

struct exam_budget {
	unsigned cases, authentications, pin_tries;
};

enum exam_end { EXAM_COMPLETE, EXAM_CANCELLED, EXAM_CARD_LOST };

struct exam_report {
	struct exam_subject card;
	struct exam_budget planned, spent; /* spent.cases: those that ran */
	enum exam_end end;
	char end_text[EXAM_DETAIL];	   /* why it ended early; "" */
	const struct exam_result *results; /* in the order of the suite */
	size_t result_count;
	const struct exam_timing *timings; /* by name */
	size_t timing_count;
	size_t counts[EXAM_OUTCOMES];
	char started[32]; /* "2026-11-29T04:10:00Z" */
	uint64_t duration_us;
};

#endif
