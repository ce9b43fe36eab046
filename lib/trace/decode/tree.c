#include "lib/trace/decode/tree.h"

#include <stdarg.h>
#include <stdio.h>

#define VALUE_CAP 256

void tree_open(const struct tree *t, const char *key, const char *name, struct slice raw)
{
	t->open(t->ctx, &(struct tree_node){.key = key, .name = name, .raw = raw});
}

void tree_close(const struct tree *t)
{
	t->close(t->ctx);
}

void tree_leaf(const struct tree *t, const struct tree_node *node, const char *value, ...)
{
	struct tree_node n = *node;
	char text[VALUE_CAP];
	va_list ap;

	va_start(ap, value);
	vsnprintf(text, sizeof(text), value, ap);
	va_end(ap);
	n.value = text;
	t->open(t->ctx, &n);
	t->close(t->ctx);
}
