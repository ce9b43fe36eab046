/*
 * link_trouble: why a server could not be asked, in words that say what to do.
 */
#ifndef TWINKEY_HOST_LINK_TROUBLE_H
#define TWINKEY_HOST_LINK_TROUBLE_H

#include <curl/curl.h>

#include "lib/base/err.h"

/*
 * Writes a sentence on the failure r of curl's last transfer, and libcurl's own (detail) in
 * brackets behind it; "" when ERR_CANCELLED says it all. r is no success.
 */
enum err link_trouble(CURL *curl, CURLcode r, const char *detail, char *text,
		      size_t cap) MUST_CHECK;

#endif
