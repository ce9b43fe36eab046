/*
 * cat: the card application toolkit: proactive commands, terminal responses, envelopes, the
 * terminal's profile. ETSI TS 102 223, 3GPP TS 31.111.
 */
#ifndef TWINKEY_TRACE_DECODE_CAT_H
#define TWINKEY_TRACE_DECODE_CAT_H

#include "lib/trace/decode/cat/codes.h"
#include "lib/trace/decode/tree.h"

#define CAT_TITLE_MAX 96

struct cat_details { /* 8.6 */
	uint8_t number, type, qualifier;
};

/* The tag of a template (9.2), and the objects in it; 0: it is none. */
uint8_t cat_open(struct slice object, struct slice *inner);
/* The first object with this tag. */
bool cat_find(struct slice objects, enum cat_tag tag, struct slice *value);
bool cat_take_details(struct slice objects, struct cat_details *out);
/* "REFRESH"; NULL: of no standard */
const char *cat_type_name(uint8_t type);
/* "UICC reset", of REFRESH; NULL: of no standard */
const char *cat_refresh_name(uint8_t qualifier);
/* A TERMINAL PROFILE says whether it does the command (5.2). True also where no bit is for it. */
bool cat_profile_has(struct slice profile, uint8_t type);

/* "REFRESH", of what FETCH answers; "" where it says none */
void cat_proactive_title(struct slice command, char out[static CAT_TITLE_MAX]);
/* "REFRESH: performed successfully", of TERMINAL RESPONSE */
void cat_response_title(struct slice response, char out[static CAT_TITLE_MAX]);
/* "SMS-PP download" */
void cat_envelope_title(struct slice envelope, char out[static CAT_TITLE_MAX]);

/* One node: a proactive command, or an envelope: a BER-TLV object of simple ones. */
void cat_tell(struct slice object, const struct tree *t);
/* COMPREHENSION-TLV objects, one after the other: those of a TERMINAL RESPONSE */
void cat_tell_objects(struct slice objects, const struct tree *t);
/* TERMINAL PROFILE: what the terminal can do, TS 102 223 5.2 */
void cat_tell_profile(struct slice profile, const struct tree *t);

#endif
