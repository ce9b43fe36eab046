#include "host/operator/exchange/formats.h"

#include <string.h>

/* CSV takes what is nothing else: it is last. */
static const struct exchange_format *const formats[] = {&exchange_osmo_hlr,	&exchange_open5gs,
							&exchange_free5gc,	&exchange_pyhss,
							&exchange_pyhss_sqlite, &exchange_csv};

size_t exchange_format_count(void)
{
	return ARRAY_LEN(formats);
}

const struct exchange_format *exchange_format_at(size_t i)
{
	return formats[i];
}

const struct exchange_format *exchange_format_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

const struct exchange_format *exchange_format_of(const struct exchange_input *in)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (formats[i]->is_it(in))
			return formats[i];
	return NULL;
}
