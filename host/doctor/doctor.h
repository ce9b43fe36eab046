/*
 * doctor: looks at each link of the chain from the kernel to the card and to an activation code's
 * server, and says of each whether it is good, or what mends it. Changes nothing.
 */
#ifndef TWINKEY_HOST_DOCTOR_H
#define TWINKEY_HOST_DOCTOR_H

#include "host/doctor/plan.h"

extern const struct doctor_ways doctor_real_ways;

/* Each link in its order, to p->each(). ERR_CANCELLED, ERR_MEMORY. */
enum err doctor_run(const struct doctor_plan *p, unsigned *troubles) MUST_CHECK;

#endif
