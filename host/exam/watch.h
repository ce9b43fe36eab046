/*
 * watch: an observer of all that passes to and from the card: how long each command takes, what the
 * last ones were, and the end of one that takes too long.
 */
#ifndef TWINKEY_HOST_EXAM_WATCH_H
#define TWINKEY_HOST_EXAM_WATCH_H

#include "host/exam/exam.h"
#include "host/transport/observe.h"

struct cancel;
struct watch;

/*
 * A command that takes longer than limit_ms is ended by a wish of cancel (which the transport
 * hears), and watch_is_hung() is true from then on. ERR_MEMORY.
 */
enum err watch_open(struct cancel *cancel, unsigned limit_ms, struct watch **out) MUST_CHECK;
void watch_close(struct watch **w);
struct transport_observer watch_observer(struct watch *w);

bool watch_is_hung(struct watch *w);
/* The card gets another chance: false from now on, until a command takes too long again. */
void watch_forgive(struct watch *w);
/* What has passed is no evidence of what comes now. */
void watch_forget(struct watch *w);
/* The last exchanges since then, oldest first; gives how many. */
size_t watch_last(const struct watch *w, struct exam_exchange out[static EXAM_EXCHANGES]);
/* Authentications that the card has done, or refused for what they were (98xx). */
unsigned watch_authentications(const struct watch *w);
/* How long the slowest command took of those that only select and read, and its name. */
uint32_t watch_slowest(const struct watch *w, const char **name);

/* By name, of all that was watched; *out lives as long as the watch. Call it once, at the end. */
size_t watch_timings(struct watch *w, const struct exam_timing **out);

#endif
