/*
 * eligible: whether an eUICC could take a profile, by what both say of themselves (SGP.22 2.9,
 * 5.6.3). It is the eUICC that decides when it installs; what is told here spares a download that
 * can't end well. So what is not told, or not understood, is no reason to refuse.
 */
#ifndef TWINKEY_OPERATOR_SMDP_ELIGIBLE_H
#define TWINKEY_OPERATOR_SMDP_ELIGIBLE_H

#include "host/operator/smdp/fault.h"
#include "lib/base/bytes.h"

struct inventory_needs;

/*
 * metadata: BF25; info2: BF22. SMDP_FAULT_COUNT: nothing speaks against it;
 * SMDP_FAULT_NOT_ELIGIBLE: the eUICC forbids one of the profile's rules, or lacks a service;
 * SMDP_FAULT_MEMORY: it tells its free memory (not 0), and that is less than half of the package. A
 * package has tags, lengths and names of files beside the contents, and an eUICC may keep these
 * more tightly: half is what no eUICC could do with.
 */
enum smdp_fault_cause smdp_eligible(const struct inventory_needs *needs, struct slice metadata,
				    struct slice info2);

#endif
