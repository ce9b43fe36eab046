/*
 * json: an unprotected profile package to JSON and back, octet for octet.
 *
 *	{"format": "PEDefinitions 3.3.1", "elements": [{"header": {...}}, {"mf": {...}}, ...]}
 *
 * Names are those of the ASN.1, in its order; a CHOICE is an object with one key; a list (a File is
 * one) an array in its order. Octets are hex, OBJECT IDENTIFIERs dotted, named numbers their names.
 * A field that stands in the package stands in the JSON, default or not. What PEDefinitions does
 * not know is kept: "_extensions" of an object are whole data objects in hex, {"_tlv": HEX} is one
 * in a list, {"_raw": HEX} the contents of a known field that has not the shape of its type.
 * Without secrets {"_masked": OCTETS} stands in place of keys, codes and all that is kept raw; no
 * package can be made of that.
 */
#ifndef TWINKEY_HOST_PROFILE_PACKAGE_JSON_H
#define TWINKEY_HOST_PROFILE_PACKAGE_JSON_H

#include <jansson.h>

#include "lib/profile/schema/schema.h"

#define PACKAGE_MAX	     (1u << 20) /* octets of a package */
#define PACKAGE_JSON_MAX     (8u << 20) /* of its JSON */
#define PACKAGE_OBJECTS_MAX  100000u	/* data objects in it */
#define PACKAGE_ELEMENTS_MAX 4096u

struct package_error {
	char path[256]; /* JSON pointer, "" for the whole */
	char why[192];	/* a sentence; never a value */
};

/*
 * *out is the caller's. ERR_TRUNCATED, ERR_ENCODING ...: no DER at the outer level; ERR_LENGTH:
 * more than the maxima above; ERR_MEMORY.
 */
enum err package_to_json(struct slice package, bool secrets, json_t **out,
			 struct package_error *error) MUST_CHECK;
/* One node, as it stands in the JSON of the package. NULL when memory is out. */
json_t *package_node_json(const struct schema_node *n, bool secrets);
/* Appends the package to out. ERR_VALUE and *error when the JSON says no package. */
enum err package_from_json(const json_t *json, struct wbuf *out,
			   struct package_error *error) MUST_CHECK;
/* From now on jansson wipes what it frees: call it before secrets go into JSON. */
void package_json_wipe(void);
/* The value must not be shown: it is a key or a code, or content of a file that holds keys. */
bool package_masked(const struct schema_node *n);
/*
 * Checks that the package is whole at its outer level and within the maxima. ERR_LENGTH, or the
 * error of the DER reader; *error says where.
 */
enum err package_check(struct slice package, struct package_error *error) MUST_CHECK;

#endif
