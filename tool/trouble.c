#include "tool/trouble.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char text[512];

void trouble_set(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
}

void trouble_forget(void)
{
	text[0] = 0;
}

const char *trouble_text(void)
{
	return text;
}
