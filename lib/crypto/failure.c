#include "lib/crypto/failure.h"

#include <openssl/ec.h>
#include <openssl/err.h>

enum err crypto_failure(enum err cause)
{
	unsigned long code;

	while ((code = ERR_get_error()) != 0) {
		if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
			cause = ERR_MEMORY;
	}
	return cause;
}

void crypto_forget_failures(void)
{
	ERR_clear_error();
}

static bool blames_point(unsigned long code)
{
	if (ERR_GET_LIB(code) != ERR_LIB_EC)
		return false;
	switch (ERR_GET_REASON(code)) {
	case EC_R_POINT_IS_NOT_ON_CURVE:
	case EC_R_POINT_AT_INFINITY:
	case EC_R_COORDINATES_OUT_OF_RANGE:
	case EC_R_INVALID_COMPRESSED_POINT:
	case EC_R_INVALID_ENCODING: return true;
	default: return false;
	}
}

enum err crypto_point_failure(void)
{
	enum err cause = ERR_CRYPTO;
	unsigned long code;

	while ((code = ERR_get_error()) != 0) {
		if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
			cause = ERR_MEMORY;
		else if (cause == ERR_CRYPTO && blames_point(code))
			cause = ERR_POINT;
	}
	return cause;
}
