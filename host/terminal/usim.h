/*
 * usim: the files and the AUTHENTICATE command of a USIM or 2G SIM, as a terminal uses them.
 * ETSI TS 102 221, 3GPP TS 31.102; TS 51.011 for class A0.
 *
 * ERR_CARD: a status word says no, uicc_last_sw() which; ERR_PROTOCOL: the answer makes no sense.
 */
#ifndef TWINKEY_HOST_USIM_H
#define TWINKEY_HOST_USIM_H

#include "host/terminal/uicc.h"

#define USIM_ICCID_MAX	20 /* digits */
#define USIM_IMSI_MAX	15
#define USIM_AID_MAX	16
#define USIM_LABEL_MAX	32
#define USIM_APPS_MAX	16
#define USIM_RAND_LEN	16
#define USIM_AUTN_LEN	16
#define USIM_AUTS_LEN	14
#define USIM_RES_MAX	16
#define USIM_KEY_LEN	16
#define USIM_KC_LEN	8
#define USIM_LABEL_TEXT (3 * USIM_LABEL_MAX)
#define USIM_SPN_TEXT	64   /* octets of UTF-8 */
#define USIM_PIN1	0x01 /* key reference, TS 102 221 table 9.3 */

struct usim_app { /* a line of EF.DIR */
	uint8_t aid[USIM_AID_MAX];
	size_t aid_len;
	char label[USIM_LABEL_TEXT + 1]; /* UTF-8 */
};

enum usim_outcome { USIM_SUCCESS, USIM_SYNC_FAILURE, USIM_MAC_FAILURE };

struct usim_answer { /* CK, IK, Kc: wipe it after use */
	enum usim_outcome outcome;
	uint8_t res[USIM_RES_MAX]; /* SRES in the GSM context */
	size_t res_len;
	bool has_ck_ik, has_kc;
	uint8_t ck[USIM_KEY_LEN], ik[USIM_KEY_LEN], kc[USIM_KC_LEN];
	uint8_t auts[USIM_AUTS_LEN];
};

/* The file of this identifier under the present directory, whole. */
enum err usim_read_binary(struct uicc *u, uint16_t fid, struct wbuf *out) MUST_CHECK;
/* EF.ICCID under the MF; hex digits and a NUL. */
enum err usim_read_iccid(struct uicc *u, char out[static USIM_ICCID_MAX + 1]) MUST_CHECK;
/* EF.DIR; *count at most USIM_APPS_MAX. */
enum err usim_applications(struct uicc *u, struct usim_app apps[static USIM_APPS_MAX],
			   size_t *count) MUST_CHECK;
/* SELECTs the first USIM of EF.DIR, or by the beginning of its AID. ERR_NOT_FOUND: there is none.
 */
enum err usim_select(struct uicc *u) MUST_CHECK;
/*
 * Whether a PIN is enabled, by the PIN status template in the answer to STATUS (TS 102 221 9.5.2,
 * 11.1.1.4.10). *enabled is true too when the card does not say.
 */
enum err usim_pin_enabled(struct uicc *u, uint8_t key_reference, bool *enabled) MUST_CHECK;
/* The name in EF.SPN of the selected USIM as UTF-8, "" when it is empty. */
enum err usim_read_spn(struct uicc *u, char out[static USIM_SPN_TEXT + 1]) MUST_CHECK;
/* EF.IMSI of the selected USIM; digits and a NUL. */
enum err usim_read_imsi(struct uicc *u, char out[static USIM_IMSI_MAX + 1]) MUST_CHECK;
/* AUTHENTICATE in the 3G context of the selected USIM. An incorrect MAC is an outcome. */
enum err usim_authenticate(struct uicc *u, const uint8_t rand[static USIM_RAND_LEN],
			   const uint8_t autn[static USIM_AUTN_LEN],
			   struct usim_answer *out) MUST_CHECK;
/* AUTHENTICATE in the GSM context of the selected USIM. */
enum err usim_gsm_authenticate(struct uicc *u, const uint8_t rand[static USIM_RAND_LEN],
			       struct usim_answer *out) MUST_CHECK;
/* RUN GSM ALGORITHM of a 2G SIM (class A0). */
enum err usim_run_gsm(struct uicc *u, const uint8_t rand[static USIM_RAND_LEN],
		      struct usim_answer *out) MUST_CHECK;

#endif
