#include "tests/unit/support/freed.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <execinfo.h>
#include <unistd.h>

#include "tests/unit/support/leak.h"

#define WATCHED_MAX 16
#define NEEDLE_MAX  256
#define FRAMES	    12
#define TOLD_MAX    8

static struct {
	const char *name;
	struct wbuf needles[LEAK_FORMS];
	uint8_t octets[LEAK_FORMS][NEEDLE_MAX];
} watched[WATCHED_MAX];
static atomic_uint watched_count, found;

void freed_watch(const char *name, struct slice secret)
{
	unsigned at = watched_count;
	void *frames[FRAMES];

	if (at == WATCHED_MAX || secret.len > NEEDLE_MAX / 2)
		abort();
	backtrace(frames, FRAMES); /* the first one allocates */
	watched[at].name = name;
	for (unsigned form = 0; form < LEAK_FORMS; form++) {
		struct wbuf *w = &watched[at].needles[form];

		*w = wbuf_init(watched[at].octets[form], NEEDLE_MAX);
		if (leak_put(w, secret, (enum leak_form)form))
			abort();
	}
	watched_count = at + 1;
}

unsigned freed_found(void)
{
	watched_count = 0;
	return atomic_exchange(&found, 0);
}

#if defined(__SANITIZE_ADDRESS__)
bool freed_can_see(void)
{
	return false;
}
#else
bool freed_can_see(void)
{
	return true;
}

static _Thread_local bool looking;

static void tell(const char *name, enum leak_form form, size_t size)
{
	void *frames[FRAMES];
	int n = backtrace(frames, FRAMES);

	if (found++ >= TOLD_MAX)
		return;
	fprintf(stderr, "\n%s (%s) in a block of %zu octets that is freed\n", name,
		leak_form_name(form), size);
	backtrace_symbols_fd(frames, n, STDERR_FILENO);
}

static void look(const void *block)
{
	size_t size = block && watched_count && !looking
			      ? malloc_usable_size((void *)(uintptr_t)block)
			      : 0;

	if (!size)
		return;
	looking = true;
	for (unsigned i = 0; i < watched_count; i++) {
		for (unsigned form = 0; form < LEAK_FORMS; form++) {
			const struct wbuf *w = &watched[i].needles[form];

			if (memmem(block, size, w->ptr, w->len)) {
				tell(watched[i].name, (enum leak_form)form, size);
				break;
			}
		}
	}
	looking = false;
}

/* In the place of libc's, for the libraries too. */
void __libc_free(void *p);
void *__libc_realloc(void *p, size_t n);

void free(void *p)
{
	look(p);
	__libc_free(p);
}

/* A block that moves is freed where it was. */
void *realloc(void *p, size_t n)
{
	size_t old = p ? malloc_usable_size(p) : 0;
	void *moved;

	if (!watched_count || looking || !old || n <= old)
		return __libc_realloc(p, n);
	moved = malloc(n);
	if (moved) {
		memcpy(moved, p, old);
		free(p);
	}
	return moved;
}
#endif
