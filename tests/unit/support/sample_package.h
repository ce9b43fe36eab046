/*
 * sample_package: profile packages that tests of the profile tools share.
 */
#ifndef TWINKEY_TESTS_SAMPLE_PACKAGE_H
#define TWINKEY_TESTS_SAMPLE_PACKAGE_H

#include <jansson.h>

#include "lib/base/bytes.h"

/* One that the operator's side builds, with a sealed part or without. Free by wbuf_free(). */
void sample_package(struct wbuf *out, bool sealed_part);
/* A change of tests/vectors/lint.json made to the elements: an array of {"set": PATH, "to": X},
 * {"drop": PATH}, {"add": PATH, "value": X}; X may be {"repeat": HEX, "times": N}. */
void sample_change(json_t *elements, const json_t *changes);
/* The package of these elements. Free by wbuf_free(). */
void sample_encode(json_t *elements, struct wbuf *out);

#endif
