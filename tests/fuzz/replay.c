/*
 * replay: gives every file of the named folders, and mutations of each, to one fuzz target. The
 * mutations of all files together are MUTATIONS at most, so that a large corpus costs no more.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/bytes.h"

#define INPUT_MAX (1 << 20)
#define MUTATIONS 1500
#define EACH_MAX  128 /* mutations of one file: half of them cuts, half changed bits */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An exact-size copy, so that the sanitizer sees a read behind the end. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void run_mutations(uint8_t *data, size_t size, size_t share)
{
	size_t cuts = share / 2 < size ? share / 2 : size;
	uint32_t r = 12345;

	for (size_t i = 0; i < cuts; i++)
		run(data, i * size / cuts);
	for (size_t i = 0; size && i < share / 2; i++) {
		size_t at;

		r = r * 1103515245u + 12345u;
		at = (r >> 8) % size;
		data[at] ^= (uint8_t)(1u << (r & 7));
		run(data, size);
		data[at] ^= (uint8_t)(1u << (r & 7));
	}
}

/* Counts the files; share not 0: and runs them, with so many mutations each. */
static size_t each_file(const char *path, size_t share)
{
	static uint8_t data[INPUT_MAX];
	DIR *dir = opendir(path);
	struct dirent *entry;
	size_t count = 0;

	while (dir && (entry = readdir(dir))) {
		char name[1024];
		FILE *f;
		size_t n;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		f = fopen(name, "rb");
		if (!f)
			continue;
		n = fread(data, 1, sizeof(data), f);
		fclose(f);
		if (share) {
			run(data, n);
			run_mutations(data, n, share);
		}
		count++;
	}
	if (dir)
		closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	size_t count = 0, share;

	for (int i = 1; i < argc; i++)
		count += each_file(argv[i], 0);
	share = count ? MUTATIONS / count : 0;
	share = share > EACH_MAX ? EACH_MAX : share < 2 ? 2 : share;
	for (int i = 1; i < argc; i++)
		each_file(argv[i], share);
	printf("%s: %zu inputs, %zu mutations each\n", argv[0], count, share);
	return count ? 0 : 1;
}
