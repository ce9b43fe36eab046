#include "host/operator/service/exposition.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define NUMBER_MAX 40

static const double bounds[HISTOGRAM_BUCKETS] = {0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
						 0.025,	  0.1,	  0.5,	 2.5,	 10};

static void put_str(struct wbuf *w, const char *text)
{
	wbuf_put(w, slice_str(text));
}

/* Numbers have a decimal point in every locale. */
static void put_figure(struct wbuf *w, double v)
{
	char text[NUMBER_MAX];
	char *comma;

	if (v == floor(v) && fabs(v) < 1e15)
		snprintf(text, sizeof(text), "%.0f", v);
	else
		snprintf(text, sizeof(text), "%.9g", v);
	comma = strchr(text, ',');
	if (comma)
		*comma = '.';
	put_str(w, text);
}

void exposition_family(struct wbuf *w, const char *name, enum exposition_kind kind,
		       const char *help)
{
	static const char *const kinds[] = {"counter", "gauge", "histogram"};

	put_str(w, "# HELP ");
	put_str(w, name);
	put_str(w, " ");
	put_str(w, help);
	put_str(w, "\n# TYPE ");
	put_str(w, name);
	put_str(w, " ");
	put_str(w, kinds[kind]);
	put_str(w, "\n");
}

static void put_one_label(struct wbuf *w, const struct exposition_label *l)
{
	put_str(w, l->name);
	put_str(w, "=\"");
	for (const char *c = l->value; *c; c++) {
		if (*c == '\n')
			put_str(w, "\\n");
		else if (*c == '"' || *c == '\\')
			wbuf_u8(w, '\\');
		if (*c != '\n')
			wbuf_u8(w, (uint8_t)*c);
	}
	put_str(w, "\"");
}

void exposition_put(struct wbuf *w, const struct exposition_sample *s, double value)
{
	const char *before = "{";

	put_str(w, s->name);
	put_str(w, s->suffix);
	for (size_t i = 0; i < EXPOSITION_LABELS && s->labels[i].name; i++) {
		put_str(w, before);
		put_one_label(w, &s->labels[i]);
		before = ",";
	}
	put_str(w, *before == ',' ? "} " : " ");
	put_figure(w, value);
	put_str(w, "\n");
}

void exposition_one(struct wbuf *w, const char *name, enum exposition_kind kind, const char *help,
		    double value)
{
	exposition_family(w, name, kind, help);
	exposition_put(w, &(struct exposition_sample){.name = name, .suffix = ""}, value);
}

void histogram_add(struct histogram *h, double seconds)
{
	size_t i = 0;

	while (i < HISTOGRAM_BUCKETS && seconds > bounds[i])
		i++;
	h->counts[i]++;
	h->sum += seconds;
}

void histogram_put(struct wbuf *w, const char *name, const struct exposition_label *label,
		   const struct histogram *h)
{
	struct exposition_sample s = {.name = name, .suffix = "_bucket"};
	size_t le = 0;
	uint64_t n = 0;
	char bound[NUMBER_MAX];

	if (label)
		s.labels[le++] = *label;
	for (size_t i = 0; i <= HISTOGRAM_BUCKETS; i++) {
		struct wbuf text = wbuf_init((uint8_t *)bound, sizeof(bound) - 1);

		n += h->counts[i];
		if (i < HISTOGRAM_BUCKETS)
			put_figure(&text, bounds[i]);
		else
			put_str(&text, "+Inf");
		bound[text.len] = 0;
		s.labels[le] = (struct exposition_label){"le", bound};
		exposition_put(w, &s, (double)n);
	}
	s.labels[le] = (struct exposition_label){NULL, NULL};
	s.suffix = "_sum";
	exposition_put(w, &s, h->sum);
	s.suffix = "_count";
	exposition_put(w, &s, (double)n);
}

static double open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	double n = -1; /* that of the folder */

	if (!dir)
		return 0;
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* Pages: of all, and those that are in memory. */
static void memory_pages(double *all, double *resident)
{
	FILE *f = fopen("/proc/self/statm", "re");

	*all = *resident = 0;
	if (f && fscanf(f, "%lf %lf", all, resident) != 2)
		*all = *resident = 0;
	if (f)
		fclose(f);
}

static double seconds_of(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

void exposition_process(struct wbuf *w, double started)
{
	double page = (double)sysconf(_SC_PAGESIZE), all, resident;
	struct rusage use = {0};
	struct rlimit files = {0};

	getrusage(RUSAGE_SELF, &use);
	getrlimit(RLIMIT_NOFILE, &files);
	memory_pages(&all, &resident);
	exposition_one(w, "process_cpu_seconds_total", EXPOSITION_COUNTER,
		       "Total user and system CPU time spent in seconds.",
		       seconds_of(&use.ru_utime) + seconds_of(&use.ru_stime));
	exposition_one(w, "process_open_fds", EXPOSITION_GAUGE, "Number of open file descriptors.",
		       open_descriptors());
	exposition_one(w, "process_max_fds", EXPOSITION_GAUGE,
		       "Maximum number of open file descriptors.", (double)files.rlim_cur);
	exposition_one(w, "process_virtual_memory_bytes", EXPOSITION_GAUGE,
		       "Virtual memory size in bytes.", all * page);
	exposition_one(w, "process_resident_memory_bytes", EXPOSITION_GAUGE,
		       "Resident memory size in bytes.", resident * page);
	exposition_one(w, "process_start_time_seconds", EXPOSITION_GAUGE,
		       "Start time of the process since unix epoch in seconds.", started);
}
