/*
 * faulty_card: a virtual eUICC with one seeded fault, put into a reader over vpcd's protocol. The
 * card is the real one (card-emu/card.h); the fault is what a filter makes of its answers.
 *
 *   faulty-card --list
 *   faulty-card --dir DIR --port PORT --fault NAME
 *
 * --list: a line a fault, parted by tabs: name, card that shows it, case of test-card, clause, what
 * it does. Runs until it is ended by a signal.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"
#include "tests/tool/faulty/fault.h"
#include "tests/tool/faulty/link.h"

static const struct fault none = {
	.name = "none", .what = "no fault at all", .clause = "-", .finds = "-", .card = "sim"};

static const struct fault_table *const tables[] = {
	&faults_of_atr,	     &faults_of_t0,  &faults_of_fcp,  &faults_of_files,
	&faults_of_channels, &faults_of_pin, &faults_of_aka,  &faults_of_class,
	&faults_of_euicc,    &faults_of_kra, &faults_of_time,
};

static const struct fault *find_fault(const char *name)
{
	if (strcmp(name, none.name) == 0)
		return &none;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		for (size_t k = 0; k < tables[i]->count; k++) {
			if (strcmp(tables[i]->rows[k].name, name) == 0)
				return &tables[i]->rows[k];
		}
	}
	return NULL;
}

static int list(void)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		for (size_t k = 0; k < tables[i]->count; k++) {
			const struct fault *f = &tables[i]->rows[k];

			printf("%s\t%s\t%s\t%s\t%s\n", f->name, f->card, f->finds, f->clause,
			       f->what);
		}
	}
	return 0;
}

static int serve(const char *dir, unsigned port, const struct fault *fault)
{
	struct faulty f = {.fault = fault,
			   .waiting = wbuf_grow(FAULT_ANSWER_MAX),
			   .whole = wbuf_grow(FAULT_ANSWER_MAX),
			   .memory = wbuf_grow(FAULT_MEMORY_MAX)};
	const struct card_options o = {.dir = dir};
	enum err e = card_open(&o, &f.card);

	if (e) {
		fprintf(stderr, "faulty-card: %s: %s\n", dir, err_text(e));
		return 1;
	}
	link_serve(&f, port);
	return 1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"list", no_argument, NULL, 'l'},
						{"dir", required_argument, NULL, 'd'},
						{"port", required_argument, NULL, 'p'},
						{"fault", required_argument, NULL, 'f'},
						{NULL, 0, NULL, 0}};
	const struct fault *fault = &none;
	const char *dir = NULL;
	unsigned port = 0;

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 'l': return list();
		case 'd': dir = optarg; break;
		case 'p': port = (unsigned)atoi(optarg); break;
		case 'f': fault = find_fault(optarg); break;
		default: return 2;
		}
	}
	if (!dir || !port || port > 65535 || !fault) {
		fprintf(stderr, "usage: faulty-card --list | --dir DIR --port PORT --fault NAME "
				"(of --list, or none)\n");
		return 2;
	}
	secret_heap_start(1u << 17);
	return serve(dir, port, fault);
}
