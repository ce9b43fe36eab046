/* lines: orders by standard input, for simulators that a script tells what to do. */
#ifndef TWINKEY_TESTS_PN532_LINES_H
#define TWINKEY_TESTS_PN532_LINES_H

#include <stdbool.h>

/* Reads what is there, once; each whole line goes to obey. False: standard input has ended. */
bool lines_hear(void (*obey)(void *ctx, char *line), void *ctx);

#endif
