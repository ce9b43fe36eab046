/*
 * outline: an unprotected profile package seen as a whole: its elements, the files that they make
 * with their places and their effective facts (what the Fcp says, else the template), and the
 * contents. For tools that judge or compare packages; the card has its own interpreter.
 */
#ifndef TWINKEY_PROFILE_OUTLINE_H
#define TWINKEY_PROFILE_OUTLINE_H

#include "lib/profile/schema/schema.h"
#include "lib/profile/template/template.h"
#include "lib/uicc/fcp.h"

#define OUTLINE_PATH_MAX     48
#define OUTLINE_WHERE_MAX    128
#define OUTLINE_ELEMENTS_MAX 1024u
#define OUTLINE_FILES_MAX    4096u
#define OUTLINE_CONTENT_MAX  65536 /* octets of one file that are put together */

struct outline_element {
	struct schema_node node;
	const char *name; /* "usim"; "" for an element that is not known */
	bool has_id, mandated;
	uint64_t id;
	char df[OUTLINE_PATH_MAX]; /* the DF that codes in this place belong to, "" before any */
	size_t naa;		   /* index of the usim, isim, csim or iot before; SIZE_MAX: none */
	char where[OUTLINE_WHERE_MAX]; /* JSON pointer */
};

struct outline_file {
	size_t element;
	const char *name; /* "ef-imsi"; "" for one that PE-GenericFileManagement makes */
	bool generic;	  /* by PE-GenericFileManagement */
	bool defaulted;	  /* not in the package: the template makes it */
	bool not_created; /* doNotCreate */
	bool adf;
	const struct template_file *row; /* of its template, NULL when there is none */
	struct schema_node fcp;		 /* type NULL: none */
	struct slice steps;		 /* the File, or what follows createFCP */
	char path[OUTLINE_PATH_MAX];	 /* FIDs from the MF, or from an ADF's; "" when unknown */
	char parent[OUTLINE_PATH_MAX];
	uint16_t fid; /* 0: unknown */
	enum uicc_structure kind;
	size_t size, record_len; /* 0: unknown */
	bool has_sfi;
	uint8_t sfi;	  /* 0: unknown */
	uint16_t arr_fid; /* 0: unknown */
	uint8_t arr_record;
	struct slice aid, link;
	bool is_link;
	char where[OUTLINE_WHERE_MAX];
};

struct outline_path { /* a filePath of PE-GenericFileManagement */
	size_t element;
	struct slice value;
	char path[OUTLINE_PATH_MAX]; /* "" when it is none */
	size_t files;		     /* how many files were there before it */
	char where[OUTLINE_WHERE_MAX];
};

struct outline {
	struct slice package;
	struct outline_element *elements;
	size_t element_count;
	struct outline_file *files;
	size_t file_count;
	struct outline_path *paths;
	size_t path_count;
};

/*
 * ERR_LENGTH: more than the maxima above; ERR_MEMORY; the error of the DER reader for the outer
 * level. A malformed part inside leaves its facts unknown. Slices borrow from the package.
 */
enum err outline_make(struct slice package, struct outline **out) MUST_CHECK;
void outline_free(struct outline **o);

/* The first element (or file) of the name, or the next after the given one; NULL when none. */
const struct outline_element *outline_element(const struct outline *o, const char *name,
					      const struct outline_element *after);
/* The file at a path, NULL when there is none. */
const struct outline_file *outline_at(const struct outline *o, const char *path);
/* The file of this FID under the same ADF or the MF as the element's codes. */
const struct outline_file *outline_in(const struct outline *o, const char *df, uint16_t fid);
/* The EF.ARR whose record f refers to: looked for in the DF of f, then upwards. */
const struct outline_file *outline_arr(const struct outline *o, const struct outline_file *f);
/* A filePath as a path from the MF, or from an ADF of the package. False: it is none. */
bool outline_path(const struct outline *o, struct slice value, char path[static OUTLINE_PATH_MAX]);
/*
 * The contents, appended: pattern or default first, then the contents at their offsets. ERR_SPACE:
 * larger than OUTLINE_CONTENT_MAX; ERR_LENGTH: contents go past the end; ERR_NOT_FOUND: no size, a
 * DF or a link.
 */
enum err outline_content(const struct outline_file *f, struct wbuf *out) MUST_CHECK;
/* The octets that the steps of f fill, and whether any of them go past its size. */
size_t outline_filled(const struct outline_file *f);

#endif
