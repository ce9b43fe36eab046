/*
 * package: what dpkg knows of an installed package.
 */
#ifndef TWINKEY_HOST_DOCTOR_PACKAGE_H
#define TWINKEY_HOST_DOCTOR_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The version of the package name in the system at root ("" for this one), cut at cap. False and ""
 * where it is not installed, or this is no Debian system. Asks dpkg-query: dpkg's files are its
 * own.
 */
bool package_version(const char *root, const char *name, char *out, size_t cap);

#endif
