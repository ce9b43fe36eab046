/*
 * internal: the card's volatile state, for the files of card-emu/uicc and the file-system
 * applications.
 */
#ifndef TWINKEY_CARD_INTERNAL_H
#define TWINKEY_CARD_INTERNAL_H

#include "card-emu/uicc/app.h"
#include "card-emu/uicc/fs.h"
#include "card-emu/uicc/profile.h"
#include "lib/secret.h"

#define CARD_CHANNELS	    4
#define CARD_APPS_MAX	    8
#define CARD_LOCAL_PINS_MAX 64

struct channel {
	bool open;
	unsigned number;
	const struct app *app; /* selected by its AID; NULL: the file system */
	char df[FS_PATH_MAX];  /* current DF or ADF */
	char adf[FS_PATH_MAX]; /* the ADF that is active on this channel, "" if none */
	char ef[FS_PATH_MAX];  /* current EF, "" if none */
	uint8_t record;	       /* current record, 0: none */
};

struct card {
	struct card_options options;
	struct store *store;
	struct channel channels[CARD_CHANNELS];
	bool verified[256]; /* global key references verified since the last reset */
	struct verified_local {
		char df[FS_PATH_MAX];
		uint8_t ref;
	} local[CARD_LOCAL_PINS_MAX]; /* and local ones; ref 0: the row is free */
	unsigned profile;	      /* the enabled profile, 0: none */
	bool powered;
	struct transfer { /* a data object on its way, block by block; any other command ends it */
		uint8_t ins; /* 0: none */
		unsigned channel;
		char path[FS_PATH_MAX];
		uint32_t tag;
		size_t at;	  /* RETRIEVE DATA: what has been sent */
		struct wbuf data; /* SET DATA: what has come */
	} transfer;

	struct wbuf response; /* waits for GET RESPONSE */
	size_t response_at;
	uint16_t response_sw; /* what follows when all is fetched */
	unsigned response_channel;
	bool response_gsm; /* announced by 9Fxx */

	uint8_t proactive[64]; /* the queued proactive command */
	size_t proactive_len;
	bool proactive_fetched;
	uint8_t atr[CARD_ATR_MAX];

	struct {
		const struct app *app;
		void *memory;
		size_t size;
	} apps[CARD_APPS_MAX];
};

/* The system's own commands and those of the file system. */
extern const struct app app_system, app_files;

/* The applet whose AID begins with aid, NULL if none (registry.c). */
const struct app *applet_find(struct card *card, struct slice aid);

/* SELECT and its parts (select.c) */
uint16_t select_command(struct app_call *call);
uint16_t status_command(struct app_call *call);
/* Makes path the current DF or EF of the channel. */
enum err select_path(struct card *card, struct channel *ch, const char *path);
/* Looks a FID up from the current DF as SELECT does (TS 102 221 8.4.2). */
enum err select_find(struct card *card, const struct channel *ch, uint16_t fid,
		     char out[static FS_PATH_MAX]);
/* The skip-th ADF of the profile whose AID begins with aid. */
bool select_find_adf(struct card *card, struct slice aid, unsigned skip,
		     char out[static FS_PATH_MAX]);
void channel_reset(struct card *card, struct channel *ch);

/* Access rules (access.c), TS 102 221 9.2.7 and 9.5: the AM byte's bits for EFs */
enum fs_access {
	ACCESS_READ = 0x01,
	ACCESS_UPDATE = 0x02,
	ACCESS_INCREASE = 0x04,
	ACCESS_DEACTIVATE = 0x08,
	ACCESS_ACTIVATE = 0x10,
};
bool access_allowed(struct card *card, const char *path, const struct fs_file *f,
		    enum fs_access access);
/* What this key reference means at path was verified, or its PIN is disabled. */
bool access_pin_satisfied(struct card *card, const char *path, uint8_t ref);
/* Remembers, until the next reset, whether a PIN has been verified (df "": a global one). */
void access_set_verified(struct card *card, const char *df, uint8_t ref, bool verified);
void access_forget(struct card *card);

/* The application of this AID is a USIM, an ISIM: what a channel with it selected understands. */
const struct app *app_of_adf(struct slice aid);
bool app_is_adf(const struct app *app);

/* Files (files.c): the file that a command addresses, by SFI or the current EF. */
uint16_t file_addressed(struct app_call *call, uint8_t sfi, char path[static FS_PATH_MAX],
			struct fs_file *f);
/* Data objects of BER-TLV files (bertlv.c), TS 102 221 11.3 */
uint16_t retrieve_data(struct app_call *call);
uint16_t set_data(struct app_call *call);
void transfer_end(struct card *card);
/* Status word for a failed commit: 6581, or 6F00. */
uint16_t sw_of_store(enum err e);

#endif
