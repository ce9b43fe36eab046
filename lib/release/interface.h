/*
 * interface: the paths of the operator's lab interface (docs/protocol.md section 3), for the
 * operator that serves them and for the terminal that relays by them.
 */
#ifndef TWINKEY_RELEASE_INTERFACE_H
#define TWINKEY_RELEASE_INTERFACE_H

#define LAB_PATH		    "/twinkey/v1/"
#define LAB_PATH_AUC_VECTOR	    LAB_PATH "auc/vector"
#define LAB_PATH_AUC_VERIFY	    LAB_PATH "auc/verify"
#define LAB_PATH_AUC_RESYNC	    LAB_PATH "auc/resync"
#define LAB_PATH_AUC_AV		    LAB_PATH "auc/av"
#define LAB_PATH_FACTOR_STATUS	    LAB_PATH "factor/status"
#define LAB_PATH_FACTOR_TOTP	    LAB_PATH "factor/totp"
#define LAB_PATH_RELEASE_RESEAL	    LAB_PATH "release/reseal"
#define LAB_PATH_RELEASE_GRANT	    LAB_PATH "release/grant"
#define LAB_PATH_RELEASE_RESULT	    LAB_PATH "release/result"
#define LAB_PATH_RELEASE_ACTIVATION LAB_PATH "release/activation"

#endif
