/* phonebook: DF.PHONEBOOK; EF.PBR says under which identifiers its files lie, TS 31.102 4.4.2 */
#include "lib/trace/decode/ef/rows.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"
#include "lib/uicc/fid.h"

/* 4.4.2.1: the identifier of each file, and its short one where it has any */
FIELDS(reference, {.key = "fid", .name = "File identifier", .len = 2},
       {.key = "sfi",
	.name = "Short file identifier",
	.len = 1,
	.optional = true,
	.show = field_number});
#define FILE_ROW(number, id, full)                                                                 \
	{                                                                                          \
		.tag = (number), .key = (id), .name = (full), .show = field_fields,                \
		.of = &reference                                                                   \
	}
FIELDS(files, FILE_ROW(0xC0, "adn", "EF.ADN"), FILE_ROW(0xC1, "iap", "EF.IAP"),
       FILE_ROW(0xC2, "ext1", "EF.EXT1"), FILE_ROW(0xC3, "sne", "EF.SNE"),
       FILE_ROW(0xC4, "anr", "EF.ANR"), FILE_ROW(0xC5, "pbc", "EF.PBC"),
       FILE_ROW(0xC6, "grp", "EF.GRP"), FILE_ROW(0xC7, "aas", "EF.AAS"),
       FILE_ROW(0xC8, "gas", "EF.GAS"), FILE_ROW(0xC9, "uid", "EF.UID"),
       FILE_ROW(0xCA, "email", "EF.EMAIL"), FILE_ROW(0xCB, "ccp1", "EF.CCP1"),
       FILE_ROW(0xCC, "puri", "EF.PURI"));
FIELDS(pbr,
       {.tag = 0xA8,
	.key = "type-1",
	.name = "Files of type 1: a record for each of the first one's",
	.show = field_objects,
	.of = &files},
       {.tag = 0xA9,
	.key = "type-2",
	.name = "Files of type 2: linked by EF.IAP",
	.show = field_objects,
	.of = &files},
       {.tag = 0xAA,
	.key = "type-3",
	.name = "Files of type 3: linked by a record's identifier",
	.show = field_objects,
	.of = &files});

static const struct field record = {
	.key = "record", .name = "Record of a file of type 2", .len = 1, .show = field_number};

/* 4.4.2.5 */
BITS(control, {0, 1, "changed", "Changed by a phone without phone book", NULL},
     {1, 1, "hidden", "Hidden entry", NULL});
FIELDS(pbc,
       {.key = "control", .name = "Entry control", .len = 1, .show = field_bits, .of = &control},
       {.key = "hidden",
	.name = "Hidden information (group of the key)",
	.len = 1,
	.show = field_number});
/* 4.4.2.6 */
static const struct field group = {.key = "group", .name = "Group", .len = 1, .show = field_number};
/* 4.4.2.9 */
FIELDS(anr,
       {.key = "kind", .name = "Kind of number (record of EF.AAS)", .len = 1, .show = field_number},
       {.key = "length", .name = "Length", .len = 1, .show = field_number},
       {.key = "number", .name = "Number", .len = 11, .show = field_number_called},
       {.key = "ccp", .name = "Capability/configuration record", .len = 1},
       {.key = "extension", .name = "Extension record", .len = 1},
       {.key = "adn-sfi", .name = "SFI of the EF.ADN", .len = 1, .optional = true},
       {.key = "adn-record",
	.name = "Record of the EF.ADN",
	.len = 1,
	.optional = true,
	.show = field_number});
/* 4.4.2.10, 4.4.2.13. In files of type 2 two octets at the end say to which entry it belongs; FF
 * stands in front of them. */
FIELDS(name, {.key = "name", .name = "Text", .show = field_alpha});
FIELDS(uri, {.tag = 0x80, .key = "uri", .name = "URI", .show = field_utf8});

#define PHONEBOOK(name, title, clause, show, of)                                                   \
	LF(PHONEBOOK, 0, 0, name, title, "TS 31.102 4.4.2." clause, show, of)

static const struct ef_kind rows[] = {
	LF(PHONEBOOK, FID_PBR, 0, "EF.PBR", "Phone book reference", "TS 31.102 4.4.2.1",
	   field_objects, &pbr),
	TR(PHONEBOOK, 0x4F22, 0, "EF.PSC", "Phone book synchronisation counter",
	   "TS 31.102 4.4.2.12.2", field_number, NULL),
	TR(PHONEBOOK, 0x4F23, 0, "EF.CC", "Change counter", "TS 31.102 4.4.2.12.3", field_number,
	   NULL),
	TR(PHONEBOOK, 0x4F24, 0, "EF.PUID", "Previous unique identifier", "TS 31.102 4.4.2.12.4",
	   field_number, NULL),
	PHONEBOOK("EF.IAP", "Index administration phone book", "2", field_list, &record),
	PHONEBOOK("EF.PBC", "Phone book control", "5", field_fields, &pbc),
	PHONEBOOK("EF.GRP", "Grouping file", "6", field_list, &group),
	PHONEBOOK("EF.AAS", "Additional number alpha string", "7", field_alpha, NULL),
	PHONEBOOK("EF.GAS", "Grouping information alpha string", "8", field_alpha, NULL),
	PHONEBOOK("EF.ANR", "Additional number", "9", field_fields, &anr),
	PHONEBOOK("EF.SNE", "Second name entry", "10", field_fields, &name),
	PHONEBOOK("EF.UID", "Unique identifier", "12.1", field_number, NULL),
	PHONEBOOK("EF.EMAIL", "E-mail address", "13", field_fields, &name),
	PHONEBOOK("EF.PURI", "Phonebook URIs", "15", field_objects, &uri),
};

const struct ef_set efs_phonebook = {rows, ARRAY_LEN(rows)};
