/*
 * key_file: the key file of a store's folder (mode 0600): the key, and from which version on the
 * rows beside it are authenticated. What is in the database alone could be made to look like that
 * of an older version, whose rows are taken as they are.
 *
 * The file has both in the clear, or sealed under an outer key, whose source it names then
 * (host/operator/keysource/wrapped.h).
 */
#ifndef TWINKEY_OPERATOR_KEY_FILE_H
#define TWINKEY_OPERATOR_KEY_FILE_H

#include "lib/base/bytes.h"
#include "lib/base/secret.h"

struct cancel;
struct key_source;
struct wrapped;

struct key_file {
	struct secret *key;   /* 32 octets */
	int version;	      /* 0: none is told */
	struct wrapped *seal; /* NULL: it is in the clear */
};

/* An outer key for new files. */
struct key_file_outer {
	struct wrapped *seal;
	struct secret *key;
};

/* Makes one, in a new file, sealed where outer is not NULL. */
enum err key_file_make(const char *path, const struct key_file_outer *outer,
		       struct key_file *out) MUST_CHECK;
/*
 * ERR_CORRUPT: it is none. Of a sealed one also ERR_KEY (the outer key is another one),
 * ERR_KEY_AWAY and what host/operator/keysource/outer.h has, with words in trouble_text().
 */
enum err key_file_read(const char *path, struct cancel *cancel, struct key_file *out) MUST_CHECK;
/* The same, with the outer key from elsewhere than the file says. NULL: from where it says. */
enum err key_file_read_from(const char *path, const struct key_source *from, struct cancel *cancel,
			    struct key_file *out) MUST_CHECK;
void key_file_free(struct key_file *k);
/* The rows are authenticated from this version on. Writes nothing when that is told already. */
enum err key_file_tell(const char *path, struct key_file *k, int version) MUST_CHECK;

/* What everybody can read of the file. *sealed: it names source, which is untouched otherwise. */
enum err key_file_look(const char *path, bool *sealed, struct key_source *source) MUST_CHECK;
/* Gets the outer key from source, for any number of files. */
enum err key_file_outer_get(const struct key_source *source, struct cancel *cancel,
			    struct key_file_outer *out) MUST_CHECK;
void key_file_outer_free(struct key_file_outer *o);
/* Writes the file anew, at once: sealed under outer; NULL: in the clear. */
enum err key_file_seal(const char *path, const struct key_file *k,
		       const struct key_file_outer *outer) MUST_CHECK;

#endif
