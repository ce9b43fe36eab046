#include "tests/unit/support/spoken.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

#define KEY_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-"
#define LINE_CAP    1024

static void say(struct spoken *t, const char *text)
{
	int n = snprintf(t->text + t->len, sizeof(t->text) - t->len, "%s", text);

	t->len += (size_t)n;
	if (t->len >= sizeof(t->text))
		t->len = sizeof(t->text) - 1;
}

/* The mark in octets, or in digits of either order */
static bool has_secret(const struct tree_node *node)
{
	for (size_t i = 0; i < node->raw.len; i++) {
		if (slice_at(node->raw, i) == SPOKEN_SECRET)
			return true;
	}
	return node->value && (strstr(node->value, "A7A7") || strstr(node->value, "a7a7") ||
			       strstr(node->value, "7A7A") || strstr(node->value, "7a7a"));
}

static void open_node(void *ctx, const struct tree_node *node)
{
	struct spoken *t = ctx;

	CU_ASSERT_FATAL(node->name && node->key && t->depth < SPOKEN_DEPTH);
	CU_ASSERT(*node->key && strspn(node->key, KEY_LETTERS) == strlen(node->key));
	CU_ASSERT(*node->name != 0);
	t->path[t->depth] = strlen(t->at);
	if (t->depth++)
		snprintf(t->at + strlen(t->at), sizeof(t->at) - strlen(t->at), "%s%s",
			 *t->at ? "." : "", node->key);
	say(t, t->at);
	say(t, "=");
	say(t, node->value ? node->value : "");
	say(t, node->fault ? " !" : "");
	say(t, node->fault ? node->fault : "");
	say(t, "\n");
	t->faults += node->fault ? 1 : 0;
	t->leaked = t->leaked || has_secret(node);
}

static void close_node(void *ctx)
{
	struct spoken *t = ctx;

	CU_ASSERT_FATAL(t->depth > 0);
	t->at[t->path[--t->depth]] = 0;
}

struct tree spoken_begin(struct spoken *t)
{
	t->len = 0;
	t->text[0] = t->at[0] = 0;
	t->depth = t->faults = 0;
	t->leaked = false;
	return (struct tree){.open = open_node, .close = close_node, .ctx = t};
}

bool spoken_has(const struct spoken *t, const char *line)
{
	size_t n = strlen(line);

	for (const char *at = strstr(t->text, line); at; at = strstr(at + 1, line)) {
		if ((at == t->text || at[-1] == '\n') && at[n] == '\n')
			return true;
	}
	return false;
}

void spoken_expect(const struct spoken *t, const char *lines, const char *what)
{
	while (*lines) {
		size_t n = strcspn(lines, ";");
		char line[LINE_CAP];
		bool found;

		snprintf(line, sizeof(line), "%.*s", (int)n, lines);
		found = spoken_has(t, line);
		CU_ASSERT(found);
		if (!found)
			fprintf(stderr, "%s: wanted %s\ngot:\n%s", what, line, t->text);
		lines += n + (lines[n] == ';');
	}
}
