/*
 * shell: the script of each shell. For tool/cli/completion/completion.c.
 */
#ifndef TWINKEY_TOOL_COMPLETION_SHELL_H
#define TWINKEY_TOOL_COMPLETION_SHELL_H

#include "tool/cli/completion/part.h"

void bash_write(const struct part_script *s);
void zsh_write(const struct part_script *s);
void fish_write(const struct part_script *s);

#endif
