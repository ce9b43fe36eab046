/*
 * formats: the table of the formats that there are.
 */
#ifndef TWINKEY_OPERATOR_EXCHANGE_FORMATS_H
#define TWINKEY_OPERATOR_EXCHANGE_FORMATS_H

#include "host/operator/exchange/format.h"

size_t exchange_format_count(void);
const struct exchange_format *exchange_format_at(size_t i);
/* NULL: no format has this name. */
const struct exchange_format *exchange_format_named(const char *name);
/* The one that it looks like; NULL: none. */
const struct exchange_format *exchange_format_of(const struct exchange_input *in);

#endif
