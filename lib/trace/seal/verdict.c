#include "lib/trace/seal/verdict.h"

static const struct {
	const char *name, *words;
} faults[] = {
#define SEAL_FAULT_ROW(value, name, words) [value] = {name, words},
	SEAL_FAULTS(SEAL_FAULT_ROW)
#undef SEAL_FAULT_ROW
};

const char *seal_fault_name(enum seal_fault_kind kind)
{
	return faults[kind].name;
}

const char *seal_fault_words(enum seal_fault_kind kind)
{
	return faults[kind].words;
}
