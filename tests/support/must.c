#include "tests/support/must.h"

#include <stdio.h>
#include <stdlib.h>

void must(bool holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, what);
	abort();
}
