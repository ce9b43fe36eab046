/*
 * file: the elements that make files: those with templates, and PE-GenericFileManagement.
 */
#ifndef TWINKEY_PROFILE_FILE_H
#define TWINKEY_PROFILE_FILE_H

#include "lib/profile/interpret.h"

/* What follows the PEHeader of an element that has a template. */
enum pe_status file_template_element(const struct profile_sink *sink, uint32_t element,
				     struct cursor *c);
/* What follows the PEHeader of PE-GenericFileManagement. In a patch only files that are there
 * change. */
enum pe_status file_generic_element(const struct profile_sink *sink, struct cursor *c, bool patch);

#endif
