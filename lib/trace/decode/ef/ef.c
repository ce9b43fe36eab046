#include "lib/trace/decode/ef/ef.h"

#include <ctype.h>
#include <string.h>

#include "lib/trace/decode/ef/rows.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/fid.h"

#define KEY_CAP		    32
#define PREFIX		    "EF."
#define PHONEBOOK_TAG_FIRST 0xC0u

static const struct ef_set *const sets[] = {
	&efs_uicc,     &efs_identity, &efs_services, &efs_network, &efs_location,
	&efs_security, &efs_numbers,  &efs_messages, &efs_calls,   &efs_phonebook,
	&efs_5gs,      &efs_ims,      &efs_packet,   &efs_media,   &efs_proximity};

const struct ef_kind *ef_at(size_t i)
{
	for (size_t s = 0; s < ARRAY_LEN(sets); s++) {
		if (i < sets[s]->count)
			return &sets[s]->rows[i];
		i -= sets[s]->count;
	}
	return NULL;
}

const struct ef_kind *ef_find(enum ef_place place, uint16_t fid)
{
	for (size_t s = 0; fid && s < ARRAY_LEN(sets); s++) {
		for (size_t i = 0; i < sets[s]->count; i++) {
			const struct ef_kind *k = &sets[s]->rows[i];

			if (k->fid == fid && k->place == place)
				return k;
		}
	}
	return NULL;
}

const struct ef_kind *ef_by_sfi(enum ef_place place, uint8_t sfi)
{
	for (size_t s = 0; sfi && s < ARRAY_LEN(sets); s++) {
		for (size_t i = 0; i < sets[s]->count; i++) {
			const struct ef_kind *k = &sets[s]->rows[i];

			if (k->sfi == sfi && k->place == place)
				return k;
		}
	}
	return NULL;
}

const struct ef_kind *ef_of_phonebook(uint8_t tag)
{
	/* TS 31.102 table 4.3 */
	static const char *const names[] = {"EF.ADN",	"EF.IAP",  "EF.EXT1", "EF.SNE", "EF.ANR",
					    "EF.PBC",	"EF.GRP",  "EF.AAS",  "EF.GAS", "EF.UID",
					    "EF.EMAIL", "EF.CCP1", "EF.PURI"};
	const struct ef_kind *k;
	size_t n = tag - PHONEBOOK_TAG_FIRST;

	for (size_t i = 0;
	     tag >= PHONEBOOK_TAG_FIRST && n < ARRAY_LEN(names) && (k = ef_at(i)) != NULL; i++) {
		if (k->place == EF_PHONEBOOK && strcmp(k->name, names[n]) == 0)
			return k;
	}
	return NULL;
}

/* TS 31.102 4.7, TS 31.103 4.7, TS 51.011 10.7, TS 102 221 13 */
static const struct {
	enum ef_place place, parent;
	uint16_t fid; /* 0: an application */
	const char *name;
} places[] = {
	{EF_MF, EF_NOWHERE, FID_MF, "MF"},
	{EF_CD, EF_MF, 0x7F11, "DF.CD"},
	{EF_TELECOM, EF_MF, FID_DF_TELECOM, "DF.TELECOM"},
	{EF_GSM, EF_MF, FID_DF_GSM, "DF.GSM"},
	{EF_GRAPHICS, EF_TELECOM, 0x5F50, "DF.GRAPHICS"},
	{EF_PHONEBOOK, EF_TELECOM, 0x5F3A, "DF.PHONEBOOK"},
	{EF_PHONEBOOK, EF_USIM, 0x5F3A, "DF.PHONEBOOK"},
	{EF_MULTIMEDIA, EF_TELECOM, 0x5F3B, "DF.MULTIMEDIA"},
	{EF_MMSS, EF_TELECOM, 0x5F3C, "DF.MMSS"},
	{EF_MCS, EF_TELECOM, 0x5F3D, "DF.MCS"},
	{EF_V2X, EF_TELECOM, 0x5F3E, "DF.V2X"},
	{EF_USIM, EF_NOWHERE, 0, "ADF.USIM"},
	{EF_GSM_ACCESS, EF_USIM, FID_DF_GSM_ACCESS, "DF.GSM-ACCESS"},
	{EF_MEXE, EF_USIM, 0x5F3C, "DF.MExE"},
	{EF_MEXE, EF_GSM, 0x5F3C, "DF.MExE"},
	{EF_SOLSA, EF_USIM, 0x5F70, "DF.SoLSA"},
	{EF_SOLSA, EF_GSM, 0x5F70, "DF.SoLSA"},
	{EF_WLAN, EF_USIM, 0x5F40, "DF.WLAN"},
	{EF_HNB, EF_USIM, 0x5F50, "DF.HNB"},
	{EF_PROSE, EF_USIM, 0x5F90, "DF.ProSe"},
	{EF_ACDC, EF_USIM, 0x5FA0, "DF.ACDC"},
	{EF_TV, EF_USIM, 0x5FB0, "DF.TV"},
	{EF_5GS, EF_USIM, FID_DF_5GS, "DF.5GS"},
	{EF_SAIP, EF_USIM, 0x5FD0, "DF.SAIP"},
	{EF_SNPN, EF_USIM, 0x5FE0, "DF.SNPN"},
	{EF_5G_PROSE, EF_USIM, 0x5FF0, "DF.5G_ProSe"},
	{EF_5MBS, EF_USIM, 0x5FF1, "DF.5MBSUECONFIG"},
	{EF_ISIM, EF_NOWHERE, 0, "ADF.ISIM"},
};

const char *ef_place_name(enum ef_place place)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (places[i].place == place)
			return places[i].name;
	}
	return "a directory that no standard has";
}

enum ef_place ef_place_in(enum ef_place parent, uint16_t fid)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (places[i].fid == fid && fid && (places[i].parent == parent || fid == FID_MF))
			return places[i].place;
	}
	return EF_NOWHERE;
}

enum ef_place ef_place_of(struct slice aid)
{
	if (slice_starts(aid, aid_of(AID_USIM)))
		return EF_USIM;
	return slice_starts(aid, aid_of(AID_ISIM)) ? EF_ISIM : EF_NOWHERE;
}

/* "EF.5GAUTHKEYS" is "5gauthkeys" for programs. */
static void key_of(const char *name, char out[static KEY_CAP])
{
	size_t n = 0;

	for (name += strlen(PREFIX); *name && n < KEY_CAP - 1; name++)
		out[n++] =
			isalnum((unsigned char)*name) ? (char)tolower((unsigned char)*name) : '-';
	out[n] = 0;
}

void ef_show(const struct ef_kind *kind, struct slice content, const struct tree *t)
{
	static const struct field unknown = {.key = "ef", .name = "Content"};
	char key[KEY_CAP];
	struct field f;

	if (!kind) {
		field_octets(&unknown, content, NULL, t);
		return;
	}
	key_of(kind->name, key);
	f = (struct field){.key = key, .name = kind->name, .show = kind->show, .of = kind->of};
	if (content.len && field_is_blank(content))
		tree_leaf(t, &(struct tree_node){.key = key, .name = kind->name, .raw = content},
			  "not used: %zu octets FF", content.len);
	else
		field_tell(&f, content, t);
}

bool ef_has_secret(const struct ef_kind *kind)
{
	if (!kind)
		return false;
	if (kind->show == field_fields || kind->show == field_objects)
		return ((const struct fields *)kind->of)->secret;
	return kind->show == field_secret;
}

void ef_show_part(const struct ef_kind *kind, struct slice part, const struct tree *t)
{
	static const struct field unknown = {.key = "ef", .name = "Part of the content"};
	const struct tree_node node = {.key = unknown.key, .name = unknown.name};

	if (ef_has_secret(kind))
		tree_leaf(t, &node, "of %s, which has secrets: %zu octets, not shown", kind->name,
			  part.len);
	else
		field_octets(&unknown, part, NULL, t);
}
