#include "host/trace/report/write.h"

#include <string.h>

#include "host/trace/report/json.h"
#include "host/trace/report/junit.h"
#include "host/trace/report/page/page.h"
#include "host/trace/report/sarif.h"
#include "host/trace/report/text.h"

bool report_format_named(const char *name, enum report_format *out)
{
	static const char *const names[REPORT_FORMATS] = {[REPORT_TEXT] = "text",
							  [REPORT_JSON] = "json",
							  [REPORT_SARIF] = "sarif",
							  [REPORT_JUNIT] = "junit",
							  [REPORT_HTML] = "html"};

	for (size_t i = 0; i < REPORT_FORMATS; i++) {
		if (strcmp(names[i], name) == 0) {
			*out = (enum report_format)i;
			return true;
		}
	}
	return false;
}

enum err report_put(const struct report *r, enum report_format format, struct wbuf *out)
{
	switch (format) {
	case REPORT_TEXT: report_text(r, false, out); break;
	case REPORT_JSON: report_json(r, out); break;
	case REPORT_SARIF: report_sarif(r, out); break;
	case REPORT_JUNIT: report_junit(r, out); break;
	case REPORT_HTML: report_page(r, out); break;
	}
	return wbuf_done(out);
}
