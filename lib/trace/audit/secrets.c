#include "lib/trace/audit/secrets.h"

#include "lib/auth/published.h"
#include "lib/trace/search/search.h"

/* Published keys have numbers behind those of any file: a K and an OPc for each of lib/auth's, and
 * the one below. */
#define PUBLISHED_FIRST NEEDLES_MAX
#define K_OF(i)		(PUBLISHED_FIRST + 2 * (unsigned)(i))
#define OPC_OF(i)	(K_OF(i) + 1)

/* GlobalPlatform's Common Implementation Configuration: initial keys */
static const uint8_t default_key[] = {0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,
				      0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F};

static enum err add_key(struct search *s, unsigned needle, struct slice key)
{
	const struct search_value v = {.needle = needle, .kind = SEARCH_OCTETS, .value = key};
	enum err e = key.len ? search_add(s, &v) : ERR_OK;

	return e == ERR_VALUE ? ERR_OK : e; /* it would be met by chance */
}

static enum err add_published(struct search *s)
{
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < aka_published_count(); i++) {
		struct aka_parameters p;

		(void)aka_published(i, &p);
		e = add_key(s, K_OF(i), p.k);
		if (!e && !slice_is_zero(p.opc))
			e = add_key(s, OPC_OF(i), p.opc);
	}
	return e ? e : add_key(s, K_OF(aka_published_count()), SLICE_OF(default_key));
}

enum err audit_secrets_open(struct slice text, struct audit_secrets *out,
			    struct needles_fault *fault)
{
	enum err e;

	*out = (struct audit_secrets){0};
	*fault = (struct needles_fault){0};
	e = search_open(&out->search);
	if (!e && text.len)
		e = needles_read(text, out->search, &out->given, fault);
	if (!e)
		e = add_published(out->search);
	return e;
}

void audit_secrets_close(struct audit_secrets *s)
{
	needles_close(&s->given);
	search_close(&s->search);
}

const char *audit_secrets_published(unsigned needle)
{
	struct aka_parameters p;

	if (needle < PUBLISHED_FIRST)
		return NULL;
	return needle < K_OF(aka_published_count())
		       ? aka_published((needle - PUBLISHED_FIRST) / 2, &p)
		       : "GlobalPlatform's default key";
}
