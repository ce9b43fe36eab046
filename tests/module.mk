# tests: every tests/unit/ROOM/test_*.c holds one CUnit suite; tests/unit/main.c runs them all
UNIT_SRC := $(wildcard tests/unit/*.c tests/unit/*/*.c)
# support: what unit tests, fuzz targets, property tests and benchmarks share
SUPPORT := $(patsubst %.c,$(B)/%.o,$(wildcard tests/support/*.c))
UNIT := $(B)/tests/unit-tests
TEST_LIBS := $(API_LIB) $(OPERATOR_LIB) $(HOST_LIB) $(CARD_LIB) $(TOOL_LIB) $(SYS_LIB) $(LIB)
TEST_LDLIBS := $(OPERATOR_LDLIBS) $(HOST_LDLIBS) $(TOOL_LDLIBS) $(LIB_LDLIBS)
CFLAGS-tests := $(CFLAGS-host)
UNIT_WRAP := $(patsubst %,-Wl$(comma)--wrap=%,write pwrite ftruncate fsync fdatasync rename renameat \
	x963_kdf_sha256 malloc calloc realloc CRYPTO_secure_zalloc)
$(UNIT): $(UNIT_SRC:%.c=$(B)/%.o) $(B)/tests/pn532/chip.o $(B)/card-emu/pcscd/build.o \
		$(B)/card-emu/pcscd/confine.o $(SUPPORT) $(TEST_LIBS)
	$(call link,$(TEST_LDLIBS) $(call pkg,--libs,cunit libseccomp) $(UNIT_WRAP))

.PHONY: unit
unit: $(UNIT) ## Run the unit tests only
	$(Q)$(UNIT)

# fuzz: tests/fuzz/fuzz_NAME.c with its corpus tests/fuzz/corpus/NAME. `make test` replays the corpora under
# the sanitizers; `make fuzz` runs libFuzzer on each for FUZZ_SECONDS.
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 60
# What a target puts its own in the place of.
FUZZ_WRAP_es9p := -Wl,--wrap=http_client_call
REPLAYS := $(FUZZ_NAMES:%=$(B)/tests/replay-%)
$(REPLAYS): $(B)/tests/replay-%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(SUPPORT) $(TEST_LIBS)
	$(call link,$(TEST_LDLIBS) $(FUZZ_WRAP_$*))
FUZZERS := $(FUZZ_NAMES:%=$(B)/tests/fuzz-%)
$(FUZZERS): $(B)/tests/fuzz-%: $(B)/tests/fuzz/fuzz_%.o $(SUPPORT) $(TEST_LIBS)
	$(call link,$(TEST_LDLIBS) $(FUZZ_WRAP_$*) -fsanitize=fuzzer)

# property: tests/property/NAME.c is a program of its own that tries random orders; `make run-NAME`.
# What such programs share lies in a folder under it.
PROPERTY_NAMES := $(patsubst tests/property/%.c,%,$(wildcard tests/property/*.c))
PROPERTIES := $(PROPERTY_NAMES:%=$(B)/tests/%)
PROPERTY_HELP := $(patsubst %.c,$(B)/%.o,$(wildcard tests/property/*/*.c))
# an archive: each program takes what it uses
$(B)/tests/libproperty.a: $(PROPERTY_HELP)
$(PROPERTIES): $(B)/tests/%: $(B)/tests/property/%.o $(B)/tests/libproperty.a $(SUPPORT) $(TEST_LIBS)
	$(call link,$(TEST_LDLIBS))
.PHONY: $(PROPERTY_NAMES:%=run-%)
$(PROPERTY_NAMES:%=run-%): run-%: $(B)/tests/%
	$(Q)TWINKEY_BIN=$(B) $<
# those that let the operator's processes run
run-packet-chaos run-kill-chaos: $(B)/twinkey-operator

.PHONY: soak soak-programs
soak-programs: $(PROPERTIES) $(B)/twinkey-operator
	@:
soak: test-tools ## Run the property tests at length (scripts/soak)
	$(Q)$(MAKE) --no-print-directory soak-programs
	$(Q)scripts/soak

# leak-search looks for an operator's secrets in files and processes; tests/e2e/secrecy.sh runs it.
$(B)/tests/leak-search: $(B)/tests/tool/leak_search.o $(B)/tests/unit/support/leak.o $(TEST_LIBS)
	$(call link,$(TEST_LDLIBS))

# bench: tests/bench/bench_NAME.c is a program that prints ratios against a yardstick of the same run;
# scripts/bench runs them, those that need a reader inside a private one.
BENCH_NAMES := $(patsubst tests/bench/bench_%.c,%,$(wildcard tests/bench/bench_*.c))
BENCHES := $(BENCH_NAMES:%=$(B)/tests/bench-%)
$(BENCHES): $(B)/tests/bench-%: $(B)/tests/bench/bench_%.o $(SUPPORT) $(TEST_LIBS)
	$(call link,$(TEST_LDLIBS))
$(B)/tests/echo-card: $(B)/tests/bench/echo_card.o
	$(call link,)
# repeat-trace makes a recorded trace as long as one likes
$(B)/tests/repeat-trace: $(B)/tests/bench/repeat_trace.o $(LIB)
	$(call link,$(LIB_LDLIBS))
# fake-card answers by rules, late or not at all; end-to-end tests put it into a reader.
$(B)/tests/fake-card: $(B)/tests/tool/fake_card.o
	$(call link,)
# faulty-card is the card with one seeded fault; tests/e2e/test-card.sh puts it into a reader.
FAULTY := $(patsubst %.c,$(B)/%.o,$(wildcard tests/tool/faulty/*.c))
$(B)/tests/faulty-card: $(FAULTY) $(B)/tests/support/must.o $(CARD_LIB) $(SYS_LIB) $(LIB)
	$(call link,$(LIB_LDLIBS))
# hold-card is another program that has a card; refuse-pcsc a PC/SC service that lets nobody in.
$(B)/tests/hold-card: $(B)/tests/tool/hold_card.o
	$(call link,$(call pkg,--libs,libpcsclite))
$(B)/tests/refuse-pcsc: $(B)/tests/tool/refuse_pcsc.o
	$(call link,)
# api-threads: many cards in many threads, by the public interface
$(B)/tests/api-threads: $(B)/tests/tool/api_threads.o $(B)/tests/support/must.o $(B)/tests/support/scratch.o $(API_LIBS)
	$(call link,$(LIB_LDLIBS))
.PHONY: threads
threads: $(B)/tests/api-threads
	$(Q)$<
# trace-events prints what lib/trace/read makes of a trace; tests/e2e/four-traces.sh compares what several producers say.
$(B)/tests/trace-events: $(B)/tests/tool/trace_events.o $(SUPPORT) $(TEST_LIBS)
	$(call link,$(TEST_LDLIBS))
# odd-words has a table with what shells trip over; tests/e2e/completion.sh completes its command lines.
$(B)/tests/odd-words: $(B)/tests/tool/odd_words.o $(TOOL_LIB) $(SYS_LIB) $(LIB)
	$(call link,$(TOOL_LDLIBS) $(LIB_LDLIBS))
.PHONY: bench bench-programs
bench-programs: $(PROGRAMS) $(BENCHES) $(B)/tests/echo-card $(B)/tests/repeat-trace
	@:
bench: test-tools ## Measure, side by side with the yardsticks, and print ratios
	$(Q)$(MAKE) --no-print-directory bench-programs
	$(Q)scripts/bench

.PHONY: replay fuzz-run test-tools test-programs
# the programs that end-to-end tests put beside ours
TEST_TOOLS := leak-search echo-card repeat-trace fake-card faulty-card hold-card refuse-pcsc trace-events odd-words nfc-pair nfc-reader \
	pn532-sim usbip-stick nfc-soak ifd-twinkey.so odd-token.so
test-programs: $(UNIT) $(REPLAYS) $(PROPERTIES) $(BENCHES) $(TEST_TOOLS:%=$(B)/tests/%)
# What scripts/test runs: without and with sanitizers.
.PHONY: parts sanitized replays
parts: $(PROGRAMS) $(UNIT) $(PROPERTIES) $(B)/tests/leak-search
sanitized: $(UNIT) $(REPLAYS)
replays: $(REPLAYS)
replay: $(REPLAYS)
	$(Q)for n in $(FUZZ_NAMES); do $(B)/tests/replay-$$n tests/fuzz/corpus/$$n || exit 1; done
# Less memory in quarantine and shorter stacks: three times the runs, the same findings.
FUZZ_ENV := ASAN_OPTIONS=quarantine_size_mb=8:malloc_context_size=6
fuzz-run: $(FUZZERS)
	$(Q)for n in $(FUZZ_NAMES); do mkdir -p build/corpus/$$n; \
		$(FUZZ_ENV) $(B)/tests/fuzz-$$n -max_total_time=$(FUZZ_SECONDS) -max_len=16384 -timeout=10 \
		-rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=build/corpus/$$n- \
		build/corpus/$$n tests/fuzz/corpus/$$n || exit 1; done
fuzz: test-tools ## Fuzz each parser for FUZZ_SECONDS (default 60)
	$(Q)$(MAKE) --no-print-directory CC=clang PROFILE=fuzz fuzz-run

test-tools:
	$(Q)scripts/bootstrap --test --quiet
asan: test-tools ## Run unit tests and fuzz corpora under ASan and UBSan
	$(Q)$(MAKE) --no-print-directory PROFILE=asan unit replay
cov: test-tools ## Line coverage of the unit tests (gcov)
	$(Q)$(MAKE) --no-print-directory PROFILE=cov unit
	$(Q)scripts/coverage build/cov
# nfc-pair: two simulated PN532 with air between them; nfc-reader: a plain reader by libnfc. tests/e2e/nfc-target.sh
$(B)/tests/nfc-pair: $(B)/tests/tool/nfc_pair.o $(B)/tests/pn532/lines.o
	$(call link,)
$(B)/tests/nfc-reader: $(B)/tests/tool/nfc_reader.o
	$(call link,$(NFC_LDLIBS))
# pn532-sim: a simulated PN532 on a pseudo-terminal, a reader for libnfc; nfc-soak: many APDUs over one way.
# tests/e2e/nfc.sh
$(B)/tests/pn532-sim: $(B)/tests/pn532/pty.o $(B)/tests/pn532/behind.o $(B)/tests/pn532/chip.o $(B)/tests/pn532/lines.o
	$(call link,)
# usbip-stick: the same chip in a USB stick, for the guest's kernel: tests/guest
$(B)/tests/usbip-stick: $(B)/tests/pn532/usbip_stick.o $(B)/tests/pn532/behind.o $(B)/tests/pn532/chip.o $(B)/tests/pn532/lines.o
	$(call link,)
$(B)/tests/nfc-soak: $(B)/tests/tool/nfc_soak.o $(TEST_LIBS)
	$(call link,$(TEST_LDLIBS))
# ifd-twinkey.so: a reader's driver that pcscd loads, with extended APDUs, keys for a PIN and faults on demand; its
# words are in tests/ifd/reader.h. tests/e2e/protocols.sh
IFD_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/ifd/*.c))
$(IFD_OBJ): CFLAGS += -fPIC -fvisibility=default
$(B)/tests/ifd-twinkey.so: $(IFD_OBJ)
	$(call module)
# odd-token.so: a PKCS#11 module that is SoftHSM2 with a fault on demand. tests/e2e/key-sources.sh
$(B)/tests/tool/odd_token.o: CFLAGS += -fPIC -fvisibility=default
$(B)/tests/odd-token.so: $(B)/tests/tool/odd_token.o
	$(call module)
