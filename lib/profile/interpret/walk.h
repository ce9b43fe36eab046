/*
 * walk: the state of one walk over a package, and what the elements' handlers ask of it. For
 * lib/profile/interpret only.
 */
#ifndef TWINKEY_PROFILE_WALK_H
#define TWINKEY_PROFILE_WALK_H

#include "lib/profile/interpret/sink.h"
#include "lib/profile/services.h"
#include "lib/profile/template/template.h"

#define WALK_NOTES_MAX	  (PROFILE_ELEMENTS_MAX + 64) /* 11 octets each: PROFILE_REPORT_MAX */
#define WALK_LEFT_OUT_MAX 16
#define PATH_MF		  "3F00"

struct walk;

/* One element: c is behind its PEHeader. */
struct element {
	struct cursor *c;
	uint32_t tag;
	struct slice raw;
	bool mandated;
};

/* A kind of element that is known, and its handler. */
struct walk_row {
	uint32_t tag;
	bool in_patch;
	enum pe_status (*run)(struct walk *w, const struct element *e);
	const char *clause; /* of the TCA specification */
	uint32_t needs;	    /* SERVICE_SET of the service that it is for; 0: of none */
};

struct walk {
	const struct profile_sink *sink;
	const struct walk_row *rows; /* every kind of element that is known */
	size_t row_count;
	bool patch;
	bool seen_header, seen_end;
	char df[PROFILE_PATH_MAX];  /* the first DF of the last element: PE-PINCodes is for it */
	char at[PROFILE_PATH_MAX];  /* where PE-GenericFileManagement begins */
	char naa[PROFILE_PATH_MAX]; /* ADF of the last USIM, ISIM or CSIM, "" before */
	char adfs[TEMPLATE_IN_CSIM + 1][PROFILE_PATH_MAX]; /* of the last of each kind */
	/*
	 * When an application is left out, the paths above become "". An element that belongs to
	 * that application is then left out with the application's status: lost is that of the last
	 * application, lost_of that of the last one of each kind.
	 */
	enum pe_status lost, lost_of[TEMPLATE_IN_CSIM + 1];
	uint16_t left_out[WALK_LEFT_OUT_MAX]; /* temporary identifiers of such ADFs */
	size_t left_out_count;
	bool has_id;
	uint16_t id;	   /* of the present element; ProfileHeader has none */
	struct walk_note { /* what is left out, or not in force */
		enum pe_status status;
		uint16_t id;
		bool has_id;
	} notes[WALK_NOTES_MAX];
	size_t note_count; /* beyond WALK_NOTES_MAX: the package is refused, nothing is silent */
};

/* The report says this of the present element, and the walk goes on. */
void walk_note(struct walk *w, enum pe_status status);
/* The card takes what a profile brings for this service. */
bool walk_has(const struct walk *w, enum service s);
/* NULL: no element with this tag is known. */
const struct walk_row *walk_row_of(const struct walk *w, uint32_t tag);
/* PE_OK: the card takes elements with this tag; else the status with which it refuses all of them.
 */
enum pe_status walk_tag_status(const struct walk *w, uint32_t tag);
/* The kind of application that an element with this tag makes; TEMPLATE_UNDER_MF: none. */
enum template_place walk_naa_of(uint32_t tag);
/*
 * The status of an element whose application is not there. lost: the status with which the
 * application was left out, PE_OK when the package never had one.
 */
enum pe_status walk_without_naa(enum pe_status lost);
/* filePath leads into an ADF that was left out. */
bool walk_path_is_lost(const struct walk *w, struct slice path);
/*
 * filePath (8.3.5): FIDs from the MF, or from an ADF's temporary identifier; empty: the MF. False:
 * malformed or too deep.
 */
bool walk_path(const struct walk *w, struct slice v, char out[static PROFILE_PATH_MAX]);
/* path + fid; false when too deep. */
bool walk_path_join(const char *path, uint16_t fid, char out[static PROFILE_PATH_MAX]);

#endif
