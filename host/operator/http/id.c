#include "host/operator/http/id.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/bytes.h"
#include "lib/crypto/symmetric.h"

#define RANDOM_LEN 12

bool http_id_is_good(const char *text)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				  "._-");

	return len && len <= HTTP_ID_MAX && !text[len];
}

void http_id_take(const char *shown, char id[static HTTP_ID_CAP])
{
	uint8_t octets[RANDOM_LEN];

	id[0] = 0;
	if (shown && http_id_is_good(shown))
		snprintf(id, HTTP_ID_CAP, "%s", shown);
	else if (random_bytes(octets, sizeof(octets)) ||
		 hex_encode(SLICE_OF(octets), id, HTTP_ID_CAP))
		id[0] = 0;
}
