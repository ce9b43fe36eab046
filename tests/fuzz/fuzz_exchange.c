/*
 * Any text as a file of subscribers: what is taken without a fault goes to the store's form, and is
 * written as CSV that is read as the same.
 */
#include <string.h>

#include "host/operator/exchange/complete.h"
#include "host/operator/exchange/convert.h"
#include "host/operator/exchange/formats.h"
#include "host/operator/exchange/record.h"
#include "host/operator/store/store.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at_notes(const struct exchange_list *l)
{
	char text[EXCHANGE_NOTE_CAP];
	size_t faults = 0;

	for (size_t i = 0; i < l->note_count; i++) {
		exchange_note_text(l, &l->notes[i], text);
		MUST(*text);
		faults += l->notes[i].is_fault;
	}
	MUST(faults <= l->faults && (faults == l->faults || l->note_count == EXCHANGE_NOTES_MAX));
}

static void store_all(const struct exchange_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		struct subscriber sub;
		struct subscriber_keys keys = {0};

		MUST(exchange_to_store(&l->records[i], &sub, &keys) == ERR_OK);
		MUST(profile_digits(sub.imsi[0], 6, IMSI_MAX));
		MUST(profile_digits(sub.imsi[1], 6, IMSI_MAX));
		subscriber_keys_free(&keys);
	}
}

static void write_and_read(struct exchange_list *l)
{
	const struct exchange_wish wish = {.with_keys = true};
	const struct exchange_format *csv = exchange_format_named("csv");
	struct wbuf file = wbuf_grow(1 << 22), again = wbuf_grow(1 << 22);
	struct exchange_list second = {.place = "line"};
	struct exchange_made made;
	struct exchange_input in = {.path = "-"};

	MUST(csv->write(l, &wish, &file) == ERR_OK);
	in.text = wbuf_slice(&file);
	MUST(exchange_format_of(&in) == csv);
	MUST(csv->read(&in, &second) == ERR_OK);
	MUST(exchange_complete(&second, &(struct exchange_plan){.second = NULL}, &made) == ERR_OK);
	MUST(second.faults == 0 && second.count == l->count);
	MUST(csv->write(&second, &wish, &again) == ERR_OK);
	MUST(slice_equal(wbuf_slice(&again), wbuf_slice(&file)));
	wbuf_free(&file);
	wbuf_free(&again);
	exchange_list_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct exchange_input in = {.path = "-", .text = slice_make(data, size)};

	for (size_t i = 0; i < exchange_format_count(); i++) {
		const struct exchange_format *f = exchange_format_at(i);
		struct exchange_list l = {.place = f->place};
		struct exchange_made made;

		if (!f->is_text)
			continue;
		(void)f->is_it(&in);
		MUST(f->read(&in, &l) == ERR_OK);
		MUST(exchange_complete(&l, &(struct exchange_plan){.second = NULL}, &made) ==
		     ERR_OK);
		look_at_notes(&l);
		if (!l.faults) {
			store_all(&l);
			write_and_read(&l);
		}
		exchange_list_free(&l);
	}
	return 0;
}
