/*
 * flows: connections of a module that the kernel follows. Their packets pass the gate's rules one
 * by one all the same (gate.h); what is forgotten here cannot go on when access comes back.
 */
#ifndef TWINKEY_OPERATOR_FLOWS_H
#define TWINKEY_OPERATOR_FLOWS_H

#include <stdint.h>

#include "lib/base/err.h"

/* Those from this address (host order), or to it. ERR_PERMISSION, ERR_IO. */
enum err flows_drop(uint32_t address) MUST_CHECK;

#endif
