/*
 * hlr_auc_gw: authentication vectors for hostapd over its eap_sim_db socket: unix datagrams of
 * text, one request and one answer each.
 */
#ifndef TWINKEY_OPERATOR_HLR_AUC_GW_H
#define TWINKEY_OPERATOR_HLR_AUC_GW_H

#include "host/operator/store/store.h"

#define HLR_AUC_GW_MESSAGE_MAX 1024

/*
 * The answer to one request into answer (NUL-terminated, "" when the protocol has none). Never
 * fails: a request that cannot be served, even a malformed one, is answered FAILURE under the IMSI
 * that it names; anything else is not answered. The answer is secret: wipe it. now: seconds since
 * 1970.
 */
void hlr_auc_gw_answer(struct operator_store *s, const char *request, int64_t now,
		       char answer[static HLR_AUC_GW_MESSAGE_MAX]);
/*
 * Serves on a socket at path (mode 0600) until there is a wish of cancel (from cancel_open());
 * removes the socket. A stale socket is replaced; ERR_LOCKED when somebody listens there. ready()
 * is called when the socket is open.
 */
enum err hlr_auc_gw_serve(struct operator_store *s, const char *path, struct cancel *cancel,
			  void (*ready)(void)) MUST_CHECK;

#endif
