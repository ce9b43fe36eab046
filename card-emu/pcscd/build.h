/*
 * build: which pcscd this machine has, and what it was built with.
 */
#ifndef TWINKEY_CARD_PCSCD_BUILD_H
#define TWINKEY_CARD_PCSCD_BUILD_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "tool/sys/path.h"

struct pcscd_build {
	char path[PATH_CAP];
	unsigned readers_max; /* UINT_MAX: it has no limit */
	bool takes_socket;    /* one that it is given, as systemd does */
	bool reads_config;    /* readers that are no USB devices */
	bool polkit_switch;   /* it asks polkit who may use it, and can be told not to */
};

/*
 * Looks in PATH and where administrators' programs are, and asks it. ERR_NO_SERVICE: there is none,
 * or it does not say what it is; trouble_text() (tool/sys/trouble.h) is the whole sentence.
 */
enum err pcscd_build_find(struct pcscd_build *out) MUST_CHECK;
/* What `pcscd --version` prints. ERR_VALUE: it is not of that form. */
enum err pcscd_build_parse(const char *text, struct pcscd_build *out) MUST_CHECK;

#endif
