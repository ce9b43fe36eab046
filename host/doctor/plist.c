#include "host/doctor/plist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/doctor/tree.h"

#define ROWS_MAX 4096 /* libccid has 565 */

struct reading {
	struct plist *out;
	uint16_t vendor, product;
	char key[64];
	bool is_candidate[ROWS_MAX]; /* the vendor of this row is the one */
};

/* The text of <TAG>TEXT</TAG>; false: the line is another. */
static bool element(const char *line, const char *tag, char *out, size_t cap)
{
	size_t n = strlen(tag);
	const char *end;

	if (line[0] != '<' || strncmp(line + 1, tag, n) != 0 || line[n + 1] != '>')
		return false;
	line += n + 2;
	end = strstr(line, "</");
	if (!end || (size_t)(end - line) >= cap)
		return false;
	memcpy(out, line, (size_t)(end - line));
	out[end - line] = 0;
	return true;
}

static void take_usb_id(struct reading *r, const char *text)
{
	unsigned long number = strtoul(text, NULL, 16);

	if (strcmp(r->key, "ifdVendorID") == 0 && r->out->vendors < ROWS_MAX) {
		r->is_candidate[r->out->vendors++] = number == r->vendor;
	} else if (strcmp(r->key, "ifdProductID") == 0 && r->out->products < ROWS_MAX) {
		if (r->is_candidate[r->out->products++] && number == r->product)
			r->out->is_listed = true;
	}
}

static bool take_line(void *ctx, const char *line)
{
	struct reading *r = ctx;
	char text[sizeof(r->out->library)];

	if (element(line, "key", r->key, sizeof(r->key)))
		return true;
	if (!element(line, "string", text, sizeof(text)))
		return true;
	if (strcmp(r->key, "CFBundleName") == 0)
		r->out->is_for_class = strcmp(text, "CCIDCLASSDRIVER") == 0;
	else if (strcmp(r->key, "CFBundleShortVersionString") == 0)
		snprintf(r->out->version, sizeof(r->out->version), "%s", text);
	else if (strcmp(r->key, "CFBundleExecutable") == 0)
		snprintf(r->out->library, sizeof(r->out->library), "%s", text);
	else
		take_usb_id(r, text);
	return true;
}

bool plist_read(const char *path, uint16_t vendor, uint16_t product, struct plist *out)
{
	struct reading r = {.out = out, .vendor = vendor, .product = product};

	memset(out, 0, sizeof(*out));
	return tree_lines(path, take_line, &r);
}
