/*
 * cmd: what the subcommands of twinkey share.
 *
 * Each host/cmd/X.c exports its rows as cmd_X and cmd_X_count and is listed in CMD_TABLES.
 */
#ifndef TWINKEY_HOST_CMD_H
#define TWINKEY_HOST_CMD_H

#include "host/terminal/lpa/lpa.h"
#include "tool/cli/program.h"

#define CMD_TABLES(X)                                                                              \
	X(card)                                                                                    \
	X(apdu)                                                                                    \
	X(auth)                                                                                    \
	X(profile)                                                                                 \
	X(package)                                                                                 \
	X(download)                                                                                \
	X(notification)                                                                            \
	X(chip)                                                                                    \
	X(release)                                                                                 \
	X(run)

#define CMD_EXTERN(name)                                                                           \
	extern const struct tool_command cmd_##name[];                                             \
	extern const size_t cmd_##name##_count;
CMD_TABLES(CMD_EXTERN)
#undef CMD_EXTERN

/* The options that every subcommand understands. */
struct cmd_globals {
	const char *reader;   /* NULL: the first PC/SC reader with a card */
	const char *trace;    /* NULL: none */
	bool force;	      /* the trace may replace a file */
	const char *pin_file; /* NULL: environment, then prompt */
	const char *isdr_aid; /* in hex; NULL: SGP.22's */
	unsigned wait_s;      /* how long to wait for a card */
	/* network.link: the operator's unix:PATH or URL, which subscription managers are reached by
	 * as well; NULL: none */
	struct es9p_network network;
};
extern struct cmd_globals cmd_globals;

#define CMD_WAIT_MAX_S 86400
/* --isdr-aid; empty: SGP.22's. False: it is no AID. */
bool cmd_isdr_aid(struct slice *aid);

/*
 * Opens and resets the card of --reader, recording to --trace. On failure it has said why, and the
 * value is the exit code; TOOL_OK otherwise.
 */
int cmd_open(struct uicc **out) MUST_CHECK;
/* Closes the card and the trace; gives code, or TOOL_FAILED when the trace could not be written. */
int cmd_close(struct uicc **u, int code);
/* tool_fail() with the card's status word and its text when e is ERR_CARD. u may be NULL. */
int cmd_fail(const struct uicc *u, enum err e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The USIM was not selected (e): says what the card is instead, and what to do. */
int cmd_no_usim(struct uicc *u, enum err e);

/* The card's answer cannot be understood. */
bool cmd_is_bad_answer(enum err e);
/* Why the card was not understood or refused, and what to do: the status word, or a sentence. */
const char *cmd_card_trouble(const struct uicc *u, enum err e);

#define CMD_PIN_MAX 8 /* digits: TS 102 221 9.5.1 */
/*
 * PIN1 for the card, when it asks for one (VERIFY PIN with key reference 01): from --pin-file, the
 * environment variable TWINKEY_PIN or a prompt on the terminal. TOOL_OK when the PIN is disabled or
 * verified. A PIN that was refused is not tried again; with one attempt left none is made without
 * the prompt. One that was typed and taken is kept in locked memory, and sent again when the card
 * wants it again (after a reset), until cmd_forget_pin() or cmd_close().
 */
int cmd_verify_pin(struct uicc *u, uint8_t key_reference) MUST_CHECK;
/* For when another profile is enabled, which has another PIN. */
void cmd_forget_pin(void);

/*
 * A line typed on the terminal (appended to line, without its newline), asked for by prompt;
 * without echo where secret. ERR_NOT_FOUND: there is no terminal; ERR_TIMEOUT after timeout_ms (-1:
 * none); ERR_CANCELLED: Ctrl-C, or the end of input.
 */
enum err cmd_prompt(const char *prompt, bool secret, int timeout_ms, struct wbuf *line) MUST_CHECK;

/*
 * Opens the card as cmd_open() does, and its ISD-R. On failure it has said why (what kind of card
 * it is instead), and the value is the exit code. cmd_lpa_close() gives code as cmd_close() does.
 */
int cmd_lpa_open(struct uicc **u, struct lpa **l) MUST_CHECK;
/* The same of a card that is open, and stays so. */
int cmd_lpa_on(struct uicc *u, struct lpa **l) MUST_CHECK;
int cmd_lpa_close(struct uicc **u, struct lpa **l, int code);
/* tool_fail() with the LPA's sentence where it has one. */
int cmd_lpa_fail(const struct uicc *u, const struct lpa *l, enum err e, const char *what);
/* Sends the notifications when a way to the managers is known; says what was kept. */
void cmd_lpa_report(struct lpa *l);
/* Says that a download begins anew; for struct lpa_download. */
void cmd_lpa_retry(void *ctx, unsigned attempt, unsigned attempts, const char *why);
#define CMD_ICCID_TEXT 21
/* An ICCID as it is printed; "" for none. */
void cmd_iccid_text(struct slice iccid, char text[static CMD_ICCID_TEXT]);

/* How a list of labels and values is printed. */
#define CMD_LABEL "%-20s"
/* A line for people and a member of the object; nothing when there is no text. */
void cmd_tell(json_t *o, const char *label, const char *key, const char *text);
/* The same of octets; nothing when they are absent (s.ptr NULL). */
void cmd_tell_hex(json_t *o, const char *label, const char *key, struct slice s);

/* Lower-case hex; NULL (and nothing to free) when memory is out. */
char *cmd_hex(struct slice s);

struct operator_link;
struct attach;
/* The operator of --operator. On failure it has said why, and the value is the exit code. */
int cmd_operator_open(struct operator_link **out) MUST_CHECK;
/* tool_fail() with what the operator said of a refusal. */
int cmd_operator_fail(const struct operator_link *op, enum err e, const char *what);
/* Says why attach_run() failed. */
int cmd_attach_fail(const struct uicc *u, const struct operator_link *op, const struct attach *a,
		    enum err e);

#endif
