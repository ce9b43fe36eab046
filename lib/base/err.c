#include "lib/base/err.h"

static const struct {
	const char *name, *text, *hint;
} err_table[] = {
#define ERR_ROW(name, text, hint) {#name, text, hint},
	ERR_TABLE(ERR_ROW)
#undef ERR_ROW
};

static unsigned err_row(enum err e)
{
	return (unsigned)e < ERR_COUNT ? (unsigned)e : (unsigned)ERR_VALUE;
}

const char *err_name(enum err e)
{
	return err_table[err_row(e)].name;
}

const char *err_text(enum err e)
{
	return err_table[err_row(e)].text;
}

const char *err_hint(enum err e)
{
	return err_table[err_row(e)].hint;
}
