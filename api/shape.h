/*
 * shape: the structs of the interface, which begin with their size.
 */
#ifndef TWINKEY_API_SHAPE_H
#define TWINKEY_API_SHAPE_H

#include <stddef.h>

#include "include/twinkey/error.h"

struct shape {
	const char *name;
	size_t first, known; /* octets of its first version, and of the one that this library has */
};

/*
 * A struct of the caller's. Members that the program does not have are zero; members that this
 * library does not have must be.
 */
enum twinkey_code shape_take(const void *from, void *to, const struct shape *shape,
			     struct twinkey_error *error);

#endif
