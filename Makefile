# Twinkey. `make help` lists the targets.
PROFILE ?= release
B       := build/$(PROFILE)
CC      ?= gcc
PREFIX  ?= /usr/local
V       ?= 0
comma   := ,
Q       := $(if $(filter 1,$(V)),,@)
say      = $(if $(filter 1,$(V)),,@printf '  %-6s %s\n' $(1) $(2))
SHARED  ?= ../shared
export TWINKEY_SHARED ?= $(SHARED)

WARN := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wwrite-strings \
	-Wmissing-prototypes -Wstrict-prototypes -Wvla -Wformat=2 -Wundef $(if $(CI),-Werror)
BASE := -std=c17 -D_GNU_SOURCE -I. -fno-strict-aliasing $(WARN)
# those of the flags that the compiler has for this machine
cc_has = $(foreach f,$(1),$(shell echo 'int x;' | $(CC) -Werror $(f) -S -x c -o - - >/dev/null 2>&1 && echo $(f)))
HARDEN := $(if $(filter release,$(PROFILE)),$(call cc_has,-fcf-protection -fstack-clash-protection \
	-ftrivial-auto-var-init=zero))
# where the tree stands is in no object, nor is the order of the flags
PLACELESS := -ffile-prefix-map=$(CURDIR)=. -gno-record-gcc-switches
# compiled once, for the programs and for libtwinkey.so
CFLAGS_release := -O2 -g $(PLACELESS) -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIC -fvisibility=hidden \
	-ffunction-sections -fdata-sections -fno-plt $(HARDEN)
LDFLAGS_release := -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack
CFLAGS_asan := -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
LDFLAGS_asan := -fsanitize=address,undefined
CFLAGS_tsan := -O1 -g -fsanitize=thread
LDFLAGS_tsan := -fsanitize=thread
CFLAGS_cov := -O0 -g --coverage
LDFLAGS_cov := --coverage
CFLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDFLAGS_fuzz := -fsanitize=address,undefined
# what the environment has comes last: it has the last word
CFLAGS  := $(BASE) $(CFLAGS_$(PROFILE)) $(CFLAGS)
LDFLAGS := $(LDFLAGS_$(PROFILE)) $(LDFLAGS)

# Each module.mk names its sources, archives, programs, libraries and tests.
PROGRAMS :=
LIBRARIES :=
# what other programs load, beside ours
MODULES  :=
# text that is made out of our tables
GENERATED :=
CHECKS   :=
.DEFAULT_GOAL := all
pkg = $(shell pkg-config $(1) $(2) 2>/dev/null)

include tool/module.mk lib/module.mk card-emu/module.mk host/module.mk include/module.mk tests/module.mk docs/module.mk \
	udev/module.mk packaging/module.mk

.PHONY: FORCE all help test test-long test-usb demo lab lint asan fuzz cov bench fmt compdb install clean check-tools programs

all: check-tools ## Build the programs and the library (default)
	$(Q)$(MAKE) --no-print-directory programs

programs: $(PROGRAMS) $(if $(filter release,$(PROFILE)),$(LIBRARIES) $(MODULES) $(GENERATED))
	@:

check-tools:
	$(Q)scripts/bootstrap --quiet

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: all ## Show the main job: two keys, two factors, one virtual eUICC
	$(Q)scripts/demo

lab: all ## Show the operator as a network: limited access, the second factor, full access
	$(Q)scripts/lab

test: test-tools ## Run what CI runs: units, random orders, end to end
	$(Q)scripts/test
test-long: test-tools ## The same at length: also corpora and units under sanitizers, units without data, threads, clang, completions, recipes as root
	$(Q)TWINKEY_LONG=yes scripts/test

test-usb: test-tools all ## Boot a guest with a USB reader: kernel, udev, libccid, pcscd, the main job
	$(Q)tests/guest/run

fmt: ## Format the sources
	$(Q)git ls-files '*.c' '*.h' | xargs clang-format -i

lint: ## Check format, include rules, headers, static analysis, scripts
	$(Q)scripts/lint

compdb: ## Write compile_commands.json
	$(Q)$(MAKE) --no-print-directory -B -n V=1 programs | scripts/compdb > compile_commands.json

clean: ## Remove what was built
	rm -rf build compile_commands.json

# What was compiled with other flags is compiled again. Warnings, one flag twice and the tree's place make no other object.
WARNINGS := $(filter-out -Wa$(comma)% -Wp$(comma)%,$(filter -W%,$(CPPFLAGS) $(CFLAGS)))
COUNT    := $(sort $(filter-out $(WARNINGS) -ffile-prefix-map=%,$(CPPFLAGS) $(CFLAGS)))
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(COUNT)' | cmp -s - $@ || echo '$(CC) $(COUNT)' >$@
FORCE:

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS-$(firstword $(subst /, ,$<))) -MMD -MP -c -o $@ $<

$(B)/%.a:
	@mkdir -p $(@D)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

define link
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(1)
endef

define module
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(filter-out -pie,$(LDFLAGS)) -shared -Wl,-Bsymbolic -o $@ $(filter %.o,$^)
endef

-include $(shell find $(B) -name '*.d' 2>/dev/null)
