/*
 * handlers: one function for each kind of element: it checks the element and tells the sink what
 * to make. PE_OK, or the status for the report. For lib/profile/interpret only.
 */
#ifndef TWINKEY_PROFILE_HANDLERS_H
#define TWINKEY_PROFILE_HANDLERS_H

#include "lib/profile/pe.h"

struct element;
struct slice;
struct walk;

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

#endif
