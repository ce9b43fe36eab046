/*
 * changes: what one transaction changes, as the text that the journal keeps: one after the other a
 * kind, a key (after an octet of length) and a value (after four). For card-emu/store alone.
 */
#ifndef TWINKEY_CARD_CHANGES_H
#define TWINKEY_CARD_CHANGES_H

#include "card-emu/store/limits.h"
#include "lib/base/bytes.h"

struct map;

enum change_kind { CHANGE_PUT = 1, CHANGE_PUT_SECRET, CHANGE_DELETE, CHANGE_DELETE_PREFIX };

/* One operation taken out of the text, with all the memory that it needs. */
struct change {
	enum change_kind kind;
	char key[STORE_KEY_MAX + 1];
	uint8_t *value; /* of a put */
	size_t len;
};

struct changes {
	struct change *list;
	size_t count, cap;
};

/* One change, appended to the text; key has STORE_KEY_MAX characters at most. */
void changes_put_op(struct wbuf *w, enum change_kind kind, const char *key, struct slice value);
/*
 * Reads a text into c, which was zeroed. Whatever can fail of a transaction fails here, before
 * anything of it is done. ERR_CORRUPT, ERR_MEMORY; changes_free() in either case.
 */
enum err changes_read(struct changes *c, struct map *map, struct slice text) MUST_CHECK;
/* Does what was read; the values go over into the map. */
void changes_apply(struct changes *c, struct map *map);
void changes_free(struct changes *c);

#endif
