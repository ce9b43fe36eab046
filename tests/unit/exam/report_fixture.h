/*
 * report_fixture: a report of an examination, with departures, odd strings, and times.
 */
#ifndef TWINKEY_TESTS_REPORT_FIXTURE_H
#define TWINKEY_TESTS_REPORT_FIXTURE_H

#include "host/exam/exam.h"

/* What would be markup, end an attribute, break XML 1.0, or turn the text around. */
#define REPORT_ODD                                                                                 \
	"<script>alert('1')</script> & \"x\" \x01\x1b[31m \xff \xEF\xBF\xBE \xE2\x80\xAE ]]>"

/* Lives until the next call. odd: the card's own texts are REPORT_ODD. */
const struct exam_report *report_fixture(bool odd);

#endif
