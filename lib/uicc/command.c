#include "lib/uicc/command.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "lib/uicc/apdu.h"

/* Any channel: the class without it. Class A0 has none. */
#define ANY_CHANNEL 0xF0
#define UICC(title, class, instruction, form, hides, where)                                        \
	{                                                                                          \
		.name = (title), .cla = (class), .cla_mask = ANY_CHANNEL, .ins = (instruction),    \
		.kind = (form), .interface = COMMAND_OF_UICC, .secret = (hides), .clause = (where) \
	}
#define GSM(title, instruction, form, hides, where)                                                \
	{                                                                                          \
		.name = (title), .cla = CLA_GSM, .cla_mask = 0xFF, .ins = (instruction),           \
		.kind = (form), .interface = COMMAND_OF_GSM, .secret = (hides), .clause = (where)  \
	}
#define GP(title, instruction, form, where)                                                        \
	{                                                                                          \
		.name = (title), .cla = CLA_PROPRIETARY, .cla_mask = ANY_CHANNEL,                  \
		.ins = (instruction), .kind = (form), .interface = COMMAND_OF_GLOBALPLATFORM,      \
		.clause = (where)                                                                  \
	}
/* Of other cards */
#define OTHER_HIDING(title, class, instruction, form, hides, where)                                \
	{                                                                                          \
		.name = (title), .cla = (class), .cla_mask = ANY_CHANNEL, .ins = (instruction),    \
		.kind = (form), .interface = COMMAND_OF_UICC, .secret = (hides),                   \
		.of_others = true, .clause = (where)                                               \
	}
#define OTHER(who, title, class, instruction, form, where)                                         \
	{                                                                                          \
		.name = (title), .cla = (class), .cla_mask = ANY_CHANNEL, .ins = (instruction),    \
		.kind = (form), .interface = (who), .of_others = true, .clause = (where)           \
	}
#define OTHER_UICC(title, class, instruction, form, where)                                         \
	OTHER(COMMAND_OF_UICC, title, class, instruction, form, where)
#define OTHER_GP(title, instruction, form, where)                                                  \
	OTHER(COMMAND_OF_GLOBALPLATFORM, title, CLA_PROPRIETARY, instruction, form, where)
#define OTHER_ISO(title, instruction, form, where)                                                 \
	OTHER(COMMAND_OF_ISO, title, CLA_INTERINDUSTRY, instruction, form, where)

/* As OTHER_GP, by a P1 of that or more. */
#define OTHER_GP_FROM(p1, title, instruction, form, where)                                         \
	{                                                                                          \
		.name = (title), .cla = CLA_PROPRIETARY, .cla_mask = ANY_CHANNEL,                  \
		.ins = (instruction), .kind = (form), .interface = COMMAND_OF_GLOBALPLATFORM,      \
		.of_others = true, .least_p1 = (p1), .clause = (where)                             \
	}

const struct command command_table[COMMAND_COUNT] = {
#include "lib/uicc/commands.def"
};

/* Of each row again, side by side */
#undef UICC
#undef GSM
#undef GP
#undef OTHER_HIDING
#undef OTHER_UICC
#undef OTHER_GP
#undef OTHER_GP_FROM
#undef OTHER_ISO
#define UICC(title, class, instruction, form, hides, where)	    (instruction)
#define GSM(title, instruction, form, hides, where)		    (instruction)
#define GP(title, instruction, form, where)			    (instruction)
#define OTHER_HIDING(title, class, instruction, form, hides, where) (instruction)
#define OTHER_UICC(title, class, instruction, form, where)	    (instruction)
#define OTHER_GP(title, instruction, form, where)		    (instruction)
#define OTHER_GP_FROM(p1, title, instruction, form, where)	    (instruction)
#define OTHER_ISO(title, instruction, form, where)		    (instruction)
static const uint8_t instructions[COMMAND_COUNT] = {
#include "lib/uicc/commands.def"
};

/* The rows of an instruction, one after the other: what a trace asks for all the time.
 * COMMAND_COUNT ends them. */
static struct {
	pthread_once_t guard;
	uint8_t first[256], next[COMMAND_COUNT], secret[256];
} rows_once = {.guard = PTHREAD_ONCE_INIT};
_Static_assert(COMMAND_COUNT <= UINT8_MAX, "a row's number");

static void find_rows(void)
{
	memset(rows_once.first, COMMAND_COUNT, sizeof(rows_once.first));
	for (size_t i = COMMAND_COUNT; i--;) {
		uint8_t ins = instructions[i];

		rows_once.next[i] = rows_once.first[ins];
		rows_once.first[ins] = (uint8_t)i;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (command_table[i].secret != COMMAND_OPEN)
			rows_once.secret[instructions[i]] = (uint8_t)command_table[i].secret;
}

/* TS 102 221 10.1.1: channels 4 to 19 have a form of their own */
static uint8_t basic_form(uint8_t cla)
{
	return cla & CLA_FURTHER_CHANNEL ? cla & CLA_PROPRIETARY : cla;
}

bool command_has_class(const struct command *c, uint8_t cla)
{
	return (basic_form(cla) & c->cla_mask) == c->cla;
}

/* Of the rows that fit, the one that asks for most of P1. */
static const struct command *find_row(uint8_t cla, uint8_t ins, uint8_t p1)
{
	const struct command *found = NULL;
	uint8_t basic = basic_form(cla);

	if (apdu_channel(cla) < 0)
		return NULL;
	pthread_once(&rows_once.guard, find_rows);
	for (size_t i = rows_once.first[ins]; i < COMMAND_COUNT; i = rows_once.next[i]) {
		const struct command *c = &command_table[i];

		if ((basic & c->cla_mask) == c->cla && c->least_p1 <= p1 &&
		    (!found || c->least_p1 > found->least_p1))
			found = c;
	}
	return found;
}

const struct command *command_find(uint8_t cla, uint8_t ins)
{
	return find_row(cla, ins, 0);
}

const struct command *command_of(const struct apdu *a)
{
	return find_row(a->cla, a->ins, a->p1);
}

enum command_secret command_hides(uint8_t ins)
{
	pthread_once(&rows_once.guard, find_rows);
	return (enum command_secret)rows_once.secret[ins];
}

struct apdu command_apdu(enum command_id id, unsigned channel)
{
	const struct command *c = &command_table[id];

	return (struct apdu){.cla = apdu_cla(c->cla, channel), .ins = c->ins};
}

bool command_fits(const struct command *c, const struct apdu *a)
{
	switch (c->kind) {
	case COMMAND_CASE_1: return !a->data.len && (!a->has_le || apdu_asks_all(a));
	case COMMAND_CASE_2: return !a->data.len && a->has_p3;
	case COMMAND_CASE_3: return a->data.len && !a->has_le;
	case COMMAND_CASE_4: return a->data.len != 0;
	case COMMAND_CASE_3_OR_1: return a->data.len ? !a->has_le : !a->has_le || apdu_asks_all(a);
	case COMMAND_CASE_4_OR_1:
	case COMMAND_CASE_ANY: return true;
	}
	return false;
}
