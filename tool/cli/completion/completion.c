#include "tool/cli/completion/completion.h"

#include <string.h>

#include "lib/base/bytes.h"
#include "tool/cli/completion/shell.h"

static const struct {
	const char *name;
	void (*write)(const struct part_script *s);
} shells[] = {{"bash", bash_write}, {"zsh", zsh_write}, {"fish", fish_write}};

bool completion_write(const struct tool_program *p, const struct tool_option *common,
		      const char *shell, FILE *to)
{
	struct part_script s = {.to = to, .program = p, .common = common};

	snprintf(s.function, sizeof(s.function), "_%s", p->name);
	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		if (strcmp(shells[i].name, shell) == 0) {
			shells[i].write(&s);
			return true;
		}
	}
	return false;
}
