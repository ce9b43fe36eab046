/*
 * internal: the card's volatile state, for the files of card-emu/uicc and the file-system
 * applications.
 */
#ifndef TWINKEY_CARD_INTERNAL_H
#define TWINKEY_CARD_INTERNAL_H

#include "card-emu/core/app.h"
#include "card-emu/fs/fs.h"
#include "card-emu/profile/profile.h"
#include "lib/base/secret.h"

#define CARD_CHANNELS	    4
#define CARD_APPS_MAX	    8
#define CARD_LOCAL_PINS_MAX 64

struct channel {
	bool open;
	unsigned number;
	const struct app *app; /* selected by its AID; NULL: the file system */
	char df[FS_PATH_MAX];  /* current DF or ADF */
	char adf[FS_PATH_MAX]; /* the ADF that is active on this channel, "" if none */
	char ef[FS_PATH_MAX];  /* current EF, "" if none; the 2G view finds some outside of df */
	uint8_t record;	       /* current record, 0: none */
	struct transfer {      /* a data object on its way, block by block (TS 102 221 11.3) */
		uint8_t ins;   /* 0: none */
		char path[FS_PATH_MAX];
		uint32_t tag;
		size_t at,
			previous; /* what has been sent or come, with and without the last block */
		struct wbuf data; /* SET DATA: what has come */
	} transfer;
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

/* The i-th applet of the card in the order of SELECT by AID, NULL behind the last (registry.c). */
const struct app *applet_at(struct card *card, unsigned i);

/*
 * SELECT and its parts (select.c). A place is where a SELECT would lead: nothing has changed yet.
 */
struct place {
	char df[FS_PATH_MAX], ef[FS_PATH_MAX]; /* ef "": a directory */
	uint8_t record;			       /* the record pointer after the selection */
	struct fs_file file;		       /* the EF, or the directory */
};
/* How a class of commands sees the tree: the UICC's own, or the 2G view (gsm.c). */
struct tree_view {
	/* The file with this identifier in directory df. */
	bool (*child)(struct card *card, const char *df, uint16_t fid,
		      char out[static FS_PATH_MAX]);
	bool (*parent)(struct card *card, const char *df, char out[static FS_PATH_MAX]);
	/* The identifier of a directory; 0: it is selected by none. */
	uint16_t (*fid)(struct card *card, const struct channel *ch, const char *df);
};
extern const struct tree_view tree_uicc;
uint16_t select_command(struct app_call *call);
uint16_t status_command(struct app_call *call);
/* The file that a FID names from the channel's current directory (TS 102 221 8.4.1). */
bool select_find(struct card *card, const struct channel *ch, const struct tree_view *view,
		 uint16_t fid, struct place *out);
/* The file at the end of a path; from: where it begins. 9000, or why not. */
uint16_t select_walk(struct app_call *call, const char *from, struct place *out);
/* The file path, seen in directory df. */
bool select_place(struct card *card, const char *df, const char *path, struct place *out);
/* Makes a place the current one; a transfer of a data object ends. */
void channel_go(struct card *card, struct channel *ch, const struct place *to);
/* The current directory is the ADF of the channel's application, or lies under it. */
bool channel_in_adf(const struct channel *ch);
/* The first ADF of the profile whose AID begins with aid. */
bool select_find_adf(struct card *card, struct slice aid, char out[static FS_PATH_MAX]);
bool select_exists(struct card *card, const char *path);
bool path_parent(const char *path, char out[static FS_PATH_MAX]);
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
/* What the rules ask for, whether or not it is met: a key reference, or one of these. */
#define ACCESS_IS_ALWAYS 0x00
#define ACCESS_IS_NEVER	 0xFF
uint8_t access_asks(struct card *card, const char *path, const struct fs_file *f,
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
/* That file, if its kind, its access rules and its state allow the command. */
enum file_shape { FILE_TRANSPARENT, FILE_RECORDS, FILE_OBJECTS };
uint16_t file_open(struct app_call *call, uint8_t sfi, enum file_shape shape, enum fs_access access,
		   char path[static FS_PATH_MAX], struct fs_file *f);
/* The same checks for a file that is known by its path. */
uint16_t file_check(struct card *card, const char *path, const struct fs_file *f,
		    enum file_shape shape, enum fs_access access);
/* Puts the file back with its content changed at one place. */
uint16_t file_commit(struct app_call *call, const char *path, const struct fs_file *f,
		     size_t offset, struct slice data);
/* Activates or deactivates the EF; its path and what was loaded from there. */
uint16_t file_set_state(struct app_call *call, const char *path, struct fs_file *f,
			enum fs_access access);

/* Records (records.c), TS 102 221 11.1.5 to 11.1.8 */
uint16_t record_read(struct app_call *call);
uint16_t record_update(struct app_call *call);
uint16_t record_search(struct app_call *call);
uint16_t record_increase(struct app_call *call);
/* TS 51.011 8.7: the record from which number `from` on that begins with the pattern; 0: none. */
unsigned record_seek(const struct fs_file *f, unsigned from, bool back, struct slice pattern);

/* Data objects of BER-TLV files (bertlv.c), TS 102 221 11.3 */
uint16_t retrieve_data(struct app_call *call);
uint16_t set_data(struct app_call *call);
void transfer_end(struct channel *ch);

/* The toolkit's commands (system.c), TS 102 221 11.2, TS 51.011 9.2 */
uint16_t terminal_profile(struct app_call *call);
uint16_t envelope(struct app_call *call);
uint16_t fetch(struct app_call *call);
uint16_t terminal_response(struct app_call *call);

/* ISO 7816-3 8.3, the ATR's TA for T=15: the clock may stop at any level; supply classes A to C */
#define CARD_CLOCK_AND_CLASS 0xC7

/* Status word for a failed commit: 6581, or 6F00. */
uint16_t sw_of_store(enum err e);

#endif
