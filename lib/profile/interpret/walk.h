/*
 * walk: the state of one walk over a package, and the elements' handlers. For lib/profile only.
 */
#ifndef TWINKEY_PROFILE_WALK_H
#define TWINKEY_PROFILE_WALK_H

#include "lib/profile/interpret/interpret.h"
#include "lib/profile/services.h"
#include "lib/profile/template/template.h"

#define WALK_NOTES_MAX	  (PROFILE_ELEMENTS_MAX + 64) /* 11 octets each: PROFILE_REPORT_MAX */
#define WALK_LEFT_OUT_MAX 16

struct walk {
	const struct profile_sink *sink;
	bool patch;
	bool seen_header, seen_end;
	char df[PROFILE_PATH_MAX];  /* the last element's first DF: whose PINs a PE-PINCodes has */
	char at[PROFILE_PATH_MAX];  /* where PE-GenericFileManagement begins */
	char naa[PROFILE_PATH_MAX]; /* ADF of the last USIM, ISIM or CSIM, "" before */
	char adfs[TEMPLATE_IN_CSIM + 1][PROFILE_PATH_MAX]; /* of the last of each kind */
	/* Where an application was left out, the paths above are "", and what is for it fares as it
	 * did: with the last one's status, and that of the last of each kind. */
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

/* One element: c is behind its PEHeader. */
struct element {
	struct cursor *c;
	uint32_t tag;
	struct slice raw;
	bool mandated;
};

/* The report is to tell this, though the walk goes on. */
void walk_note(struct walk *w, enum pe_status status);
/* The card takes what is for this service. */
bool walk_has(const struct walk *w, enum service s);
/* Which application an element makes; TEMPLATE_UNDER_MF: none. */
enum template_place walk_naa_of(uint32_t tag);
/* What an element with this tag fares with for its kind's sake. */
enum pe_status walk_support(const struct walk *w, uint32_t tag);
/* The status of what is for an application that isn't there: lost (PE_OK: it never was). */
enum pe_status walk_without_naa(enum pe_status lost);
/* filePath leads into an ADF that was left out. */
bool walk_path_lost(const struct walk *w, struct slice path);

enum pe_status walk_profile_header(struct walk *w, struct slice value); /* header.c */
enum pe_status walk_template(struct walk *w, const struct element *e);	/* file.c */
enum pe_status walk_generic(struct walk *w, const struct element *e);
enum pe_status walk_puk(struct walk *w, const struct element *e); /* secrets.c */
enum pe_status walk_pin(struct walk *w, const struct element *e);
enum pe_status walk_aka(struct walk *w, const struct element *e);
enum pe_status walk_cdma(struct walk *w, const struct element *e);
enum pe_status walk_security_domain(struct walk *w, const struct element *e); /* apps.c */
enum pe_status walk_rfm(struct walk *w, const struct element *e);
enum pe_status walk_application(struct walk *w, const struct element *e);

/*
 * filePath (8.3.5): FIDs from the MF, or from an ADF's temporary identifier; empty: the MF. False:
 * malformed or too deep.
 */
bool walk_path(const struct walk *w, struct slice v, char out[static PROFILE_PATH_MAX]);

#endif
