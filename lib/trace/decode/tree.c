#include "lib/trace/decode/tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define VALUE_CAP 512

void tree_open(const struct tree *t, const char *key, const char *name, struct slice raw)
{
	t->open(t->ctx, &(struct tree_node){.key = key, .name = name, .raw = raw});
}

void tree_close(const struct tree *t)
{
	t->close(t->ctx);
}

/* Drops the character of UTF-8 at the end that may have lost octets. */
static void cut_character(char text[static VALUE_CAP])
{
	size_t n = VALUE_CAP - 1;

	while (n && (text[n - 1] & 0xC0) == 0x80)
		n--;
	if (n && text[n - 1] & 0x80)
		n--;
	text[n] = 0;
}

/* By itself: room for a text is a cost, which is not for those who want none. */
static __attribute__((noinline, format(printf, 3, 0))) void
write_leaf(const struct tree *t, struct tree_node *n, const char *value, va_list ap)
{
	char text[VALUE_CAP];

	if (vsnprintf(text, sizeof(text), value, ap) >= (int)sizeof(text))
		cut_character(text);
	n->value = text;
	t->open(t->ctx, n);
	t->close(t->ctx);
}

void tree_leaf(const struct tree *t, const struct tree_node *node, const char *value, ...)
{
	struct tree_node n;
	va_list ap;

	if (t->wordless) {
		t->open(t->ctx, node);
		t->close(t->ctx);
		return;
	}
	n = *node;
	va_start(ap, value);
	if (strcmp(value, "%s") != 0) {
		write_leaf(t, &n, value, ap);
	} else { /* by far the most */
		n.value = va_arg(ap, const char *);
		t->open(t->ctx, &n);
		t->close(t->ctx);
	}
	va_end(ap);
}
