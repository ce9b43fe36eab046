/* version: which interface this library has */
#include "include/twinkey/version.h"

#define TEXT_OF(number)	    #number
#define VERSION_OF(a, b, c) TEXT_OF(a) "." TEXT_OF(b) "." TEXT_OF(c)

const char *twinkey_version(void)
{
	return VERSION_OF(TWINKEY_API_MAJOR, TWINKEY_API_MINOR, TWINKEY_API_PATCH);
}
