/* header: ProfileHeader, TCA 8.2 */
#include "lib/base/tlv.h"
#include "lib/profile/interpret/handlers.h"
#include "lib/profile/interpret/walk.h"

#define PROFILE_MAJOR_MIN 2
#define PROFILE_MAJOR_MAX 3

/* One service of ServicesList. One that the specification does not name is of a later version:
 * status 10. */
static enum pe_status check_service(struct walk *w, uint32_t tag)
{
	enum service s = service_of_tag(tag);

	if (s == SERVICE_COUNT)
		return PE_FEATURE_NOT_SUPPORTED;
	switch (service_support(s, w->sink->without)) {
	case SERVICE_WORKS: return PE_OK;
	case SERVICE_KEPT: walk_note(w, service_at(s)->status); return PE_OK;
	default: return service_at(s)->status;
	}
}

static enum pe_status check_services(struct walk *w, struct slice list)
{
	struct cursor c = cursor_of(list);
	enum pe_status s = PE_OK;
	struct tlv t;

	while (s == PE_OK && tlv_next(&c, &t))
		s = t.value.len ? PE_INVALID_FORMAT : check_service(w, t.tag);
	return s == PE_OK && c.err ? PE_INVALID_FORMAT : s;
}

/* eUICC-Mandatory-GFSTEList */
static enum pe_status check_templates(const struct walk *w, struct slice list)
{
	struct cursor c = cursor_of(list);

	while (cursor_left(&c)) {
		struct slice oid = tlv_expect(&c, ASN1_OID);
		const struct template *t = template_of(oid);

		if (c.err)
			return PE_INVALID_FORMAT;
		if (!t || walk_tag_status(w, (uint32_t)t->element) != PE_OK)
			return PE_TEMPLATE_NOT_SUPPORTED;
	}
	return PE_OK;
}

enum pe_status walk_profile_header(struct walk *w, struct slice value)
{
	struct cursor c = cursor_of(value);
	uint64_t major = tlv_expect_uint(&c, HEADER_TAG_MAJOR);
	struct profile_header h = {.raw = value};
	struct slice service_list, template_list, libraries = SLICE_EMPTY, ignored;
	enum pe_status s = PE_OK;

	tlv_expect_uint(&c, HEADER_TAG_MINOR); /* any: minor versions extend */
	tlv_optional(&c, HEADER_TAG_TYPE, &ignored);
	if (slice_copy(tlv_expect(&c, HEADER_TAG_ICCID), h.iccid, sizeof(h.iccid)))
		return PE_INVALID_FORMAT;
	tlv_optional(&c, HEADER_TAG_POL, &ignored);
	service_list = tlv_expect(&c, HEADER_TAG_SERVICES);
	template_list = tlv_expect(&c, HEADER_TAG_TEMPLATES);
	tlv_optional(&c, HEADER_TAG_CONNECTIVITY, &ignored);
	tlv_optional(&c, HEADER_TAG_AIDS, &libraries);
	if (tlv_optional(&c, HEADER_TAG_IOT, &ignored))
		s = PE_FEATURE_NOT_SUPPORTED; /* IoT Minimal Profile */
	if (c.err)
		return PE_INVALID_FORMAT;
	if (major < PROFILE_MAJOR_MIN || major > PROFILE_MAJOR_MAX)
		return PE_VERSION_NOT_SUPPORTED;
	if (cursor_left(&c)) /* EXTENSIBILITY IMPLIED: a later version's component */
		walk_note(w, PE_INVALID_PARAMETER);
	if (s == PE_OK)
		s = check_services(w, service_list);
	if (s == PE_OK)
		s = check_templates(w, template_list);
	if (s == PE_OK && libraries.len) /* load packages that the card has to have; it has none */
		s = PE_LIB_NOT_SUPPORTED;
	if (s != PE_OK)
		return s;
	w->seen_header = true;
	return w->sink->header ? w->sink->header(w->sink->ctx, &h) : PE_NOT_SUPPORTED;
}
