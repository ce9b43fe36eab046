#include "card-emu/fs/session.h"

#include <string.h>

#include "card-emu/fs/pins.h"
#include "lib/base/secret.h"

/* The row of a local PIN; FS_LOCAL_PINS_MAX: it has none. */
static size_t find_local(const struct fs_session *fs, const char *df, uint8_t ref)
{
	size_t i = 0;

	while (i < FS_LOCAL_PINS_MAX &&
	       (fs->local[i].ref != ref || strcmp(fs->local[i].df, df) != 0))
		i++;
	return i;
}

void session_set_verified(struct fs_session *fs, const char *df, uint8_t ref, bool verified)
{
	size_t row;

	if (!*df) {
		fs->verified[ref] = verified;
		return;
	}
	row = find_local(fs, df, ref);
	if (row < FS_LOCAL_PINS_MAX && !verified)
		fs->local[row] = (struct fs_local_pin){0};
	if (row < FS_LOCAL_PINS_MAX || !verified)
		return;
	row = find_local(fs, "", 0); /* install.c lets no profile have more than there are */
	if (row < FS_LOCAL_PINS_MAX) {
		memcpy(fs->local[row].df, df, strlen(df) + 1);
		fs->local[row].ref = ref;
	}
}

void session_forget_pins(struct fs_session *fs)
{
	memset(fs->verified, 0, sizeof(fs->verified));
	memset(fs->local, 0, sizeof(fs->local));
}

bool session_pin_satisfied(const struct fs_session *fs, const char *path, uint8_t ref)
{
	char df[FS_PATH_MAX];
	struct pin_record pin;
	uint8_t instead;
	bool disabled;

	if (!pin_home(fs->store, fs->profile, path, ref, df))
		return false;
	if (*df ? find_local(fs, df, ref) < FS_LOCAL_PINS_MAX : fs->verified[ref])
		return true;
	if (pin_load_in(fs->store, fs->profile, df, ref, &pin) != ERR_OK)
		return false;
	disabled = !pin.enabled;
	instead = pin.alternative;
	secret_wipe(&pin, sizeof(pin));
	if (disabled && instead &&
	    instead != ref) /* TS 102 221 11.1.11: that one has to be right */
		return session_pin_satisfied(fs, path, instead);
	return disabled;
}

void position_reset(struct fs_position *at)
{
	position_end_transfer(at);
	*at = (struct fs_position){0};
	memcpy(at->df, FS_PATH_MF, sizeof(FS_PATH_MF));
}

bool position_in_adf(const struct fs_position *at)
{
	return *at->adf && strncmp(at->df, at->adf, strlen(at->adf)) == 0;
}

void position_end_transfer(struct fs_position *at)
{
	wbuf_free(&at->transfer.data);
	at->transfer = (struct fs_transfer){0};
}
