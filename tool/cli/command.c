#include "tool/cli/command.h"

#include <assert.h>
#include <string.h>

size_t command_join(const struct tool_table *tables, size_t n, struct tool_command *out, size_t cap)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		assert(tables[i].count <= cap - count);
		memcpy(&out[count], tables[i].rows, tables[i].count * sizeof(*out));
		count += tables[i].count;
	}
	return count;
}
