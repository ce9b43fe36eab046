/* what a server is to the system that runs it: its log in each form, journald's protocol, what it
 * tells the system's manager, and the figures */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/operator/http/id.h"
#include "host/operator/service/exposition.h"
#include "host/operator/service/figures.h"
#include "host/operator/service/log.h"
#include "host/operator/service/notify.h"
#include "tests/support/scratch.h"
#include "tests/unit/test.h"
#include "tool/sys/file.h"

static void read_all(const char *path, char *text, size_t cap)
{
	struct wbuf w = wbuf_init((uint8_t *)text, cap - 1);

	ASSERT_ERR(file_read(path, NULL, &w), ERR_OK);
	text[w.len] = 0;
}

static const struct log_field fields[] = {{"request", "a-1", 0},
					  {"path", "/x y\"\n\x1b", 0},
					  {"status", NULL, 404},
					  {"result", "", 0}};

static void test_forms(void)
{
	char dir[64], path[96], moved[96], text[2048];
	struct service_log_place place = {.program = "p", .level = LOG_LEVEL_INFO};
	struct service_log *l = NULL;
	struct stat st;

	scratch_make(NULL, "service", dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(moved, sizeof(moved), "%s/log.1", dir);
	place.to = path;
	ASSERT_ERR(service_log_open(&place, &l), ERR_OK);
	service_log_put(l, LOG_LEVEL_DEBUG, "too light", NULL, 0);
	service_log_put(l, LOG_LEVEL_ERROR, "two\nlines", fields, ARRAY_LEN(fields));
	read_all(path, text, sizeof(text));
	/* the time is 2026-11-30T16:48:24.730Z */
	CU_ASSERT_STRING_EQUAL(text + 24, " error   two?lines request=a-1 path=\"/x y\\\"??\" "
					  "status=404 result=\"\"\n");
	CU_ASSERT(stat(path, &st) == 0 && (st.st_mode & 0137) == 0);
	CU_ASSERT(rename(path, moved) == 0);
	service_log_put(l, LOG_LEVEL_INFO, "to the old one", NULL, 0);
	ASSERT_ERR(service_log_reopen(l), ERR_OK);
	service_log_put(l, LOG_LEVEL_INFO, "to the new one", NULL, 0);
	read_all(moved, text, sizeof(text));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "to the old one"));
	read_all(path, text, sizeof(text));
	CU_ASSERT_PTR_NULL(strstr(text, "to the old one"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "to the new one"));
	CU_ASSERT_EQUAL(service_log_lost(l), 0);
	service_log_close(&l);
	CU_ASSERT(unlink(path) == 0);
	place.form = LOG_FORM_JSON;
	ASSERT_ERR(service_log_open(&place, &l), ERR_OK);
	service_log_put(l, LOG_LEVEL_WARNING, "m", fields, 3);
	service_log_close(&l);
	read_all(path, text, sizeof(text));
	CU_ASSERT_PTR_NOT_NULL(strstr(text,
				      "\"level\":\"warning\",\"message\":\"m\",\"request\":"
				      "\"a-1\",\"path\":\"/x y\\\"\\n\\u001B\",\"status\":404}\n"));
	place.to = dir;
	CU_ASSERT(service_log_open(&place, &l) != ERR_OK);
	CU_ASSERT(mkfifo(moved, 0600) != 0 || true);
	unlink(moved);
	CU_ASSERT(mkfifo(moved, 0600) == 0);
	place.to = moved; /* nobody reads it: it is not waited for */
	ASSERT_ERR(service_log_open(&place, &l), ERR_NO_FILE);
	file_remove_tree(dir);
}

static int receiver(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	CU_ASSERT(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	return fd;
}

static void test_journal(void)
{
	static const char want[] =
		"MESSAGE\n\x09\0\0\0\0\0\0\0two\nlines\nPRIORITY=3\nSYSLOG_IDENTIFIER=p\n"
		"TWINKEY_REQUEST=a-1\n";
	char dir[64], path[96], got[2048];
	struct service_log_place place = {
		.to = "journal", .journal = path, .program = "p", .level = LOG_LEVEL_INFO};
	struct service_log *l = NULL;
	ssize_t n;
	int fd;

	scratch_make(NULL, "service", dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/journal", dir);
	ASSERT_ERR(service_log_open(&place, &l), ERR_NOT_FOUND);
	fd = receiver(path);
	ASSERT_ERR(service_log_open(&place, &l), ERR_OK);
	service_log_put(l, LOG_LEVEL_ERROR, "two\nlines", fields, 1);
	n = recv(fd, got, sizeof(got), 0);
	ASSERT_OCTETS(slice_make(got, n > 0 ? (size_t)n : 0), slice_make(want, sizeof(want) - 1),
		      "as journald reads it");
	/* journald is started anew; between its end and its beginning an entry is lost */
	close(fd);
	unlink(path);
	service_log_put(l, LOG_LEVEL_ERROR, "lost", NULL, 0);
	CU_ASSERT_EQUAL(service_log_lost(l), 1);
	fd = receiver(path);
	service_log_put(l, LOG_LEVEL_ERROR, "again", NULL, 0);
	n = recv(fd, got, sizeof(got), 0);
	CU_ASSERT(n > 13 && memcmp(got, "MESSAGE=again", 13) == 0);
	CU_ASSERT_EQUAL(service_log_lost(l), 1);
	close(fd);
	service_log_close(&l);
	file_remove_tree(dir);
}

static void test_notify(void)
{
	char dir[64], path[96], got[256];
	struct notify n;
	ssize_t len;
	int fd;

	scratch_make(NULL, "service", dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/notify", dir);
	fd = receiver(path);
	setenv("NOTIFY_SOCKET", path, 1);
	setenv("WATCHDOG_USEC", "30000000", 1);
	notify_open(&n);
	CU_ASSERT_PTR_NULL(getenv("NOTIFY_SOCKET"));
	CU_ASSERT_EQUAL(n.watchdog_ms, 30000);
	CU_ASSERT(notify_ready(&n, "well"));
	len = recv(fd, got, sizeof(got) - 1, 0);
	got[len > 0 ? len : 0] = 0;
	CU_ASSERT_STRING_EQUAL(got, "READY=1\nSTATUS=well");
	setenv("WATCHDOG_USEC", "30000000", 1);
	setenv("WATCHDOG_PID", "1", 1); /* another process's */
	notify_open(&n);
	CU_ASSERT_EQUAL(n.watchdog_ms, 0);
	CU_ASSERT(!notify_ready(&n, "nobody asks"));
	close(fd);
	file_remove_tree(dir);
}

static void test_ids(void)
{
	char id[HTTP_ID_CAP], longest[HTTP_ID_CAP + 1];

	memset(longest, 'a', sizeof(longest));
	longest[HTTP_ID_MAX] = 0;
	CU_ASSERT(http_id_is_good("A-z_0.9") && http_id_is_good(longest));
	longest[HTTP_ID_MAX] = 'a';
	longest[HTTP_ID_MAX + 1] = 0;
	CU_ASSERT(!http_id_is_good("") && !http_id_is_good("a b") && !http_id_is_good("a\"") &&
		  !http_id_is_good(longest) && !http_id_is_good("\xc3\xa4"));
	http_id_take("mine", id);
	CU_ASSERT_STRING_EQUAL(id, "mine");
	http_id_take("a b", id);
	CU_ASSERT_EQUAL(strlen(id), 24);
	http_id_take(NULL, longest);
	CU_ASSERT_STRING_NOT_EQUAL(id, longest);
}

static void test_figures(void)
{
	static struct figures f;
	struct wbuf w = wbuf_grow(1 << 16);
	const char *route = "/a";

	f.count = 0;
	figures_add(&f, route, 200, 0.00025); /* in the first bucket: the bound belongs to it */
	figures_add(&f, route, 200, 11);
	figures_add(&f, route, 404, 0.3);
	figures_add(&f, NULL, 404, 0.3);
	CU_ASSERT_EQUAL(figures_count(&f, "/a", 200, 299), 2);
	CU_ASSERT_EQUAL(figures_count(&f, "/a", 400, 599), 1);
	figures_put(&w, &f);
	exposition_put(&w, &(struct exposition_sample){"x", "", {{"l", "a\"b\\c\nd"}}}, 0.5);
	wbuf_u8(&w, 0);
	ASSERT_ERR(wbuf_done(&w), ERR_OK);
#define HAS(line) CU_ASSERT_PTR_NOT_NULL(strstr((const char *)w.ptr, line "\n"))
	HAS("twinkey_http_requests_total{route=\"/a\",status=\"200\"} 2");
	HAS("twinkey_http_requests_total{route=\"other\",status=\"404\"} 1");
	HAS("_bucket{route=\"/a\",le=\"0.00025\"} 1");
	HAS("_bucket{route=\"/a\",le=\"0.5\"} 2");
	HAS("_bucket{route=\"/a\",le=\"10\"} 2");
	HAS("_bucket{route=\"/a\",le=\"+Inf\"} 3");
	HAS("_count{route=\"/a\"} 3");
	HAS("x{l=\"a\\\"b\\\\c\\nd\"} 0.5");
#undef HAS
	wbuf_free(&w);
}

TEST_SUITE(service, {"a log's forms, and a file that is moved away", test_forms},
	   {"journald's protocol", test_journal}, {"what the manager is told", test_notify},
	   {"ids of requests", test_ids}, {"figures", test_figures})
