/* services: EFC, EF.UST and EF.EST of the USIM, EF.IST of the ISIM against their files */
#include <stdio.h>
#include <string.h>

#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"
#include "lib/uicc/fid.h"

#define SERVICE_FDN 2
#define SERVICE_BDN 6
#define SERVICE_ACL 35
#define SERVICE_33  33

/* TS 31.102 4.2.8: a service and a file that it is for, as a path in the ADF */
struct service_file {
	uint8_t service;
	const char *file;
};
static const struct service_file usim_files[] = {
	{2, "6F3B"},	   {3, "6F4B"},	      {4, "6F49"},	 {5, "6F4C"},
	{6, "6F4D"},	   {8, "6F81"},	      {8, "6F83"},	 {9, "6F80"},
	{9, "6F82"},	   {10, "6F3C"},      {11, "6F47"},	 {12, "6F42"},
	{13, "6F39"},	   {13, "6F37"},      {13, "6F41"},	 {14, "6F4F"},
	{15, "6F45"},	   {16, "6F50"},      {17, "6F3E"},	 {18, "6F3F"},
	{19, "6F46"},	   {20, "6F60"},      {21, "6F40"},	 {24, "6FB5"},
	{25, "6FB6"},	   {27, "5F3B4F20"},  {34, "6F56"},	 {35, "6F57"},
	{36, "6F2C"},	   {37, "6F32"},      {39, "5F3B4F63"},	 {40, "5F3B4F64"},
	{42, "6F61"},	   {43, "6F62"},      {44, "6F4E"},	 {45, "6FC5"},
	{46, "6FC6"},	   {47, "6FC7"},      {48, "6FCA"},	 {49, "6FCB"},
	{51, "6FCD"},	   {52, "6FCE"},      {57, "6FB1"},	 {58, "6FB3"},
	{71, "6FD9"},	   {73, "6FDB"},      {74, "6FDC"},	 {85, "6FE3"},
	{85, "6FE4"},	   {96, "6FE8"},      {122, "5FC04F01"}, {122, "5FC04F02"},
	{122, "5FC04F03"}, {122, "5FC04F04"}, {123, "5FC04F05"}, {126, "5FC04F06"},
	{129, "5FC04F08"},
};

/* TS 31.103 4.2.7, the same of the ISIM */
static const struct service_file isim_files[] = {
	{1, "6F09"},  {2, "6FD5"},  {2, "6FD7"},  {4, "6FDD"},	{6, "6F3C"},
	{6, "6F42"},  {6, "6F43"},  {7, "6F47"},  {10, "6FE7"}, {17, "6FF7"},
	{18, "6FF8"}, {19, "6FFC"}, {20, "6FFA"}, {21, "6FFE"},
};

/* An application's service table and the files that it speaks of */
struct service_table {
	const char *adf; /* as an outline names it */
	uint16_t fid;
	const struct service_file *files;
	size_t count;
};
static const struct service_table ust_table = {"adf-usim", FID_UST, usim_files,
					       ARRAY_LEN(usim_files)};
static const struct service_table ist_table = {"adf-isim", FID_IST, isim_files,
					       ARRAY_LEN(isim_files)};

static bool has_service(struct slice ust, unsigned service)
{
	return slice_at(ust, (service - 1) / 8) >> ((service - 1) % 8) & 1;
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
	for (size_t i = 0; i < t->count; i++) {
		char path[OUTLINE_PATH_MAX + 16];

		snprintf(path, sizeof(path), "%s%s", f->parent, t->files[i].file);
		if (has_service(content, t->files[i].service) && !outline_at(l->o, path))
			lint_say(l, f->where, "service %u needs %s", t->files[i].service,
				 t->files[i].file);
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
		for (size_t i = 0; i < t->count; i++) {
			if (strcmp(f->path + 4, t->files[i].file) != 0)
				continue;
			any = any || has_service(content, t->files[i].service);
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

	if (ust_of(l, f->parent, &mem, &ust) && is_named(l, f) && !has_service(ust, SERVICE_33))
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
			if (slice_at(est, 0) >> i & 1 && !has_service(ust, services[i]))
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
