/*
 * session: what the file system keeps in mind from one reset to the next: the profile whose files
 * are seen, the PINs that were verified, and where each logical channel stands.
 */
#ifndef TWINKEY_CARD_SESSION_H
#define TWINKEY_CARD_SESSION_H

#include "card-emu/fs/path.h"

struct store;

#define FS_LOCAL_PINS_MAX 64

struct fs_session {
	struct store *store;
	unsigned profile;   /* whose files are seen; 0: the eUICC's own */
	bool verified[256]; /* global key references */
	struct fs_local_pin {
		char df[FS_PATH_MAX];
		uint8_t ref;
	} local[FS_LOCAL_PINS_MAX]; /* verified local ones; ref 0: the row is free */
};

/* Where a logical channel stands. */
struct fs_position {
	char df[FS_PATH_MAX];  /* current DF or ADF */
	char adf[FS_PATH_MAX]; /* the ADF that is active on this channel, "" if none */
	char ef[FS_PATH_MAX];  /* current EF, "" if none; the 2G view finds some outside of df */
	uint8_t record;	       /* current record, 0: none */
	struct fs_transfer {   /* a data object on its way, block by block (TS 102 221 11.3) */
		uint8_t ins;   /* 0: none */
		char path[FS_PATH_MAX];
		uint32_t tag;
		size_t at, previous; /* what was sent or came, with and without the last block */
		struct wbuf data;    /* SET DATA: what came */
	} transfer;
};

/* What the key reference means at path was verified, or its PIN is disabled. */
bool session_pin_satisfied(const struct fs_session *fs, const char *path, uint8_t ref);
/* Remembers whether a PIN was verified (df "": a global one). */
void session_set_verified(struct fs_session *fs, const char *df, uint8_t ref, bool verified);
void session_forget_pins(struct fs_session *fs);

/* The MF is current, no application is active, no data object is on its way. */
void position_reset(struct fs_position *at);
/* The current directory is the active ADF, or lies under it. */
bool position_in_adf(const struct fs_position *at);
void position_end_transfer(struct fs_position *at);

#endif
