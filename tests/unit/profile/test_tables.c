/* the tables of schema and templates against each other, both ways */
#include "tests/unit/test.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/profile/pe.h"
#include "lib/profile/schema/schema.h"
#include "lib/profile/template/template.h"
#include "lib/uicc/fid.h"

/* The tables of one specification against each other: schema, templates, pe.h, fid.h. */

#define DEPTH_MAX 16

static const struct schema_type *element_type(void)
{
	return schema_package(SLICE_EMPTY).type->item;
}

static const struct schema_field *field_of_tag(const struct schema_type *t, uint32_t tag)
{
	for (size_t i = 0; i < t->count; i++) {
		if (t->fields[i].tag == tag)
			return &t->fields[i];
	}
	return NULL;
}

/* "EF.Keys" is "ef-keys"; what is not a letter or a digit parts the words, or nothing does. */
static bool same_name(const char *row, const char *field)
{
	for (;;) {
		while (*row && !isalnum((unsigned char)*row))
			row++;
		while (*field && !isalnum((unsigned char)*field))
			field++;
		if (!*row || !*field)
			return *row == *field;
		if (tolower((unsigned char)*row++) != tolower((unsigned char)*field++))
			return false;
	}
}

/* The module calls these otherwise than the standard that has the file. */
static const struct other_name {
	const char *row, *field;
} other_names[] = {
	{"EF.ACMmax", "ef-acmax"},
	{"EF.EPDGIDEMSEL", "ef-epdgselectionem"},
	{"EF.3GPPPSDOSLIST", "ef-3gpppsdataoffservicelist"},
	{"EF.MudMidCfgdata", "ef-mudmidconfigdata"},
	{"EF.MudMidCfgData", "ef-mudmidconfigdata"},
	{"EF.SUCICalcInfo", "ef-suci-calc-info-usim"},
	{"DF.5GS", "df-df-5gs"},
	{"DF.SAIP", "df-df-saip"},
	{"DF.SNPN", "df-df-snpn"},
	{"DF.5G-ProSe", "df-df-5g-prose"},
};

static bool is_other_name(const char *row, const char *field,
			  bool met[static ARRAY_LEN(other_names)])
{
	for (size_t i = 0; i < ARRAY_LEN(other_names); i++) {
		if (strcmp(other_names[i].row, row) == 0 &&
		    strcmp(other_names[i].field, field) == 0) {
			met[i] = true;
			return true;
		}
	}
	return false;
}

/* A later version of a template has the rows of the ones before it, and more. */
static bool is_latest(const struct template *t)
{
	const struct template *other;

	for (size_t i = 0; (other = template_at(i)) != NULL; i++) {
		if (other->element == t->element && other->version > t->version)
			return false;
	}
	return true;
}

static void compare_template(const struct template *t, const struct schema_type *p, bool *met)
{
	size_t first = 2; /* behind the header and templateID */

	for (size_t i = 0; i < t->count; i++) {
		const struct template_file *f = &t->files[i];
		const struct schema_field *field =
			first + i < p->count ? &p->fields[first + i] : NULL;

		CU_ASSERT_PTR_NOT_NULL(field);
		if (!field)
			continue;
		CU_ASSERT_EQUAL(f->tag, field->tag);
		CU_ASSERT_STRING_EQUAL(field->type->name, "File");
		if (!same_name(f->name, field->name) && !is_other_name(f->name, field->name, met)) {
			printf("%s: %s is %s\n", p->name, f->name, field->name);
			CU_ASSERT(false);
		}
	}
	if (is_latest(t))
		CU_ASSERT_EQUAL(first + t->count, p->count);
}

static void test_templates_have_the_components(void)
{
	bool met[ARRAY_LEN(other_names)] = {false};
	const struct template *t;
	size_t n = 0;

	for (; (t = template_at(n)) != NULL; n++) {
		const struct schema_field *e = field_of_tag(element_type(), (uint32_t)t->element);

		CU_ASSERT_PTR_NOT_NULL_FATAL(e);
		compare_template(t, e->type, met);
	}
	CU_ASSERT(n > 20);
	for (size_t i = 0; i < ARRAY_LEN(met); i++)
		CU_ASSERT(met[i]);
}

/* Elements with templates that this implementation does not have. */
static bool has_no_template(uint32_t tag)
{
	return tag == PE_EAP || tag == PE_IOT || tag == PE_OPT_IOT;
}

static void test_components_have_a_template(void)
{
	const struct schema_type *choice = element_type();
	size_t with = 0;

	for (size_t i = 0; i < choice->count; i++) {
		const struct schema_field *e = &choice->fields[i];
		const struct template *t;
		bool found = false;

		for (size_t k = 0; (t = template_at(k)) != NULL; k++)
			found = found || (uint32_t)t->element == e->tag;
		if (!schema_field_named(e->type, "templateID")) {
			CU_ASSERT_FALSE(found);
			continue;
		}
		CU_ASSERT_NOT_EQUAL(found, has_no_template(e->tag));
		with += found;
	}
	CU_ASSERT(with > 10);
}

/* The type of this name among all that an element is made of. */
static const struct schema_type *find_type(const struct schema_type *t, const char *name,
					   unsigned depth)
{
	const struct schema_type *found = NULL;

	if (strcmp(t->name, name) == 0 && t->kind <= SCHEMA_CHOICE)
		return t;
	CU_ASSERT_FATAL(depth < DEPTH_MAX);
	for (size_t i = 0; !found && i < t->count; i++)
		found = find_type(t->fields[i].type, name, depth + 1);
	return found || !t->item ? found : find_type(t->item, name, depth + 1);
}

static const struct named {
	uint32_t tag;
	const char *type, *field;
} fields[] = {
#define FIELD_ROW(name, tag, type, field) {tag, type, field},
	PE_FIELDS(FIELD_ROW)
#undef FIELD_ROW
};

/* Those that every element has; pe.h names them once for all. */
static bool is_of_every_element(const struct schema_type *t, size_t at)
{
	const struct schema_field *f = &t->fields[at];

	return (at == 0 && f->tag == PE_TAG_HEADER && strcmp(f->type->name, "PEHeader") == 0) ||
	       (at == 1 && f->tag == PE_TAG_TEMPLATE_ID && strcmp(f->name, "templateID") == 0);
}

static void test_fields_of_pe_h(void)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const struct schema_type *t = find_type(element_type(), fields[i].type, 0);
		const struct schema_field *f = t ? schema_field_named(t, fields[i].field) : NULL;

		if (!f || f->tag != fields[i].tag) {
			printf("%s.%s: pe.h is wrong\n", fields[i].type, fields[i].field);
			CU_ASSERT(false);
		}
		for (size_t k = 0; t && k < t->count; k++) {
			bool known = is_of_every_element(t, k);

			for (size_t n = 0; !known && n < ARRAY_LEN(fields); n++)
				known = strcmp(fields[n].type, t->name) == 0 &&
					fields[n].tag == t->fields[k].tag;
			if (!known)
				printf("%s.%s: not in pe.h\n", t->name, t->fields[k].name);
			CU_ASSERT(known);
		}
	}
}

/* The tags at the head of every element but ProfileHeader and those for future use */
static void test_heads(void)
{
	const struct schema_type *choice = element_type();
	size_t heads = 0;

	for (size_t i = 0; i < choice->count; i++) {
		const struct schema_type *t = choice->fields[i].type;

		if (choice->fields[i].tag == PE_HEADER || t->count == 0)
			continue;
		CU_ASSERT(is_of_every_element(t, 0));
		CU_ASSERT(!schema_field_named(t, "templateID") || is_of_every_element(t, 1));
		if (strncmp(t->fields[t->count > 2 ? 2 : 0].name, "adf-", 4) == 0)
			CU_ASSERT_EQUAL(t->fields[2].tag, PE_TAG_FIRST_FILE);
		heads++;
	}
	CU_ASSERT_EQUAL(heads, 28);
}

/* The identifiers of fid.h are those of the templates. */
static void test_fids(void)
{
	static const struct {
		enum pe_tag element;
		const char *name;
		enum fid fid;
	} names[] = {
		{PE_MF, "MF", FID_MF},
		{PE_MF, "EF.DIR", FID_DIR},
		{PE_MF, "EF.ARR", FID_ARR_MF},
		{PE_MF, "EF.ICCID", FID_ICCID},
		{PE_TELECOM, "DF.TELECOM", FID_DF_TELECOM},
		{PE_TELECOM, "EF.ARR", FID_ARR_DF},
		{PE_USIM, "EF.ARR", FID_ARR_DF},
		{PE_USIM, "EF.IMSI", FID_IMSI},
		{PE_USIM, "EF.UST", FID_UST},
		{PE_USIM, "EF.SPN", FID_SPN},
		{PE_USIM, "EF.PSLOCI", FID_PSLOCI},
		{PE_USIM, "EF.ACC", FID_ACC},
		{PE_USIM, "EF.LOCI", FID_LOCI},
		{PE_USIM, "EF.AD", FID_AD},
		{PE_USIM, "EF.EPSLOCI", FID_EPSLOCI},
		{PE_OPT_USIM, "EF.LI", FID_LI},
		{PE_OPT_USIM, "EF.MSISDN", FID_MSISDN},
		{PE_OPT_USIM, "EF.EHPLMN", FID_EHPLMN},
		{PE_GSM_ACCESS, "DF.GSM-ACCESS", FID_DF_GSM_ACCESS},
		{PE_GSM_ACCESS, "EF.Kc", FID_KC},
		{PE_GSM_ACCESS, "EF.KcGPRS", FID_KC_GPRS},
		{PE_ISIM, "EF.IST", FID_IST},
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct template *t;
		bool found = false;

		for (size_t k = 0; (t = template_at(k)) != NULL; k++) {
			for (size_t n = 0; t->element == names[i].element && n < t->count; n++)
				found = found || (strcmp(t->files[n].name, names[i].name) == 0 &&
						  t->files[n].fid == names[i].fid);
		}
		if (!found)
			printf("%s is not %04X\n", names[i].name, (unsigned)names[i].fid);
		CU_ASSERT(found);
	}
}

TEST_SUITE(profile_tables,
	   {"each row of a template is a component of its element",
	    test_templates_have_the_components},
	   {"each element with files has a template", test_components_have_a_template},
	   {"pe.h and the schema have the same fields", test_fields_of_pe_h},
	   {"what every element begins with", test_heads},
	   {"fid.h and the templates have the same identifiers", test_fids})
