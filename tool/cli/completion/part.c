#include "tool/cli/completion/part.h"

#include <stdbool.h>
#include <string.h>

#include "lib/base/bytes.h"

/* Both have the same first len octets, and a word ends there. */
static bool begins_alike(const char *name, const char *path, size_t len)
{
	return strncmp(name, path, len) == 0 && (!len || name[len] == ' ' || !name[len]);
}

/* No command above this one begins with the same len octets. */
static bool is_first(const struct tool_program *p, size_t i, size_t len)
{
	for (size_t k = 0; k < i; k++) {
		if (begins_alike(p->commands[k].name, p->commands[i].name, len))
			return false;
	}
	return true;
}

static const struct tool_command *command_at(const struct tool_program *p, const char *path,
					     size_t len)
{
	for (size_t i = 0; i < p->command_count; i++) {
		if (strlen(p->commands[i].name) == len &&
		    strncmp(p->commands[i].name, path, len) == 0)
			return &p->commands[i];
	}
	return NULL;
}

void part_each_place(const struct part_script *s,
		     void (*each)(const struct part_script *s, const struct part_place *at))
{
	const struct tool_program *p = s->program;

	each(s, &(struct part_place){.path = ""});
	for (size_t i = 0; i < p->command_count; i++) {
		const char *name = p->commands[i].name;

		for (size_t len = strcspn(name, " ");; len += 1 + strcspn(name + len + 1, " ")) {
			if (is_first(p, i, len))
				each(s, &(struct part_place){name, len, command_at(p, name, len)});
			if (!name[len])
				break;
		}
	}
}

/* The words that follow a group, parted by commas; as many as there is room for. */
static void list_group(const struct tool_program *p, const char *group, size_t len,
		       char out[static PART_ABOUT_MAX])
{
	size_t used = 0;

	*out = 0;
	for (size_t i = 0; i < p->command_count; i++) {
		const char *name = p->commands[i].name;
		const char *word = name + len + 1;

		if (!begins_alike(name, group, len) || !name[len] ||
		    used + strlen(word) + sizeof(", ") > PART_ABOUT_MAX)
			continue;
		used += (size_t)snprintf(out + used, PART_ABOUT_MAX - used, "%s%s",
					 used ? ", " : "", word);
	}
}

void part_each_next(const struct part_script *s, const struct part_place *at,
		    void (*each)(const struct part_script *s, const struct part_place *at,
				 const char *word, const char *about))
{
	const struct tool_program *p = s->program;
	size_t start = at->len ? at->len + 1 : 0;

	for (size_t i = 0; i < p->command_count; i++) {
		const char *name = p->commands[i].name;
		const struct tool_command *c;
		char word[PART_NAME_MAX], about[PART_ABOUT_MAX];
		size_t len;

		if (!begins_alike(name, at->path, at->len) || strlen(name) <= at->len)
			continue;
		len = start + strcspn(name + start, " ");
		if (!is_first(p, i, len))
			continue;
		c = command_at(p, name, len);
		list_group(p, name, len, about);
		snprintf(word, sizeof(word), "%.*s", (int)(len - start), name + start);
		each(s, at, word, c ? c->summary : about);
	}
}

enum part_kind part_kind(const char *arg)
{
	static const struct {
		const char *name;
		enum part_kind kind;
	} known[] = {{"FILE", PART_FILE},  {"PATH", PART_FILE},	    {"SOCKET", PART_FILE},
		     {"DIR", PART_FOLDER}, {"FOLDER", PART_FOLDER}, {"COMMAND", PART_COMMAND}};

	if (!arg)
		return PART_FLAG;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strcmp(arg, known[i].name) == 0)
			return known[i].kind;
	}
	return strchr(arg, '|') && !arg[strspn(arg, "abcdefghijklmnopqrstuvwxyz0123456789-|")]
		       ? PART_WORDS
		       : PART_OTHER;
}

const char *part_first_argument(const struct tool_command *c, char out[static PART_NAME_MAX])
{
	const char *first = c->args + strspn(c->args, "[- ");

	snprintf(out, PART_NAME_MAX, "%.*s", (int)strcspn(first, " .]"), first);
	return *out ? out : NULL;
}

void part_put_escaped(FILE *to, const char *text, const char *these, const char *back)
{
	for (; *text; text++) {
		if (strchr(these, *text))
			fputs(back, to);
		fputc(*text, to);
	}
}

void part_put_words(FILE *to, const char *arg)
{
	for (; *arg; arg++)
		fputc(*arg == '|' ? ' ' : *arg, to);
}

void part_put_script(const struct part_script *s, const char *script)
{
	for (; *script; script++) {
		if (*script == '@' && strchr("(_ ", script[1]))
			fputs(s->function, s->to);
		else
			fputc(*script, s->to);
	}
}
