#include "lib/trace/read/formats.h"

#include <string.h>

#include "lib/trace/read/packet/capture.h"
#include "lib/trace/read/text/text.h"

const struct trace_format *const trace_formats[] = {&trace_format_pcapng, &trace_format_pcap,
						    &trace_format_pairs, NULL};

const struct trace_format *trace_format_named(const char *name)
{
	for (size_t i = 0; trace_formats[i]; i++) {
		if (strcmp(trace_formats[i]->name, name) == 0)
			return trace_formats[i];
	}
	return NULL;
}
