/*
 * voice: the program that speaks. For tool/cli/say.c and program.c alone.
 */
#ifndef TWINKEY_TOOL_VOICE_H
#define TWINKEY_TOOL_VOICE_H

#include <stdbool.h>

struct cancel;

struct voice {
	const char *program;
	const char *command; /* NULL: none runs yet */
	bool json;
	unsigned timeout_s; /* of --timeout */
	struct cancel *cancel;
	int output_errno; /* of the first write to standard output that failed; 0: none */
};
extern struct voice voice;

/* Who reads standard output had enough, as head(1) has. */
bool voice_is_unheard(void);

#endif
