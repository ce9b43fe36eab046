#include "host/operator/policy/account.h"

#include <stdio.h>
#include <string.h>

#define FORMAT 1

static const struct {
	enum account_role role;
	const char *name;
} roles_named[] = {{ROLE_VIEW, "view"}, {ROLE_APPROVE, "approve"}, {ROLE_MANAGE, "manage"}};

bool account_is_name(const char *s)
{
	size_t n = strlen(s);

	return n && n <= ACCOUNT_NAME_MAX &&
	       !s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-._")];
}

enum err account_roles_parse(const char *text, unsigned *roles)
{
	unsigned found = 0;

	for (;;) {
		size_t n = strcspn(text, ","), i = 0;

		while (i < ARRAY_LEN(roles_named) && (strlen(roles_named[i].name) != n ||
						      strncmp(roles_named[i].name, text, n) != 0))
			i++;
		if (i == ARRAY_LEN(roles_named))
			return ERR_VALUE;
		found |= roles_named[i].role;
		if (!text[n])
			break;
		text += n + 1;
	}
	*roles = found | ROLE_VIEW;
	return ERR_OK;
}

void account_roles_text(unsigned roles, char text[static ACCOUNT_ROLES_CAP])
{
	int n = 0;

	text[0] = 0;
	for (size_t i = 0; i < ARRAY_LEN(roles_named); i++)
		if (roles & roles_named[i].role)
			n += snprintf(text + n, ACCOUNT_ROLES_CAP - (size_t)n, "%s%s", n ? "," : "",
				      roles_named[i].name);
}

bool account_is_locked(const struct account *a)
{
	return a->wrong >= ACCOUNT_TRIES_MAX;
}

void account_encode(const struct account *a, struct wbuf *out)
{
	struct slice name = slice_str(a->name), hash = slice_str(a->hash);

	wbuf_u8(out, FORMAT);
	wbuf_u8(out, (uint8_t)name.len);
	wbuf_put(out, name);
	wbuf_u8(out, (uint8_t)hash.len);
	wbuf_put(out, hash);
	wbuf_put(out, SLICE_OF(a->seed));
	wbuf_u32(out, a->roles);
	wbuf_u32(out, a->wrong);
	wbuf_uint(out, (uint64_t)a->last_step, 8);
}

enum err account_decode(struct slice octets, struct account *out)
{
	struct cursor c = cursor_of(octets);
	enum err e = cursor_u8(&c) == FORMAT ? ERR_OK : ERR_CORRUPT;

	if (!e)
		e = slice_text(cursor_take(&c, cursor_u8(&c)), out->name, sizeof(out->name));
	if (!e)
		e = slice_text(cursor_take(&c, cursor_u8(&c)), out->hash, sizeof(out->hash));
	if (e)
		return ERR_CORRUPT;
	cursor_copy(&c, out->seed, sizeof(out->seed));
	out->roles = cursor_u32(&c);
	out->wrong = cursor_u32(&c);
	out->last_step = (int64_t)cursor_uint(&c, 8);
	return cursor_done(&c) ? ERR_CORRUPT : ERR_OK;
}
