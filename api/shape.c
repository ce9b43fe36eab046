#include "api/shape.h"

#include <stdint.h>
#include <string.h>

#include "api/error.h"

enum twinkey_code shape_take(const void *from, void *to, const struct shape *shape,
			     struct twinkey_error *error)
{
	const uint8_t *octets = from;
	size_t size;

	memcpy(&size, from, sizeof(size));
	if (size < shape->first)
		return error_said(error, ERR_USAGE, "size of %s is %zu: set it to sizeof it",
				  shape->name, size);
	for (size_t i = shape->known; i < size; i++) {
		if (octets[i])
			return error_said(error, ERR_UNSUPPORTED,
					  "%s has a member that this library (%s) does not know",
					  shape->name, twinkey_version());
	}
	memcpy(to, from, size < shape->known ? size : shape->known);
	return TWINKEY_OK;
}
