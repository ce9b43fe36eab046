#include "host/operator/keysource/credential.h"

#include <stdlib.h>

#include "tool/sys/path.h"
#include "tool/sys/secret_file.h"
#include "tool/sys/trouble.h"

enum err key_text_file(const char *path, struct cancel *cancel, struct wbuf *out)
{
	enum err e = secret_file_read(path, cancel, out);

	switch (e) {
	case ERR_OK:
	case ERR_CANCELLED: return e;
	case ERR_SPACE: return trouble_set(ERR_KEY, "'%s' is too long for a key or a PIN", path);
	case ERR_PERMISSION:
		return *trouble_of(e) ? e
				      : trouble_set(e,
						    "permission denied: this user may not read "
						    "'%s'",
						    path);
	default:
		return trouble_set(ERR_KEY_AWAY,
				   "'%s', which should have the key or the PIN, cannot be read: "
				   "%s: put it back, or tell where the key is now by: "
				   "twinkey-operator key seal --from",
				   path, err_text(e));
	}
}

enum err key_text_credential(const char *name, struct cancel *cancel, struct wbuf *out)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_CAP];
	enum err e;

	if (!dir || *dir != '/')
		return trouble_set(ERR_KEY_AWAY,
				   "the credential '%s' is given to a service by systemd "
				   "(LoadCredential=), and CREDENTIALS_DIRECTORY is not set here",
				   name);
	e = path_join(dir, name, path, sizeof(path));
	return e ? e : key_text_file(path, cancel, out);
}
