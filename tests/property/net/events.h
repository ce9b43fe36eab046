/*
 * events: what can happen in a world (world.h): on the module's side, at the operator's, to the
 * machines in between. An order is some of them by chance, now and then a whole release in its
 * order with one thing in between.
 */
#ifndef TWINKEY_TESTS_PROPERTY_EVENTS_H
#define TWINKEY_TESTS_PROPERTY_EVENTS_H

#include "tests/property/net/world.h"

/* X(name, weight): each one's count is in events_counts */
#define EVENT_TABLE_MODULE(X)                                                                      \
	X(attach, 12)                                                                              \
	X(attach_elsewhere, 3)                                                                     \
	X(attach_wrong_name, 3)                                                                    \
	X(attach_pseudonym, 1)                                                                     \
	X(attach_radius, 2)                                                                        \
	X(begin, 4)                                                                                \
	X(finish, 5)                                                                               \
	X(let_in, 6) X(log_off, 2) X(disconnect, 2) X(power_off, 3) X(spoof, 4) X(swap_leases, 2)
#define EVENT_TABLE_OPERATOR(X)                                                                    \
	X(agent, 5)                                                                                \
	X(identity, 2)                                                                             \
	X(code, 4)                                                                                 \
	X(wrong_code, 3)                                                                           \
	X(sent, 3)                                                                                 \
	X(wrong_sent, 2)                                                                           \
	X(lock, 1)                                                                                 \
	X(unlock, 1)                                                                               \
	X(wants, 3)                                                                                \
	X(settings, 1)                                                                             \
	X(grant, 7)                                                                                \
	X(grant_again, 1)                                                                          \
	X(deliver, 4)                                                                              \
	X(result, 3)                                                                               \
	X(result_failed, 2)                                                                        \
	X(as_profile, 1)                                                                           \
	X(reissue, 1)                                                                              \
	X(suspend, 2)                                                                              \
	X(resume, 4) X(rotate, 4) X(roll_back, 3) X(move, 1) X(attach_by_api, 2) X(wrong_res, 1)
#define EVENT_TABLE_MACHINE(X)                                                                     \
	X(wait, 4)                                                                                 \
	X(wait_long, 1)                                                                            \
	X(clock, 1)                                                                                \
	X(gateway_kill, 2)                                                                         \
	X(gateway_stop, 1)                                                                         \
	X(gateway_start, 4)                                                                        \
	X(gateway_hang, 1)                                                                         \
	X(gateway_go_on, 3)                                                                        \
	X(hostapd_end, 1)                                                                          \
	X(hostapd_kill, 1)                                                                         \
	X(hostapd_start, 3)                                                                        \
	X(hostapd_mute, 1) X(kernel_break, 1) X(store_busy, 1) X(ask, 3) X(quiet, 2)
#define EVENT_TABLE(X)		    EVENT_TABLE_MODULE(X) EVENT_TABLE_OPERATOR(X) EVENT_TABLE_MACHINE(X)

#define EVENT_DECLARE(name, weight) void event_##name(void);
EVENT_TABLE(EVENT_DECLARE)

/* What came of them. */
#define OUTCOME_TABLE(X)                                                                           \
	X(orders)                                                                                  \
	X(events)                                                                                  \
	X(limited)                                                                                 \
	X(full)                                                                                    \
	X(refused_runs)                                                                            \
	X(grants)                                                                                  \
	X(refused_grants)                                                                          \
	X(grants_verified) X(rotated) X(whole_releases) X(whole_rotations) X(checks) X(quiet_checks)
#define EVENT_FIELD(name, weight) uint64_t of_##name;
#define OUTCOME_FIELD(name)	  uint64_t name;
extern struct events_counts {
	OUTCOME_TABLE(OUTCOME_FIELD)
	EVENT_TABLE(EVENT_FIELD)
} counts;
void counts_add(struct events_counts *sum, const struct events_counts *one);
/* One line of outcomes, one of events. */
void counts_print(const char *name, const struct events_counts *c);

/* An order of so many events; the world has begun it. */
void events_run(unsigned events);

/* For the files of events: by chance. */
struct world_subscriber *events_subscriber(void);
unsigned events_station(void);
/* A card comes in at a station, and its run ends. */
void events_attach(unsigned station, unsigned subscriber);
/* The word of one of two agents, of this subscriber; or what he says of a document. */
void events_word(struct world_subscriber *s, unsigned agent, bool document);
/* Of this subscriber, with all that has to be. */
bool events_grant(struct world_subscriber *s, bool lost);
void events_deliver(struct world_subscriber *s);
/* subscriber_event() of the operator's, and what it does to the factors. */
bool events_edge(struct world_subscriber *s, enum subscriber_event_kind kind);

#endif
