/* replay: gives every file of the named folders, and mutations of each, to one fuzz target. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"

#define INPUT_MAX (1 << 20)
#define CUTS	  64
#define FLIPS	  64

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

static void run_mutations(uint8_t *data, size_t size)
{
	uint32_t r = 12345;

	for (size_t cut = 0; cut < size && cut < CUTS; cut++)
		run(data, cut);
	for (int i = 0; size && i < FLIPS; i++) {
		size_t at;

		r = r * 1103515245u + 12345u;
		at = (r >> 8) % size;
		data[at] ^= (uint8_t)(1u << (r & 7));
		run(data, size);
		data[at] ^= (uint8_t)(1u << (r & 7));
	}
}

static size_t run_folder(const char *path)
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
		run(data, n);
		run_mutations(data, n);
		count++;
	}
	if (dir)
		closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	size_t count = 0;

	for (int i = 1; i < argc; i++)
		count += run_folder(argv[i]);
	printf("%s: %zu inputs and their mutations\n", argv[0], count);
	return count ? 0 : 1;
}
