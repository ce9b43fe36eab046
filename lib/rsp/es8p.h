/*
 * es8p: subscription manager and eUICC: the commands inside a bound profile package (SGP.22 5.5 and
 * 2.5). Conventions in rsp.h.
 */
#ifndef TWINKEY_RSP_ES8P_H
#define TWINKEY_RSP_ES8P_H

#include "lib/base/bytes.h"
#include "lib/rsp/rsp.h"

#define ES8P_INSTALL_BPP   1	/* remoteOpId */
#define ES8P_KEY_TYPE_AES  0x88 /* GlobalPlatform table 11-16 */
#define ES8P_KEY_LEN	   0x10
#define ES8P_HOST_ID_MAX   16
#define ES8P_TAG_ENCRYPTED 0x87u /* ConfigureISDP, ReplaceSessionKeys */
#define ES8P_TAG_METADATA  0x88u /* StoreMetadata: MAC only */
#define ES8P_TAG_PROFILE   0x86u /* profile elements */
/* SGP.22 2.5.4 ends a segment at 1020 octets; others send 1036, which are taken too. */
#define ES8P_SEGMENT_MAX 1036

struct es8p_secure_channel { /* BF23 InitialiseSecureChannelRequest */
	uint32_t remote_op;
	struct slice transaction_id;
	struct slice key_type, key_len; /* one octet each */
	struct slice host_id;		/* 1 to 16 octets */
	struct slice crt_raw;	/* A6 with these three, as received; empty: it is made of them */
	struct slice smdp_otpk; /* 65 octets */
	struct slice signature; /* 64 octets */
};

struct es8p_metadata { /* BF25 StoreMetadataRequest */
	struct slice iccid;
	struct slice service_provider, profile_name;
	bool has_icon_type, has_class, has_ppr;
	uint32_t icon_type;
	struct slice icon;
	uint32_t profile_class;		  /* enum es10c_profile_class */
	struct slice notification_config; /* contents of B6: es8p_next_notification() */
	struct slice owner;		  /* contents of B7 */
	uint32_t ppr;
	struct slice service_data; /* contents of BF22, OPTIONAL (since 2.4) */
};

struct es8p_session_keys {			   /* BF26 ReplaceSessionKeysRequest: secret */
	struct slice mac_chain, ppk_enc, ppk_cmac; /* 16 octets each */
};

enum err es8p_parse_secure_channel(struct slice der, struct es8p_secure_channel *out) MUST_CHECK;
void es8p_put_secure_channel(struct wbuf *w, const struct es8p_secure_channel *m);
/* What smdpSign covers: 82, 80, A6, 5F49 (SM-DP+) and 5F49 (eUICC) (SGP.22 5.5.1). */
void es8p_put_secure_channel_signed(struct wbuf *w, const struct es8p_secure_channel *m,
				    struct slice euicc_otpk);

/* BF24; dp_proprietary: contents of B8, OPTIONAL. */
enum err es8p_parse_configure_isdp(struct slice der, struct slice *dp_proprietary) MUST_CHECK;
void es8p_put_configure_isdp(struct wbuf *w, struct slice dp_proprietary);
/* The value of dpOid in the contents of B8. */
enum err es8p_parse_dp_proprietary(struct slice contents, struct slice *oid) MUST_CHECK;

enum err es8p_parse_metadata(struct slice der, struct es8p_metadata *out) MUST_CHECK;
void es8p_put_metadata(struct wbuf *w, const struct es8p_metadata *m);
/* NotificationConfigurationInformation: the next of the list; false at the end and on failure. */
bool es8p_next_notification(struct cursor *c, uint32_t *events, struct slice *address);
void es8p_put_notification_config(struct wbuf *w, uint32_t events, struct slice address);

enum err es8p_parse_session_keys(struct slice der, struct es8p_session_keys *out) MUST_CHECK;
void es8p_put_session_keys(struct wbuf *w, const struct es8p_session_keys *m);

/* BF36 whole, for the sides that hold it whole. The sequences are contents: 87.. 88.. 87.. 86.. */
struct es8p_package {
	struct slice secure_channel_raw; /* BF23 */
	struct slice first87, seq88;
	struct slice second87; /* OPTIONAL */
	struct slice seq86;
};
enum err es8p_parse_package(struct slice der, struct es8p_package *out) MUST_CHECK;
void es8p_put_package(struct wbuf *w, const struct es8p_package *m);
/*
 * Cuts a package into the pieces that ES10b.LoadBoundProfilePackage takes, each a command chain of
 * its own (SGP.22 5.7.6): BF36 header and BF23; A0 whole; A1 header; each 88; A2 whole if present;
 * A3 header; each 86. Sets *piece and returns true until the end; failure is in s->err.
 */
struct es8p_segmenter {
	struct cursor rest;
	enum err err;
};
enum err es8p_segmenter_init(struct es8p_segmenter *s, struct slice package) MUST_CHECK;
bool es8p_segmenter_next(struct es8p_segmenter *s, struct slice *piece);

#endif
