/*
 * desk: where the operator's person sees to a profile of the manager's inventory and its order.
 */
#ifndef TWINKEY_OPERATOR_CMD_DESK_H
#define TWINKEY_OPERATOR_CMD_DESK_H

#include "host/operator/smdp/es2p.h"
#include "host/operator/smdp/store/profile.h"
#include "tool/cli/say.h"

#define DESK_ACTOR	"operator" /* who the log says it was */
#define DESK_ACTIVATION 512	   /* octets of an activation code with its NUL */

/* What was given with an order; the options are below. */
struct desk_options {
	const char *address, *eid, *type, *matching_id, *code_file;
	unsigned days, downloads, tries;
	bool release;
};
extern struct desk_options desk_options;

struct desk {
	struct es2p_call call; /* of the step; its fault, when it was refused */
	struct smdp_profile p;
	struct wbuf code; /* the confirmation code */
	uint8_t eid[16], iccid[10];
};

/*
 * Opens the manager's store, and reads the options and iccid, which may be NULL. TOOL_OK, or it has
 * said why not and gives the exit code; the caller closes the desk either way.
 */
int desk_open(struct desk *d, const char *iccid) MUST_CHECK;
/* Gives code. */
int desk_close(struct desk *d, int code);
/* Says why a step for what failed, in the words of SGP.22, and what can be done; the exit code. */
int desk_fail(const struct desk *d, enum err e, const char *what);
/* Says what the profile is now, or why the step failed, and closes the desk; the exit code. */
int desk_end(struct desk *d, enum err e, const char *what);

/* The order of these options (ES2+.ConfirmOrder). */
struct es2p_confirmation desk_confirmation(const struct desk *d);
bool desk_has_activation_code(const struct smdp_profile *p);
void desk_activation_code(const struct smdp_profile *p, char code[static DESK_ACTIVATION]);
/* What a profile in this state is ready for. */
const char *desk_next_step(enum smdp_profile_state state);
const char *desk_state_name(const struct smdp_profile *p);
json_t *desk_profile_json(const struct smdp_profile *p);
/* What the profile is now, for people or as JSON. */
void desk_print_profile(const struct smdp_profile *p);

#define DESK_OPT_ADDRESS                                                                           \
	{                                                                                          \
		"smdp-address", 0, OPT_STRING, "NAME",                                             \
			"The manager's name in the activation code (default: that of init)",       \
			&desk_options.address                                                      \
	}
#define DESK_OPT_EID                                                                               \
	{                                                                                          \
		"eid", 0, OPT_STRING, "DIGITS", "The only eUICC that may have the profile",        \
			&desk_options.eid                                                          \
	}
#define DESK_OPT_TYPE                                                                              \
	{                                                                                          \
		"type", 0, OPT_STRING, "TEXT",                                                     \
			"Profile type (import: default that of the package)", &desk_options.type   \
	}
#define DESK_OPT_CONFIRMATION                                                                      \
	{"matching-id",                                                                            \
	 0,                                                                                        \
	 OPT_STRING,                                                                               \
	 "ID",                                                                                     \
	 "Capital letters, digits, hyphens (default: a random one); '' when --eid alone tells",    \
	 &desk_options.matching_id},                                                               \
		{"confirmation-code-file",                                                         \
		 0,                                                                                \
		 OPT_STRING,                                                                       \
		 "FILE",                                                                           \
		 "Ask the user for the code in this file ('-': standard input)",                   \
		 &desk_options.code_file},                                                         \
		{"code-tries",                                                                     \
		 0,                                                                                \
		 OPT_UINT,                                                                         \
		 "N",                                                                              \
		 "Wrong codes that end the order (default: 3)",                                    \
		 &desk_options.tries},                                                             \
		{"downloads",                                                                      \
		 0,                                                                                \
		 OPT_UINT,                                                                         \
		 "N",                                                                              \
		 "Times it may be downloaded (default: 10)",                                       \
		 &desk_options.downloads},                                                         \
	{                                                                                          \
		"expires", 0, OPT_UINT, "DAYS",                                                    \
			"Days that the order lives, 0: for ever (default: 30)", &desk_options.days \
	}

#endif
