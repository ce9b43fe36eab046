/*
 * challenge: the key of a tester's own card, as an examination uses it: challenges are made and
 * answers judged here, and the key goes nowhere else.
 */
#ifndef TWINKEY_HOST_CMD_CHALLENGE_H
#define TWINKEY_HOST_CMD_CHALLENGE_H

#include "host/exam/plan.h"

struct cmd_challenger;

/*
 * Opens --key-file (host/cmd/shared/keyfile.h), whose name is borrowed. On failure it has said why,
 * and the value is the exit code.
 */
int cmd_challenger_open(const char *path, struct cmd_challenger **out) MUST_CHECK;
struct exam_keys cmd_challenger_keys(struct cmd_challenger *c);
void cmd_challenger_close(struct cmd_challenger **c);

#endif
