/*
 * desk_paths: where the forms of the desk go.
 */
#ifndef TWINKEY_OPERATOR_WEB_DESK_PATHS_H
#define TWINKEY_OPERATOR_WEB_DESK_PATHS_H

#define DESK_PATH	  "/desk"
#define DESK_PATH_SIGN_IN "/desk/sign-in"
#define DESK_PATH_OUT	  "/desk/sign-out"
#define DESK_PATH_LOOK	  "/desk/subscriber"
#define DESK_PATH_APPROVE "/desk/approve"
#define DESK_PATH_SUSPEND "/desk/suspend"
#define DESK_PATH_RESUME  "/desk/resume"
#define DESK_PATH_ROTATE  "/desk/rotate"

#endif
