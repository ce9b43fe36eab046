/*
 * interface: the paths of the functions of ES9+ and ES2+ (SGP.22 6.5.2), for the manager that
 * serves them and for who calls them.
 */
#ifndef TWINKEY_RSP_INTERFACE_H
#define TWINKEY_RSP_INTERFACE_H

/* SGP.22 5.6 */
#define ES9P_PATH			    "/gsma/rsp2/es9plus/"
#define ES9P_PATH_INITIATE_AUTHENTICATION   ES9P_PATH "initiateAuthentication"
#define ES9P_PATH_AUTHENTICATE_CLIENT	    ES9P_PATH "authenticateClient"
#define ES9P_PATH_GET_BOUND_PROFILE_PACKAGE ES9P_PATH "getBoundProfilePackage"
#define ES9P_PATH_HANDLE_NOTIFICATION	    ES9P_PATH "handleNotification"
#define ES9P_PATH_CANCEL_SESSION	    ES9P_PATH "cancelSession"

/* SGP.22 5.3 */
#define ES2P_PATH		  "/gsma/rsp2/es2plus/"
#define ES2P_PATH_DOWNLOAD_ORDER  ES2P_PATH "downloadOrder"
#define ES2P_PATH_CONFIRM_ORDER	  ES2P_PATH "confirmOrder"
#define ES2P_PATH_CANCEL_ORDER	  ES2P_PATH "cancelOrder"
#define ES2P_PATH_RELEASE_PROFILE ES2P_PATH "releaseProfile"

#endif
