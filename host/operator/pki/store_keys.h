/*
 * store_keys: the key files of both stores of an operator's folder, the operator's and the
 * manager's, seen to together. One outer key serves both.
 */
#ifndef TWINKEY_OPERATOR_STORE_KEYS_H
#define TWINKEY_OPERATOR_STORE_KEYS_H

#include "host/operator/keysource/source.h"

struct cancel;

enum store_key { STORE_KEY_OPERATOR, STORE_KEY_MANAGER, STORE_KEYS };

/* "operator", "manager"; the file below the folder. */
const char *store_key_name(enum store_key k);
const char *store_key_file(enum store_key k);

struct store_key_state {
	enum err err; /* why the file cannot be read; the rest says nothing then */
	bool sealed;
	struct key_source source; /* of the outer key, where it is sealed */
};

/* Where each key comes from. */
void store_keys_look(const char *dir, struct store_key_state out[static STORE_KEYS]);
/* For a folder that has neither store yet: makes both files, sealed; and the manager's folder. */
enum err store_keys_make(const char *dir, const struct key_source *source,
			 struct cancel *cancel) MUST_CHECK;
/*
 * Seals both under the key from source; NULL: puts both in the clear. from: where the present outer
 * key is; NULL: where the files say. Both are opened before one is written; each is replaced as a
 * whole, so that what is left by a kill is two files that open, each as it says, and perhaps one of
 * a temporary name, which goes with the next change. ERR_LOCKED:
 * somebody else is at it, or brings the folder up.
 */
enum err store_keys_seal(const char *dir, const struct key_source *source,
			 const struct key_source *from, struct cancel *cancel) MUST_CHECK;

#endif
