#include "tests/property/net/events.h"

#include <inttypes.h>
#include <stdio.h>

#include "host/operator/policy/decide.h"

struct events_counts counts;

static const struct event {
	const char *name;
	void (*happen)(void);
	uint64_t *count;
	unsigned weight;
} table[] = {
#define EVENT_ROW(name, weight) {#name, event_##name, &counts.of_##name, weight},
	EVENT_TABLE(EVENT_ROW)};

void counts_add(struct events_counts *sum, const struct events_counts *one)
{
#define OUTCOME_ADD(name)	sum->name += one->name;
#define EVENT_ADD(name, weight) sum->of_##name += one->of_##name;
	OUTCOME_TABLE(OUTCOME_ADD)
	EVENT_TABLE(EVENT_ADD)
}

void counts_print(const char *name, const struct events_counts *c)
{
#define OUTCOME_PRINT(name)	  printf(" %" PRIu64 " " #name, c->name);
#define EVENT_PRINT(name, weight) printf(" %" PRIu64 " " #name, c->of_##name);
	printf("%s:", name);
	OUTCOME_TABLE(OUTCOME_PRINT)
	printf("\n%s: events:", name);
	EVENT_TABLE(EVENT_PRINT)
	printf("\n");
}

static const struct event *pick_event(void)
{
	static unsigned all;
	unsigned at;

	if (!all)
		for (size_t i = 0; i < ARRAY_LEN(table); i++)
			all += table[i].weight;
	at = dice(all);
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (at < table[i].weight)
			return &table[i];
		at -= table[i].weight;
	}
	return &table[0];
}

static void happen(const struct event *e)
{
	dice_note("%s", e->name);
	e->happen();
	++*e->count;
	counts.events++;
	w.drive->pass(100);
}

static void happen_one(void)
{
	happen(pick_event());
}

/* Everything is there and good; a station where nobody is in between. */
static void make_good(void)
{
	bool was = w.drive->gateway_is_up() && air.up && !air.mute;

	if (w.drive->kernel_break)
		w.drive->kernel_break(false);
	air.mute = false;
	w.drive->gateway_hang(false);
	if (!air.up)
		w.drive->hostapd(true, true);
	w.drive->gateway_start();
	for (unsigned i = 0; i < WORLD_STATIONS; i++)
		w.lease[i] = (struct lease_of){.last_octet = 10 + i};
	world_write_leases();
	w.drive->pass(was ? 100 : 1300);
}

static void pass_factor(struct world_subscriber *s, enum factor_kind kind)
{
	const struct subscriber_event ev = {.kind = EVENT_FACTOR,
					    .actor = "provider",
					    .evidence = "his word",
					    .now = world_now(),
					    .valid_s = 600};

	w.changed = true;
	if (factor_pass(w.store, s->id, kind, &ev, NULL) == ERR_OK)
		world_passed(s, kind);
}

static void set_wants(struct factor_wants wants)
{
	CHECK(factor_wants_set(w.store, &wants, "chaos", world_now()) == ERR_OK, "a policy");
	w.wants = wants;
	w.changed = true;
}

/* Two people's words, now and then of one and the same. */
static void approve_by_two(struct world_subscriber *s)
{
	set_wants((struct factor_wants){.kinds = FACTOR_BIT(FACTOR_AGENT), .four_eyes = true});
	events_word(s, 0, false);
	events_word(s, dice(4) ? 1 : 0, false);
}

/* One factor, or two of which the second is forgotten now and then. */
static void approve(struct world_subscriber *s)
{
	unsigned how = dice(5);

	if (s->locked)
		event_unlock();
	if (s->locked)
		return;
	if (how == 0) {
		approve_by_two(s);
	} else if (how < 3) {
		set_wants(FACTOR_WANTS_ONE);
		pass_factor(s, FACTOR_PROVIDER);
	} else {
		set_wants((struct factor_wants){.all = true,
						.kinds = FACTOR_BIT(FACTOR_AGENT) |
							 FACTOR_BIT(FACTOR_PROVIDER)});
		pass_factor(s, dice(2) ? FACTOR_PROVIDER : FACTOR_AGENT);
		if (dice_once_in(8))
			return;
		pass_factor(s, FACTOR_AGENT);
		pass_factor(s, FACTOR_PROVIDER);
	}
}

/* So long that what was passed before counts no more. */
static void be_late(void)
{
	if (!w.drive->real && dice_once_in(16))
		w.skew_s += 700;
}

static void between(unsigned at, unsigned when)
{
	if (at == when)
		happen_one();
	else
		w.drive->pass(100);
}

/* As far as somebody is asked for more. */
static void attach_through(unsigned station, unsigned number)
{
	events_attach(station, number);
	air_let_in(station);
	w.drive->pass(100);
	for (unsigned i = 0; i < 2 && !air.station[station].settled; i++) {
		air_finish(station);
		air_let_in(station);
		w.drive->pass(100);
	}
}

/* Chance alone seldom makes a release. What must be open is open, where nothing came between. */
static void run_release(struct world_subscriber *s)
{
	unsigned when = dice(8), number = (unsigned)(s - w.sub), station = events_station();
	bool alone = when > 4, given;

	dice_note("a release of %u at %u, %s", number, station, alone ? "alone" : "and one thing");
	make_good();
	w.at[station].clone = false;
	w.at[station].method = HOSTAPD_AKA;
	attach_through(station, number);
	between(0, when);
	if (alone && (s->row.state == STATE_LIMITED || s->row.state == STATE_VERIFIED)) {
		CHECK(world_may(station, false) == ACCESS_LIMITED, "limited access after RES 1");
		counts.limited++;
	}
	be_late();
	approve(s);
	be_late();
	between(1, when);
	given = events_grant(s, false);
	between(2, when);
	events_deliver(s);
	between(3, when);
	attach_through(station, number);
	between(4, when);
	if (given && alone) {
		CHECK(s->row.state == STATE_ACTIVE && world_may(station, false) == ACCESS_FULL,
		      "full access after the whole way");
		counts.whole_releases++;
	}
}

/* By the operator's word, or because it was suspended; some grants are lost, and rolled back. */
static void run_rotation(struct world_subscriber *s)
{
	uint64_t before = counts.whole_releases;
	bool begun;

	if (s->row.state != STATE_ACTIVE || !s->card.on_second)
		return;
	if (dice(3))
		begun = events_edge(s, EVENT_ROTATE);
	else
		begun = events_edge(s, EVENT_SUSPEND) && events_edge(s, EVENT_RESUME);
	if (begun && dice(4) == 0) {
		run_release(s);
		(void)events_edge(s, EVENT_ROTATE);
		attach_through(events_station(), (unsigned)(s - w.sub));
		approve(s);
		if (events_grant(s, true))
			(void)events_edge(s, EVENT_ROLL_BACK);
	}
	if (begun)
		run_release(s);
	counts.whole_rotations += counts.whole_releases > before;
}

/* Its card lost its power, and with it a K2 in volatile memory. */
static void run_return(struct world_subscriber *s)
{
	if (!s->modes.in_memory || s->row.state != STATE_ACTIVE)
		return;
	s->card.on_second = false;
	run_release(s);
}

void events_run(unsigned events)
{
	struct world_subscriber *s = events_subscriber();

	if (dice(2))
		run_release(s);
	if (dice(3) == 0)
		run_return(s);
	if (dice(3) == 0)
		run_return(s);
	if (dice(4) == 0)
		run_rotation(s);
	for (unsigned i = 0; i < events; i++)
		happen_one();
	counts.orders++;
}
