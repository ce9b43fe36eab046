/*
 * hlr_auc_gw: authentication vectors for hostapd over its eap_sim_db socket: unix datagrams of
 * text, one request and one answer each.
 */
#ifndef TWINKEY_OPERATOR_HLR_AUC_GW_H
#define TWINKEY_OPERATOR_HLR_AUC_GW_H

#include "host/operator/store/store.h"

#define HLR_AUC_GW_MESSAGE_MAX 1024

/*
 * The answer to one request into answer (NUL-terminated, "" when the protocol has none). A request
 * that cannot be served, even a malformed one, is answered FAILURE under the IMSI that it names;
 * anything else is not answered. ERR_LOCKED, ERR_DB_AWAY, ERR_DB_SLOW: so is this one, because of
 * the store; nothing was done, and it may be asked again. The answer is secret: wipe it. now:
 * seconds since 1970.
 */
enum err hlr_auc_gw_answer(struct operator_store *s, const char *request, int64_t now,
			   char answer[static HLR_AUC_GW_MESSAGE_MAX]) MUST_CHECK;
/* The answer FAILURE, likewise. */
void hlr_auc_gw_refuse(const char *request, char answer[static HLR_AUC_GW_MESSAGE_MAX]);
/*
 * Serves on a socket at path (mode 0600) until there is a wish of cancel (from cancel_open());
 * removes the socket. A stale socket is replaced; ERR_LOCKED when somebody listens there. ready()
 * is called when the socket is open. Requests that are there at once are a round, which waits for
 * the disk once: no answer leaves before the numbers in it are kept.
 */
enum err hlr_auc_gw_serve(struct operator_store *s, const char *path, struct cancel *cancel,
			  void (*ready)(void)) MUST_CHECK;

#endif
