/*
 * es10c: LPA and eUICC on local profile management (SGP.22 5.7.15 to 5.7.22). Conventions in rsp.h.
 */
#ifndef TWINKEY_RSP_ES10C_H
#define TWINKEY_RSP_ES10C_H

#include "lib/base/bytes.h"
#include "lib/rsp/rsp.h"

/* enableResult, disableResult, deleteResult */
enum es10c_result {
	ES10C_OK = 0,
	ES10C_NOT_FOUND = 1,
	ES10C_WRONG_STATE = 2, /* not disabled (enable, delete) or not enabled (disable) */
	ES10C_DISALLOWED_BY_POLICY = 3,
	ES10C_WRONG_REENABLING = 4, /* enable only */
	ES10C_CAT_BUSY = 5,	    /* a proactive session runs; ours never says so */
	ES10C_UNDEFINED = 127,
};
/* setNicknameResult */
enum es10c_nickname_result {
	ES10C_NICKNAME_OK = 0,
	ES10C_NICKNAME_NOT_FOUND = 1,
	ES10C_NICKNAME_UNDEFINED = 127,
};
/* resetResult */
enum es10c_reset_result {
	ES10C_RESET_OK = 0,
	ES10C_RESET_NOTHING = 1,
	ES10C_RESET_UNDEFINED = 127,
};
/* ProfileInfoListError */
enum es10c_profiles_error {
	ES10C_PROFILES_INCORRECT_INPUT = 1,
	ES10C_PROFILES_UNDEFINED = 127,
};
enum es10c_profile_state { ES10C_DISABLED = 0, ES10C_ENABLED = 1 };
enum es10c_profile_class { ES10C_TEST = 0, ES10C_PROVISIONING = 1, ES10C_OPERATIONAL = 2 };

/* resetOptions */
#define ES10C_RESET_OPERATIONAL RSP_BIT(0)
#define ES10C_RESET_TEST	RSP_BIT(1)
#define ES10C_RESET_DP_ADDRESS	RSP_BIT(2)

/* characters of UTF-8, as X.680 counts them */
#define ES10C_NICKNAME_MAX	   64
#define ES10C_SERVICE_PROVIDER_MAX 32
#define ES10C_PROFILE_NAME_MAX	   64
#define ES10C_ICON_MAX		   1024 /* octets */
#define ES10C_ICON_JPEG		   0	/* IconType */
#define ES10C_ICON_PNG		   1

struct es10c_profiles_request {	      /* BF2D */
	struct slice isdp_aid, iccid; /* search criteria: at most one of the three */
	bool by_class;
	enum es10c_profile_class profile_class;
	struct slice tag_list; /* OPTIONAL */
};

struct es10c_profile_info { /* E3; every field OPTIONAL */
	struct slice iccid, isdp_aid;
	bool has_state, has_class, has_icon_type, has_ppr;
	enum es10c_profile_state state;
	struct slice nickname, service_provider, profile_name;
	uint32_t icon_type;
	struct slice icon;
	enum es10c_profile_class profile_class;
	struct slice notification_config; /* contents of B6 */
	struct slice owner;		  /* contents of B7 */
	struct slice dp_proprietary;	  /* contents of B8 */
	uint32_t ppr;
	struct slice service_data; /* contents of BF22 */
};

struct es10c_profiles { /* BF2D answer */
	bool ok;
	struct slice items; /* E3 one after the other: es10c_next_profile() */
	enum es10c_profiles_error error;
};

enum err es10c_parse_profiles_request(struct slice der,
				      struct es10c_profiles_request *out) MUST_CHECK;
void es10c_put_profiles_request(struct wbuf *w, const struct es10c_profiles_request *m);
enum err es10c_parse_profiles(struct slice der, struct es10c_profiles *out) MUST_CHECK;
void es10c_put_profiles(struct wbuf *w, const struct es10c_profiles *m);
void es10c_put_profile_info(struct wbuf *w, const struct es10c_profile_info *m);
/* The next E3 of items; false at the end and on failure (which is then in c->err). */
bool es10c_next_profile(struct cursor *c, struct es10c_profile_info *out);
/*
 * The item of this ICCID, or the first that has one (iccid empty). ERR_NOT_FOUND; any other: an
 * item before it is malformed.
 */
enum err es10c_find_profile(struct slice items, struct slice iccid,
			    struct es10c_profile_info *out) MUST_CHECK;

struct es10c_profile_command {	      /* BF31, BF32 (with refresh), BF33 (without) */
	struct slice isdp_aid, iccid; /* exactly one */
	bool refresh;
};
/* tag: SGP22_TAG_ENABLE_PROFILE, _DISABLE_PROFILE, _DELETE_PROFILE. Answer: rsp_put_result(). */
enum err es10c_parse_profile_command(struct slice der, uint32_t tag,
				     struct es10c_profile_command *out) MUST_CHECK;
void es10c_put_profile_command(struct wbuf *w, uint32_t tag, const struct es10c_profile_command *m);

/* BF29 { 5A iccid, 90 nickname } */
enum err es10c_parse_set_nickname(struct slice der, struct slice *iccid,
				  struct slice *nickname) MUST_CHECK;
void es10c_put_set_nickname(struct wbuf *w, struct slice iccid, struct slice nickname);
/* BF34 { 82 options } */
enum err es10c_parse_memory_reset(struct slice der, uint32_t *options) MUST_CHECK;
void es10c_put_memory_reset(struct wbuf *w, uint32_t options);
/* BF3E { 5C 5A } */
enum err es10c_parse_get_eid(struct slice der) MUST_CHECK;
void es10c_put_get_eid(struct wbuf *w);
/* BF3E { 5A eid } */
enum err es10c_parse_eid(struct slice der, struct slice *eid) MUST_CHECK;
void es10c_put_eid(struct wbuf *w, struct slice eid);

#endif
