/*
 * plan: what an examination is asked for: which cases, what may be spent, who knows the key, who is
 * told. Plain values and callbacks, for suite.h and the cases.
 */
#ifndef TWINKEY_HOST_EXAM_PLAN_H
#define TWINKEY_HOST_EXAM_PLAN_H

#include "host/exam/exam.h"
#include "host/terminal/failure.h"

struct journey_plan;
struct uicc;
struct usim_answer;

/* A challenge that whoever knows the key makes. */
enum exam_challenge {
	EXAM_FRESH,	/* with the next SQN */
	EXAM_REPLAYED,	/* the last one again */
	EXAM_WRONG_MAC, /* fresh, with a bit of its MAC changed; the SQN is not used up */
	EXAM_FOR_GSM,	/* a RAND alone */
};

/*
 * Who knows the card's key. It is not known here: answers are judged by who made the challenge.
 */
struct exam_keys {
	enum err (*challenge)(void *ctx, enum exam_challenge kind, uint8_t rand[static 16],
			      uint8_t autn[static 16]);
	/* The name of the first field of the answer to the last challenge that is wrong ("RES");
	 * NULL: all are right. */
	const char *(*judge)(void *ctx, const struct usim_answer *a);
	/* Opens AUTS and puts the SQN right. ERR_MAC: AUTS is wrong; ERR_VALUE: the number in it is
	 * older than one that the card has taken. */
	enum err (*resynchronise)(void *ctx, const uint8_t auts[static 14]);
	void *ctx;
};

struct exam_user {
	/* Before any case runs. False: it is not wanted. */
	bool (*agree)(void *ctx, const struct exam_subject *card,
		      const struct exam_budget *planned);
	/* Verifies PIN1 of what is selected, where it asks for it. */
	struct failure (*unlock)(void *ctx, struct uicc *u);
	void (*begins)(void *ctx, const struct exam_case *c, size_t number, size_t of);
	void (*ends)(void *ctx, const struct exam_result *r);
	void *ctx;
};

struct exam_patterns { /* of ids, as fnmatch(3) has them; or names of groups */
	const char *const *items;
	size_t count;
};

struct exam_plan { /* borrows everything */
	struct uicc *u;
	const char *started, *way; /* for the report */
	int64_t now;		   /* seconds since 1970: which certificates are valid */
	struct slice isdr_aid;	   /* empty: SGP.22's */
	struct exam_patterns only, skip;
	bool allow_changes;
	const struct exam_keys *keys;	    /* NULL: the card's key is not known */
	const struct journey_plan *journey; /* the whole way with both keys; NULL: no operator */
	struct exam_user user;
};

#endif
