#include "lib/trace/read/formats.h"

#include <string.h>

#include "lib/trace/read/packet/capture.h"
#include "lib/trace/read/phone/phone.h"
#include "lib/trace/read/text/text.h"

const struct trace_format *const trace_formats[] = {
	/* sniffers' files */
	&trace_format_pcapng, &trace_format_pcap,
	/* programs of a computer */
	&trace_format_pcscd, &trace_format_pcsc_spy, &trace_format_lpac, &trace_format_lpac_json,
	&trace_format_at, &trace_format_pysim, &trace_format_opensc, &trace_format_opensc_tool,
	&trace_format_wpa, &trace_format_apdu4j, &trace_format_scriptor, &trace_format_tcaloader,
	/* phones, and what stands between them and a card */
	&trace_format_simtrace, &trace_format_remsim, &trace_format_qxdm, &trace_format_qcat,
	&trace_format_shannon, &trace_format_mtk, &trace_format_omapi, &trace_format_srsue,
	&trace_format_onomondo,
	/* what has few marks of its own */
	&trace_format_pairs, &trace_format_hex, &trace_format_script, NULL};

const struct trace_format *trace_format_named(const char *name)
{
	for (size_t i = 0; trace_formats[i]; i++) {
		if (strcmp(trace_formats[i]->name, name) == 0)
			return trace_formats[i];
	}
	return NULL;
}
