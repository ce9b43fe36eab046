#include "host/operator/keysource/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/keysource/uri.h"
#include "tool/sys/errno.h"
#include "tool/sys/path.h"
#include "tool/sys/trouble.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define DIGITS	"0123456789"

static enum err check_path(const char *path)
{
	return *path == '/' ? ERR_OK : trouble_set(ERR_USAGE, "file: wants a whole path");
}

/* POSIX: what a shell can set. */
static enum err check_variable(const char *name)
{
	return *name && strspn(name, LETTERS DIGITS) == strlen(name) && !strchr(DIGITS, *name)
		       ? ERR_OK
		       : trouble_set(ERR_USAGE, "env: wants the name of a variable: letters, "
						"digits and _");
}

/* systemd's rule is that of a file's name. */
static enum err check_credential(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/')
		       ? ERR_OK
		       : trouble_set(ERR_USAGE, "credential: wants the name of a credential");
}

static enum err check_uri(const char *rest)
{
	struct pkcs11_uri uri;
	const char *why = NULL;
	enum err e;

	/* the whole text: the scheme is a part of it */
	e = pkcs11_uri_parse(slice_str(rest - strlen("pkcs11:")), &uri, &why);
	return e ? trouble_set(e, "pkcs11: %s", why) : ERR_OK;
}

static const struct {
	const char *prefix;
	enum err (*check)(const char *rest);
} kinds[] = {
	[KEY_SOURCE_FILE] = {"file:", check_path},
	[KEY_SOURCE_ENV] = {"env:", check_variable},
	[KEY_SOURCE_CREDENTIAL] = {"credential:", check_credential},
	[KEY_SOURCE_PKCS11] = {"pkcs11:", check_uri},
};

enum err key_source_parse(struct slice text, struct key_source *out)
{
	struct key_source s = {.name_at = 0};

	if (slice_text(text, s.text, sizeof(s.text)))
		return trouble_set(ERR_USAGE, "the name of a key's source has less than %d octets",
				   KEY_SOURCE_CAP);
	for (const char *c = s.text; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == '\177')
			return trouble_set(ERR_USAGE, "a key's source has no control characters");
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t n = strlen(kinds[i].prefix);
		enum err e;

		if (strncmp(s.text, kinds[i].prefix, n) != 0)
			continue;
		s.kind = (enum key_source_kind)i;
		s.name_at = n;
		e = kinds[i].check(s.text + n);
		if (!e)
			*out = s;
		return e;
	}
	/* the text is not told: it may be a key, given by mistake */
	return trouble_set(ERR_USAGE, "a key's source is file:PATH, env:NAME, credential:NAME or "
				      "pkcs11:..., never the key itself");
}

enum err key_source_given(const char *text, struct key_source *out)
{
	size_t n = strlen(kinds[KEY_SOURCE_FILE].prefix);
	char dir[PATH_CAP], whole[2 * PATH_CAP];

	if (strncmp(text, kinds[KEY_SOURCE_FILE].prefix, n) != 0 || text[n] == '/' || !text[n])
		return key_source_parse(slice_str(text), out);
	if (!getcwd(dir, sizeof(dir)))
		return errno_err(errno);
	if (snprintf(whole, sizeof(whole), "file:%s/%s", dir, text + n) >= (int)sizeof(whole))
		return ERR_LONG_NAME;
	return key_source_parse(slice_str(whole), out);
}

const char *key_source_rest(const struct key_source *s)
{
	return s->text + s->name_at;
}

const char *key_source_name(const struct key_source *s, char name[static KEY_SOURCE_NAME_CAP])
{
	size_t n = s->kind == KEY_SOURCE_PKCS11 ? strcspn(s->text, "?") : strlen(s->text);

	snprintf(name, KEY_SOURCE_NAME_CAP, "%.*s", (int)n, s->text);
	return name;
}
