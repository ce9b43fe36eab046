#include "tool/sys/trouble.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char text[512];
static _Thread_local enum err of;

enum err trouble_set(enum err e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	of = e;
	return e;
}

void trouble_forget(void)
{
	text[0] = 0;
}

const char *trouble_of(enum err e)
{
	return e == of ? text : "";
}

const char *trouble_text(void)
{
	return text;
}
