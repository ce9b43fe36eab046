/*
 * place: where in a card's files one is, and where a SELECT leads (TS 102 221 8.4, TS 51.011 6.5).
 */
#ifndef TWINKEY_TRACE_DECODE_PLACE_H
#define TWINKEY_TRACE_DECODE_PLACE_H

#include "lib/trace/decode/application.h"
#include "lib/trace/decode/ef/table.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/apdu.h"

#define PLACE_DEPTH_MAX 8
#define PLACE_TEXT_MAX	192

struct place {
	uint8_t aid[AID_LEN]; /* of the application whose ADF is the first directory */
	size_t aid_len;
	struct application application;
	unsigned depth; /* of what follows; 1 at least: the MF (3F00) or an ADF (7FFF) */
	uint16_t path[PLACE_DEPTH_MAX];
	enum ef_place in[PLACE_DEPTH_MAX];
	bool has_ef;
	uint16_t ef;
};

struct place place_mf(void);
/* The directory in which the file is, or which is selected. */
enum ef_place place_directory(const struct place *p);
/* The standard's file; NULL: none of it, or a directory. */
const struct ef_kind *place_ef(const struct place *p);
/* As when the file of this identifier became current in its directory. */
void place_enter_ef(struct place *p, uint16_t fid);
/*
 * Where a SELECT leads from here, or would lead if it was refused; answer: its FCP, FCI or what a
 * 2G card says. A path of the data that is odd leads as far as it can be followed.
 */
struct place place_select(const struct place *from, const struct apdu *a, struct slice answer);
/* "MF/DF.TELECOM/EF.ADN"; a file of no standard by its identifier */
void place_text(const struct place *p, char out[static PLACE_TEXT_MAX]);

#endif
