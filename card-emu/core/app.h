/*
 * app: applications of the card and the tables of their commands.
 *
 * Each application is one `static const struct app`: AID, hooks and a table of commands with their
 * handlers. The dispatcher checks class, case and lengths from the command's row
 * (lib/uicc/command), calls the handler, and turns what it left in call->out into T=0 (61xx, 6Cxx,
 * 9Fxx). What has no row is refused. Handlers return a status word and nothing else.
 */
#ifndef TWINKEY_CARD_APP_H
#define TWINKEY_CARD_APP_H

#include "card-emu/card.h"
#include "lib/uicc/apdu.h"
#include "lib/uicc/command.h"

struct channel; /* a logical channel */
struct fs_position;
struct fs_session;
struct store;

struct app_call {
	struct card *card;
	struct channel *channel;
	struct fs_session *fs;
	struct fs_position *at; /* where the channel stands in the file system */
	struct apdu apdu;	/* class with the channel bits as sent */
	struct wbuf *out; /* response data without status word; up to CARD_RESPONSE_MAX octets */
};

#define CARD_RESPONSE_MAX (256 * 1024) /* ProfileInfo of 128 profiles with their icons */

/* A command that the application serves: the row of lib/uicc/command, and who runs it. */
struct app_command {
	enum command_id id;
	uint16_t (*run)(struct app_call *call);
};

/*
 * An applet is selected by an AID of its own and has select(). The others have neither: they serve
 * the ADFs of a profile, or the file system, and reset() also tells them that another profile's
 * files are seen.
 */
struct app {
	const char *name;
	struct slice (*aid)(
		struct card *card); /* full AID; SELECT by a prefix of >= 5 octets finds it */
	const struct app_command *commands;
	size_t command_count;
	/* FCI for SELECT into out; status word. */
	uint16_t (*select)(struct app_call *call);
	void (*deselect)(struct card *card, struct channel *channel); /* may be NULL */
	void (*reset)(struct card *card); /* may be NULL: power off, reset */
};
bool app_is_applet(const struct app *app); /* NULL is none */

/* What a card is put together from (card-emu/apps/registry.c). Lists end with NULL. */
struct app_table {
	const struct app *const *applets; /* in the order in which SELECT by AID looks at them */
	const struct app *(*of_adf)(struct slice aid); /* what serves the ADF with this AID */
	const struct app *const *files; /* their commands are for channels without applet */
	const struct app *gsm;		/* the commands of class A0 */
};

/* Status word for a failed commit: 6581, or 6F00. */
uint16_t sw_of_store(enum err e);

/* Services of the card to its applications. */
struct store *card_store(struct card *card);
int64_t card_now(struct card *card);
struct slice card_svn(struct card *card); /* as card_open() was told; empty: the stored one */
/* Services (a set, lib/profile/services.h) that the card does not have. */
uint32_t card_without(struct card *card);
unsigned card_profile(struct card *card); /* the enabled profile's number, 0: none */
/*
 * The profile or subscription has changed in the store: a proactive REFRESH (UICC reset, TS 102 223
 * 6.4.7) is queued, the answer to this command ends with 91xx, and the card works on the new state
 * after the next reset (which FETCH + TERMINAL RESPONSE, or the terminal's own reset, brings).
 * Without refresh the new state is in force at once and all channels but the basic one are closed.
 */
void card_profile_changed(struct card *card, bool refresh);
/*
 * The subscription has changed in volatile memory alone: a REFRESH that takes no power (NAA
 * application reset) is queued. The new state is in force at once.
 */
void card_subscription_changed(struct card *card);
/*
 * Profiles may be gone from the store. Where the one that was enabled at the last reset is among
 * them, the card works on none until the next: another profile may get its number before that.
 */
void card_profiles_deleted(struct card *card);
/*
 * Of a command of case 2: an answer of n octets is what its Le asks for, so that it goes out.
 * Otherwise it is refused with the right length, and asked for again.
 */
bool card_le_is(const struct app_call *call, size_t n);
/* Memory of an application that lives until power off; wiped then. Zeroed at first. One per app. */
void *card_app_memory(struct card *card, const struct app *app, size_t size);

#endif
