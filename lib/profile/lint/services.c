/* services: EFC, EF.UST and EF.EST of the USIM, EF.IST of the ISIM against their files */
#include <stdio.h>
#include <string.h>

#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"
#include "lib/uicc/fid.h"
#include "lib/uicc/service.h"

#define SERVICE_FDN 2
#define SERVICE_BDN 6
#define SERVICE_ACL 35
#define SERVICE_33  33

/* An application's service table and the files that it speaks of */
struct service_table {
	const char *adf; /* as an outline names it */
	uint16_t fid;
	const struct uicc_service_file *files;
	const size_t *count;
};
static const struct service_table ust_table = {"adf-usim", FID_UST, uicc_usim_services,
					       &uicc_usim_service_count};
static const struct service_table ist_table = {"adf-isim", FID_IST, uicc_isim_services,
					       &uicc_isim_service_count};

/* The path in the ADF */
#define PATH_LEN 9
static void service_path(const struct uicc_service_file *f, char out[static PATH_LEN])
{
	if (f->df)
		snprintf(out, PATH_LEN, "%04X%04X", f->df, f->fid);
	else
		snprintf(out, PATH_LEN, "%04X", f->fid);
}

/* The contents of the table in this ADF; false when they are not known. */
static bool table_of(const struct lint *l, const struct service_table *t, const char *adf,
		     struct wbuf *mem, struct slice *content)
{
	const struct outline_file *df = outline_at(l->o, adf), *f = outline_in(l->o, adf, t->fid);

	*mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	*content = df && df->adf && f && strcmp(df->name, t->adf) == 0 ? lint_content(f, mem)
								       : SLICE_EMPTY;
	return content->len != 0;
}

static bool ust_of(const struct lint *l, const char *adf, struct wbuf *mem, struct slice *ust)
{
	return table_of(l, &ust_table, adf, mem, ust);
}

/* False: a file has an unknown place, since its template is unknown; it may be any file. */
static bool all_are_placed(const struct outline *o)
{
	for (size_t i = 0; i < o->file_count; i++) {
		if (!*o->files[i].path && !o->files[i].not_created)
			return false;
	}
	return true;
}

static void files_missing(const struct lint *l, const struct service_table *t,
			  const struct outline_file *f)
{
	struct wbuf mem = wbuf_grow(1);
	struct slice content;

	if (f->fid != t->fid || !all_are_placed(l->o) || !table_of(l, t, f->parent, &mem, &content))
		goto out;
	for (size_t i = 0; i < *t->count; i++) {
		char path[OUTLINE_PATH_MAX + 16], file[PATH_LEN];

		service_path(&t->files[i], file);
		snprintf(path, sizeof(path), "%s%s", f->parent, file);
		if (uicc_has_service(content, t->files[i].service) && !outline_at(l->o, path))
			lint_say(l, f->where, "service %u needs %s", t->files[i].service, file);
	}
out:
	wbuf_free(&mem);
}

/* Also for a file that the package does not name and the template makes. */
static void service_missing(const struct lint *l, const struct service_table *t,
			    const struct outline_file *f)
{
	char adf[5];
	struct wbuf mem;
	struct slice content;
	unsigned missing = 0;
	bool any = false;

	snprintf(adf, sizeof(adf), "%.4s", f->path);
	if (table_of(l, t, adf, &mem, &content) && !f->not_created) {
		for (size_t i = 0; i < *t->count; i++) {
			char file[PATH_LEN];

			service_path(&t->files[i], file);
			if (strcmp(f->path + 4, file) != 0)
				continue;
			any = any || uicc_has_service(content, t->files[i].service);
			missing = t->files[i].service;
		}
		if (missing && !any)
			lint_say(l, f->where, "service %u is not available", missing);
	}
	wbuf_free(&mem);
}

static void rule_service_files(const struct lint *l, const struct outline_file *f)
{
	files_missing(l, &ust_table, f);
}

static void rule_file_services(const struct lint *l, const struct outline_file *f)
{
	service_missing(l, &ust_table, f);
}

static void rule_ist_files(const struct lint *l, const struct outline_file *f)
{
	files_missing(l, &ist_table, f);
}

static void rule_file_ist(const struct lint *l, const struct outline_file *f)
{
	service_missing(l, &ist_table, f);
}

static bool is_named(const struct lint *l, const struct outline_file *f)
{
	char fid[5];

	snprintf(fid, sizeof(fid), "%04X", f->fid);
	return strcmp(fid, l->arg) == 0;
}

static void rule_ust_33(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice ust;

	if (ust_of(l, f->parent, &mem, &ust) && is_named(l, f) &&
	    !uicc_has_service(ust, SERVICE_33))
		lint_say(l, f->where, "it is not");
	wbuf_free(&mem);
}

static void rule_est_ust(const struct lint *l, const struct outline_file *f)
{
	static const uint8_t services[] = {SERVICE_FDN, SERVICE_BDN, SERVICE_ACL};
	struct wbuf mem, est_mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	struct slice ust, est;

	if (ust_of(l, f->parent, &mem, &ust) && is_named(l, f)) {
		est = lint_content(f, &est_mem);
		for (size_t i = 0; est.len && i < ARRAY_LEN(services); i++) {
			if (slice_at(est, 0) >> i & 1 && !uicc_has_service(ust, services[i]))
				lint_say(l, f->where, "service %u is not", services[i]);
		}
	}
	wbuf_free(&mem);
	wbuf_free(&est_mem);
}

static const struct lint_row rows[] = {
	ON_FILE("EFC-19", WARNING, rule_service_files, "TS 31.102 4.2.8",
		"the files of a service that EF.UST has are there"),
	ON_FILE("EFC-20", INFO, rule_file_services, "TS 31.102 4.2.8",
		"EF.UST has the service of a file that is there"),
	ON_FILE("EFC-40", WARNING, rule_ist_files, "TS 31.103 4.2.7",
		"the files of a service that EF.IST has are there", .after = "EFC-20"),
	ON_FILE("EFC-41", INFO, rule_file_ist, "TS 31.103 4.2.7",
		"EF.IST has the service of a file that is there", .after = "EFC-20"),
	ON_FILE("EFC-21", ERROR, rule_ust_33, "TS 31.102 4.2.8",
		"service 33 of EF.UST is available", .arg = "6F38"),
	ON_FILE("EFC-22", WARNING, rule_est_ust, "TS 31.102 4.2.47",
		"a service that EF.EST activates is available in EF.UST", .arg = "6F56"),
};

const struct lint_table lint_services_rules = {rows, ARRAY_LEN(rows)};
