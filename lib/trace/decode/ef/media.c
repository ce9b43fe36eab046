/* media: pictures, multimedia messages, and what browsers and clients are given */
#include "lib/trace/decode/ef/rows.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"

/* TS 31.102 4.6.1.1 */
WORDS(schemes, {0x11, "basic"}, {0x21, "colour"}, {0x22, "colour with transparency"});
FIELDS(image, {.key = "width", .name = "Width", .len = 1, .show = field_number, .of = "points"},
       {.key = "height", .name = "Height", .len = 1, .show = field_number, .of = "points"},
       {.key = "scheme",
	.name = "Image coding scheme",
	.len = 1,
	.show = field_words,
	.of = &schemes},
       {.key = "fid", .name = "File of the image", .len = 2},
       {.key = "offset", .name = "Offset", .len = 2, .show = field_number},
       {.key = "length", .name = "Length", .len = 2, .show = field_number, .of = "octets"});

/* A number of instances, and what is RFU behind them */
static void show_images(const struct field *f, struct slice v, const struct tree *t)
{
	static const struct field count = {
		.key = "count", .name = "Instances", .show = field_number};
	static const struct field instance = {
		.key = "instance", .name = "Instance", .show = field_fields, .of = &image};
	struct cursor c = cursor_of(v);

	tree_open(t, f->key, f->name, v);
	field_tell(&count, cursor_take(&c, 1), t);
	for (unsigned n = slice_at(v, 0); n > 0 && cursor_left(&c); n--)
		field_tell(&instance, cursor_take(&c, cursor_left(&c) < 9 ? cursor_left(&c) : 9),
			   t);
	tree_close(t);
}

/* 4.2.88 */
WORDS(qualifiers, {0, "self-explanatory: in place of the name"},
      {1, "not self-explanatory: beside the name"});
FIELDS(icons, {.tag = 0x80, .key = "uri", .name = "URI", .show = field_utf8},
       {.tag = 0x81, .key = "img", .name = "Record of EF.IMG", .show = field_number});
FIELDS(name_icon,
       {.key = "qualifier",
	.name = "Icon qualifier",
	.len = 1,
	.show = field_words,
	.of = &qualifiers},
       {.key = "icons", .name = "Icons", .optional = true, .show = field_objects, .of = &icons});

/* 4.2.67 */
BITS(mms_status, {8, 1, "used", "Used", NULL}, {9, 1, "read", "Read", NULL},
     {10, 2, "retrieval", "Retrieval", NULL});
BITS(mms_implementation, {0, 1, "wap", "WAP", NULL});
FIELDS(mmsn,
       {.key = "status", .name = "MMS status", .len = 2, .show = field_bits, .of = &mms_status},
       {.key = "implementation",
	.name = "MMS implementation",
	.len = 1,
	.show = field_bits,
	.of = &mms_implementation},
       {.key = "notification", .name = "MMS notification"},
       {.key = "extension", .name = "Extension record", .len = 1});
/* 4.2.69 to 4.2.71, annex J. The gateway has a password, in an authentication of its user. */
#define IMPLEMENTATION                                                                             \
	{                                                                                          \
		.tag = 0x80, .key = "implementation", .name = "MMS implementation", .len = 1,      \
		.show = field_bits, .of = &mms_implementation                                      \
	}
SECRET_FIELDS(mms_access, IMPLEMENTATION,
	      {.tag = 0x81, .key = "relay", .name = "MMS relay/server", .show = field_utf8},
	      {.tag = 0x82,
	       .key = "interface",
	       .name = "Interface to the core network and bearer",
	       .show = field_secret},
	      {.tag = 0x83, .key = "gateway", .name = "Gateway", .show = field_secret},
	      {.tag = 0x84,
	       .key = "authentication",
	       .name = "Authentication of the gateway's user",
	       .show = field_secret});
FIELDS(mms_preferences, IMPLEMENTATION,
       {.tag = 0x81, .key = "profile", .name = "User preference profile", .show = field_alpha},
       {.tag = 0x82, .key = "preference", .name = "User preference information"});

/* 4.6.3.1, 4.6.3.2 */
FIELDS(message, {.tag = 0x80, .key = "id", .name = "Multimedia message identifier"},
       {.tag = 0x81, .key = "name", .name = "Name", .show = field_alpha},
       {.tag = 0x82, .key = "status", .name = "Status"});
FIELDS(message_data, {.tag = 0x80, .key = "id", .name = "Multimedia message identifier"},
       {.tag = 0x81, .key = "content", .name = "Content"});
FIELDS(picture, {.tag = 0x80, .key = "picture", .name = "Picture"},
       {.tag = 0x81, .key = "uri", .name = "URI", .show = field_utf8});

/* 4.4.4 */
BITS(mexe_services, {0, 1, "operator", "Operator root public key", NULL},
     {1, 1, "administrator", "Administrator root public key", NULL},
     {2, 1, "third-party", "Third party root public key", NULL}, {3, 1, "rfu", "RFU", NULL});
#define ROOT_KEY                                                                                   \
	{.key = "parameters", .name = "Parameters indicator", .len = 1},                           \
		{.key = "flags", .name = "Flags", .len = 1},                                       \
		{.key = "certificate",                                                             \
		 .name = "Type of certificate",                                                    \
		 .len = 1,                                                                         \
		 .show = field_number},                                                            \
		{.key = "fid", .name = "File of the key", .len = 2},                               \
		{.key = "offset", .name = "Offset in the file", .len = 2, .show = field_number},   \
		{.key = "length", .name = "Length of the key", .len = 2, .show = field_number},    \
		{.key = "id-length",                                                               \
		 .name = "Length of the key's identifier",                                         \
		 .len = 1,                                                                         \
		 .show = field_number},                                                            \
	{                                                                                          \
		.key = "id", .name = "Identifier of the key", .optional = true                     \
	}
FIELDS(root_key, ROOT_KEY);

/* 4.6.4.2: documents */
FIELDS(mcs, {.tag = 0x80, .key = "mcptt-ue", .name = "MCPTT UE configuration data"},
       {.tag = 0x81, .key = "mcptt-user", .name = "MCPTT user profile data"},
       {.tag = 0x82, .key = "group", .name = "MCS group configuration data"},
       {.tag = 0x83, .key = "mcptt-service", .name = "MCPTT service configuration data"},
       {.tag = 0x84, .key = "initial", .name = "MCS UE initial configuration data"},
       {.tag = 0x85, .key = "mcdata-ue", .name = "MCData UE configuration data"},
       {.tag = 0x86, .key = "mcdata-user", .name = "MCData user profile data"},
       {.tag = 0x87, .key = "mcdata-service", .name = "MCData service configuration data"},
       {.tag = 0x88, .key = "mcvideo-ue", .name = "MCVideo UE configuration data"},
       {.tag = 0x89, .key = "mcvideo-user", .name = "MCVideo user profile data"},
       {.tag = 0x8A, .key = "mcvideo-service", .name = "MCVideo service configuration data"});
FIELDS(v2x, {.tag = 0x80, .key = "data", .name = "V2X data"});

static const struct ef_kind rows[] = {
	LF(GRAPHICS, 0x4F20, 0, "EF.IMG", "Image", "TS 31.102 4.6.1.1", show_images, NULL),
	BT(GRAPHICS, 0x4F21, 0, "EF.ICE_graphics", "In case of emergency: graphics",
	   "TS 31.102 4.6.1.3", field_objects, &picture),
	TR(GRAPHICS, 0x4F01, 0, "EF.LAUNCH_SCWS", "Launch of the smart card web server",
	   "TS 31.102 4.6.1.4", field_objects, &icons),
	TR(USIM, 0x6FDE, 0, "EF.SPNI", "Service provider name icon", "TS 31.102 4.2.88",
	   field_fields, &name_icon),
	LF(USIM, 0x6FDF, 0, "EF.PNNI", "PLMN network name icon", "TS 31.102 4.2.89", field_fields,
	   &name_icon),
	LF(USIM, 0x6FCE, 0, "EF.MMSN", "MMS notification", "TS 31.102 4.2.67", field_fields, &mmsn),
	LF(GSM, 0x6FCE, 0, "EF.MMSN", "MMS notification", "TS 51.011 10.3.51", field_fields, &mmsn),
	TR(USIM, 0x6FD0, 0, "EF.MMSICP", "MMS issuer connectivity parameters", "TS 31.102 4.2.69",
	   field_objects, &mms_access),
	TR(GSM, 0x6FD0, 0, "EF.MMSICP", "MMS issuer connectivity parameters", "TS 51.011 10.3.53",
	   field_objects, &mms_access),
	LF(USIM, 0x6FD1, 0, "EF.MMSUP", "MMS user preferences", "TS 31.102 4.2.70", field_objects,
	   &mms_preferences),
	LF(GSM, 0x6FD1, 0, "EF.MMSUP", "MMS user preferences", "TS 51.011 10.3.54", field_objects,
	   &mms_preferences),
	TR(USIM, 0x6FD2, 0, "EF.MMSUCP", "MMS user connectivity parameters", "TS 31.102 4.2.71",
	   field_objects, &mms_access),
	TR(GSM, 0x6FD2, 0, "EF.MMSUCP", "MMS user connectivity parameters", "TS 51.011 10.3.55",
	   field_objects, &mms_access),
	BT(MULTIMEDIA, 0x4F47, 0, "EF.MML", "Multimedia messages list", "TS 31.102 4.6.3.1",
	   field_objects, &message),
	BT(MULTIMEDIA, 0x4F48, 0, "EF.MMDF", "Multimedia messages data file", "TS 31.102 4.6.3.2",
	   field_objects, &message_data),
	TR(MMSS, 0x4F20, 0x01, "EF.MLPL", "MMSS location associated priority list", "3GPP2 C.S0074",
	   NULL, NULL),
	TR(MMSS, 0x4F21, 0x02, "EF.MSPL", "MMSS system priority list", "3GPP2 C.S0074", NULL, NULL),
	TR(MMSS, 0x4F22, 0x03, "EF.MMSSMODE", "MMSS mode settings", "3GPP2 C.S0074", field_number,
	   NULL),
	TR(MEXE, 0x4F40, 0, "EF.MExE-ST", "MExE service table", "TS 31.102 4.4.4.1", field_bits,
	   &mexe_services),
	LF(MEXE, 0x4F41, 0, "EF.ORPK", "Operator root public key", "TS 31.102 4.4.4.2",
	   field_fields, &root_key),
	LF(MEXE, 0x4F42, 0, "EF.ARPK", "Administrator root public key", "TS 31.102 4.4.4.3",
	   field_fields, &root_key),
	LF(MEXE, 0x4F43, 0, "EF.TPRPK", "Third party root public key", "TS 31.102 4.4.4.4",
	   field_fields, &root_key),
	BT(MCS, 0x4F02, 0x02, "EF.MCS_CONFIG", "MCS configuration data", "TS 31.102 4.6.4.2",
	   field_objects, &mcs),
	BT(V2X, 0x4F02, 0x02, "EF.V2X_CONFIG", "V2X configuration data", "TS 31.102 4.6.5.3",
	   field_objects, &v2x),
	TR(V2X, 0x4F03, 0, "EF.V2XP_PC5", "V2X policy configuration data over PC5",
	   "TS 31.102 4.6.5.4", field_objects, &v2x),
	TR(V2X, 0x4F04, 0, "EF.V2XP_Uu", "V2X policy configuration data over Uu",
	   "TS 31.102 4.6.5.5", field_objects, &v2x),
};

const struct ef_set efs_media = {rows, ARRAY_LEN(rows)};
