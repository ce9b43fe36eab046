#include "card-emu/cmd/without.h"

#include <string.h>

int cmd_without_set(const char *text, uint32_t *without)
{
	const char *bad;

	if (!text || services_parse(text, without, &bad) == ERR_OK)
		return TOOL_OK;
	return tool_usage("--without: '%.*s' is no service (--help names them)",
			  (int)strcspn(bad, ","), bad);
}
