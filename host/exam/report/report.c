#include "host/exam/report/report.h"

#include "host/exam/report/json_file.h"
#include "host/exam/report/junit_file.h"
#include "host/exam/report/page.h"

enum err exam_report_put(const struct exam_report *r, enum exam_format format, struct wbuf *out)
{
	switch (format) {
	case EXAM_JSON: json_file_put(r, out); break;
	case EXAM_JUNIT: junit_file_put(r, out); break;
	case EXAM_HTML: page_put(r, out); break;
	}
	return wbuf_done(out);
}
