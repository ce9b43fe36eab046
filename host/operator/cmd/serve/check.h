/*
 * check: --check-config: everything that serve would need is looked at, and nothing is changed.
 */
#ifndef TWINKEY_OPERATOR_SERVE_CHECK_H
#define TWINKEY_OPERATOR_SERVE_CHECK_H

#include "host/operator/cmd/serve/options.h"

/* Folder, places, files, and options beside one another. passed: as serve_options_judge() has it.
 */
void serve_check_all(struct serve_faults *f, unsigned passed);

#endif
