/*
 * version: the version of this interface (semantic versioning, https://semver.org). Not that of the
 * programs: a release of Twinkey may change them and leave the interface as it is.
 *
 * Within one major version, which is the number in libtwinkey.so.1, functions, members of structs
 * and values of enums are added and never changed or taken away: a program that was built with 1.0
 * runs with 1.3.
 */
#ifndef TWINKEY_VERSION_H
#define TWINKEY_VERSION_H

#define TWINKEY_API_MAJOR 1
#define TWINKEY_API_MINOR 0
#define TWINKEY_API_PATCH 0

#if defined(__GNUC__)
#define TWINKEY_PUBLIC	   __attribute__((visibility("default")))
#define TWINKEY_MUST_CHECK __attribute__((warn_unused_result))
#else
#define TWINKEY_PUBLIC
#define TWINKEY_MUST_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that runs, "1.0.0". Static. */
TWINKEY_PUBLIC const char *twinkey_version(void);

#ifdef __cplusplus
}
#endif

#endif
