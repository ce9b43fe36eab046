/*
 * plist: the Info.plist of a reader driver's bundle, by which pcscd knows whose reader it is.
 */
#ifndef TWINKEY_HOST_DOCTOR_PLIST_H
#define TWINKEY_HOST_DOCTOR_PLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plist {
	bool is_for_class;	  /* it takes every reader of the class, in its list or not */
	bool is_listed;		  /* the reader that was asked for is in its list */
	size_t vendors, products; /* the lists' lengths: of one another, or the file is damaged */
	char version[128], library[128];
};

/* False: there is no such file. */
bool plist_read(const char *path, uint16_t vendor, uint16_t product, struct plist *out);

#endif
