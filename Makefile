# SPDX-License-Identifier: GPL-2.0-or-later
#
# Targets: all bench check demo fuzz lint format install uninstall deb clean
# Options: SAN=address,undefined   checked build, in a directory of its own
#          WERROR=1                warnings are errors (CI)
#          BUILD=DIR               where objects and programs go
#          SECONDS=N               how long each fuzzer runs
#          V=1                     shows every command

ifndef V
MAKEFLAGS += --silent
endif

CC      ?= cc
PREFIX  ?= /usr
UNITDIR ?= $(PREFIX)/lib/systemd/system
CFLAGS  ?= -O2 -g
SECONDS ?= 60

comma := ,
BUILD ?= build$(if $(SAN),-$(subst $(comma),-,$(SAN)))

VERSION := 0.1.0

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wcast-qual -Wcast-align -Wpointer-arith -Wwrite-strings -Wundef -Wvla \
	-Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wswitch-enum -Wnull-dereference \
	-Wimplicit-fallthrough -Wdouble-promotion
hardening := -fPIE -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection=full -U_FORTIFY_SOURCE $(if $(SAN),,-D_FORTIFY_SOURCE=3)
# Sanitizers put more into a frame than we do.
warnings += $(if $(SAN),,-Wframe-larger-than=4096)
gcc_only := -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wrestrict \
	-Wcast-align=strict -Wformat-overflow=2 -Wjump-misses-init \
	-ftrivial-auto-var-init=zero

is_clang := $(findstring clang,$(CC))
base := -std=c17 -Isrc -MMD -MP -DVERSION='"$(VERSION)"' $(hardening) \
	$(warnings) $(if $(is_clang),,$(gcc_only)) $(if $(WERROR),-Werror) \
	$(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer \
	-fno-sanitize-recover=all)
link := $(CC) $(CFLAGS) $(LDFLAGS) -pie -Wl,-z,relro,-z,now,-z,noexecstack \
	$(if $(SAN),-fsanitize=$(SAN))

# Expanded when used: the packages may be installed by this very run.
libs = $(shell pkg-config --libs $(1))

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))
engine := $(BUILD)/libengine.a
policy := $(BUILD)/libpolicy.a
daemon := $(call objects,src/daemon)
tool   := $(call objects,src/tool)

tests := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
tests += $(patsubst tests/scenarios/%.c,$(BUILD)/tests/%,$(wildcard tests/scenarios/test_*.c))
tests += $(BUILD)/tests/test_model
support := $(BUILD)/tests/unit/libsupport.a
captures := $(BUILD)/tests/make_capture
system := $(patsubst tests/system/%.c,$(BUILD)/tests/%,$(wildcard tests/system/*.c))
versus := $(BUILD)/tests/versus
seeds := $(BUILD)/tests/scenario_seeds
fuzzers := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

all: $(BUILD)/statewalld $(BUILD)/statewall

$(BUILD)/statewalld: $(daemon) $(policy) $(engine)
	@echo '  LINK  $@'
	$(link) -o $@ $^ -pthread \
		$(call libs,libnetfilter_queue libmnl libconfig libsystemd libcap-ng \
		libseccomp jansson)

$(BUILD)/statewall: $(tool) $(policy) $(engine)
	@echo '  LINK  $@'
	$(link) -o $@ $^ $(call libs,libconfig libpcap jansson libcap-ng)

# A packet goes through many small functions of the engine; compiled as one it
# takes a third less.  Only gcc can make an ordinary object of that.
whole := $(if $(or $(SAN),$(is_clang)),,-flto=auto)
$(BUILD)/src/engine/%.o: base += $(whole)
$(BUILD)/src/engine/%.o: late = $(if $(whole),$(CFLAGS:-O2=-O3))
$(BUILD)/src/engine.o: $(call objects,src/engine)
	@echo '  JOIN  $@'
	$(link) -O3 -no-pie -fPIE -r $(whole) -flinker-output=nolto-rel -o $@ $^

$(engine): $(if $(whole),$(BUILD)/src/engine.o,$(call objects,src/engine))
$(policy): $(call objects,src/policy)
$(support): $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/unit/test_%.c,$(wildcard tests/unit/*.c)))
$(engine) $(policy) $(support):
	@echo '  AR    $@'
	@rm -f $@
	$(AR) rcs $@ $^

# The engine is plain ISO C; the policy reads files; the others see Linux.
$(BUILD)/src/policy/%.o: base += -D_XOPEN_SOURCE=700
$(BUILD)/src/daemon/%.o $(BUILD)/src/tool/%.o: base += -D_GNU_SOURCE
$(BUILD)/tests/%.o: base += -D_GNU_SOURCE -Itests

$(BUILD)/%.o: %.c
	@echo '  CC    $@'
	@mkdir -p $(@D)
	$(CC) $(base) $(CPPFLAGS) $(CFLAGS) $(late) -c -o $@ $<

# A unit test is linked with the engine and nothing else, unless its name says
# so: the link line proves the layer.
test_libs = check
$(BUILD)/tests/test_policy_%: test_libs += libconfig
$(BUILD)/tests/test_policy_%: $(BUILD)/tests/unit/test_policy_%.o $(support) $(policy) $(engine)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(link) -o $@ $^ $(call libs,$(test_libs)) -pthread

$(BUILD)/tests/test_daemon_%: test_libs += libnetfilter_queue libmnl libconfig libsystemd libcap-ng \
	libseccomp jansson
$(BUILD)/tests/test_daemon_%: $(BUILD)/tests/unit/test_daemon_%.o \
		$(filter-out %/main.o,$(daemon)) $(support) $(policy) $(engine)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(link) -o $@ $^ $(call libs,$(test_libs)) -pthread

$(BUILD)/tests/test_tool_%: test_libs += libconfig libpcap jansson libcap-ng
$(BUILD)/tests/test_tool_%: $(BUILD)/tests/unit/test_tool_%.o \
		$(filter-out %/main.o,$(tool)) $(support) $(policy) $(engine)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(link) -o $@ $^ $(call libs,$(test_libs)) -pthread

$(BUILD)/tests/test_%: $(BUILD)/tests/unit/test_%.o $(support) $(engine)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(link) -o $@ $^ $(call libs,$(test_libs)) -pthread

$(BUILD)/tests/test_scenarios: $(call objects,tests/scenarios) $(support) $(engine)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(link) -o $@ $^ $(call libs,$(test_libs)) -pthread

$(BUILD)/tests/test_model: $(call objects,tests/model) $(support) $(engine)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(link) -o $@ $^ $(call libs,$(test_libs)) -pthread

# Makes the captures that the tool is tested with.
$(captures): $(BUILD)/tests/%: $(BUILD)/tests/captures/%.o \
		$(BUILD)/tests/unit/build.o
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(link) -o $@ $^

$(BUILD)/tests/print_policy: $(BUILD)/tests/config/print.o $(policy) $(engine)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(link) -o $@ $^ $(call libs,libconfig)

# Programs of the system tests: traffic and its observation, no part of ours.
$(system): $(BUILD)/tests/%: $(BUILD)/tests/system/%.o \
		$(call objects,tests/system/lib) $(BUILD)/tests/unit/build.o \
		$(BUILD)/tests/unit/store.o
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(link) -o $@ $^ -pthread

# Our engine against nf_conntrack, and the seeds of fuzz_engine.
scenarios := $(BUILD)/tests/unit/build.o $(filter-out %/test_scenarios.o \
	%/play.o %/settings.o,$(call objects,tests/scenarios))
$(versus): $(call objects,tests/conntrack) $(scenarios) $(engine)
$(seeds): $(BUILD)/tests/fuzz/scenario_seeds.o \
		$(BUILD)/tests/conntrack/walk.o $(scenarios) $(engine)
$(versus) $(seeds):
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(link) -o $@ $^

# What the way through the firewall is measured with.
path := $(patsubst tests/bench/path/%.c,$(BUILD)/tests/%,$(wildcard tests/bench/path/*.c))
$(path): $(BUILD)/tests/%: $(BUILD)/tests/bench/path/%.o \
		$(call objects,tests/system/lib) $(BUILD)/tests/unit/build.o
	@echo '  LINK  $@'
	$(link) -o $@ $^ $(call libs,libnetfilter_queue libmnl)
# The benchmarks: the engine alone, and the same work given to others.
benches := $(patsubst %,$(BUILD)/tests/bench_%,rules networks engine)
bench_common := $(BUILD)/tests/bench/figures.o $(BUILD)/tests/bench/classbench.o
$(BUILD)/tests/bench_rules: $(BUILD)/tests/bench/rules_print.o
$(BUILD)/tests/bench_engine: $(BUILD)/tests/bench/segments.o \
		$(BUILD)/tests/bench/site.o $(BUILD)/tests/bench/memory.o
$(BUILD)/tests/bench_%: $(BUILD)/tests/bench/%.o $(bench_common) $(policy) $(engine)
	@echo '  LINK  $@'
	$(link) -o $@ $^ $(call libs,jansson libconfig) -pthread

bench: packages
	@tests/packages bench
	@$(MAKE) --no-print-directory all $(benches) $(path) $(system)
	@BUILD='$(BUILD)' tests/bench/run

packages:
	@tests/packages build

check: packages
	@$(MAKE) --no-print-directory test-programs
	@BUILD='$(BUILD)' SAN='$(SAN)' CC='$(CC)' tests/run

test-programs: all $(tests) $(captures) $(system) $(versus) \
		$(BUILD)/tests/print_policy

# The engine, and the policy, may call only what their lists allow.
check-layers: $(engine) $(policy)
	@LD='$(LD)' BUILD='$(BUILD)' tests/layers

demo: packages
	@$(MAKE) --no-print-directory --question all $(system) || echo building
	@$(MAKE) --no-print-directory --silent all $(system)
	@BUILD='$(BUILD)' tests/system/demo

fuzz:
	@$(MAKE) --no-print-directory BUILD=build-fuzz CC=clang fuzz-run

fuzz-run: $(fuzzers:%=$(BUILD)/%) $(seeds)
	@BUILD='$(BUILD)' SECONDS='$(SECONDS)' tests/fuzz/run $(fuzzers)

fuzz_flags := -O1 -g -std=c17 -Isrc -Itests -D_GNU_SOURCE -DVERSION='"fuzz"' \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
$(BUILD)/fuzz_%: tests/fuzz/fuzz_%.c tests/unit/build.c \
		$(wildcard src/*/*.[ch] tests/fuzz/*/*.[ch])
	@mkdir -p $(@D)
	clang $(fuzz_flags) -o $@ $< $(wildcard tests/fuzz/$*/*.c) \
		tests/unit/build.c $(wildcard src/engine/*.c) \
		$(wildcard src/policy/*.c) $(fuzz_more) $(call libs,libconfig)
# The requests of the control sockets go through the daemon.
$(BUILD)/fuzz_control: fuzz_more = $(filter-out %/main.c,$(wildcard src/daemon/*.c)) \
	-pthread $(call libs,jansson libmnl libnetfilter_queue libsystemd libcap-ng)

lint:
	@tests/lint

format:
	clang-format -i $(wildcard src/*/*.[ch] tests/*/*.[ch])

install: all
	install -D -m 0755 $(BUILD)/statewalld $(DESTDIR)$(PREFIX)/sbin/statewalld
	install -D -m 0755 $(BUILD)/statewall $(DESTDIR)$(PREFIX)/bin/statewall
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man8 \
		src/tool/statewall.8 src/tool/statewall-redirect.8 \
		src/daemon/statewalld.8
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man5 \
		conf/statewall.conf.5 conf/statewall-tests.5
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man7 \
		conf/statewall-recipes.7 src/engine/statewall-reasons.7 src/policy/statewall-errors.7 \
		src/policy/statewall-filter.7
	install -D -m 0644 -t $(DESTDIR)$(UNITDIR) \
		$(wildcard systemd/*.service)
	install -D -m 0644 systemd/statewall.sysusers \
		$(DESTDIR)$(PREFIX)/lib/sysusers.d/statewall.conf
	install -D -m 0644 systemd/statewall.modules-load \
		$(DESTDIR)$(PREFIX)/lib/modules-load.d/statewall.conf
	install -D -m 0644 conf/completion/statewall.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/statewall
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/statewall/examples \
		conf/examples/gateway.conf
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/statewall/examples/tests.d \
		conf/examples/tests.d/gateway.conf
	cp -r conf/examples/server conf/examples/guests \
		$(DESTDIR)$(PREFIX)/share/statewall/examples
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/statewall/monitoring \
		conf/monitoring/statewall.rules.yml conf/monitoring/grafana.json
	test -e $(DESTDIR)/etc/statewall/statewall.conf || install -D -m 0640 \
		conf/statewall.conf $(DESTDIR)/etc/statewall/statewall.conf

# The configuration is the administrator's and stays.  Rescue rules without the
# program that removes them would be a trap, so they go first, or all stays.
uninstall:
	test -n '$(DESTDIR)' || ! test -x $(PREFIX)/bin/statewall || \
		! command -v iptables-save >/dev/null || \
		$(PREFIX)/bin/statewall redirect remove --yes
	rm -f $(DESTDIR)$(PREFIX)/sbin/statewalld $(DESTDIR)$(PREFIX)/bin/statewall
	rm -f $(DESTDIR)$(PREFIX)/share/man/man8/statewall.8
	rm -f $(DESTDIR)$(PREFIX)/share/man/man8/statewall-redirect.8
	rm -f $(DESTDIR)$(PREFIX)/share/man/man8/statewalld.8
	rm -f $(DESTDIR)$(PREFIX)/share/man/man5/statewall.conf.5
	rm -f $(DESTDIR)$(PREFIX)/share/man/man5/statewall-tests.5
	rm -f $(DESTDIR)$(PREFIX)/share/man/man7/statewall-reasons.7
	rm -f $(DESTDIR)$(PREFIX)/share/man/man7/statewall-errors.7
	rm -f $(DESTDIR)$(PREFIX)/share/man/man7/statewall-filter.7
	rm -f $(DESTDIR)$(PREFIX)/share/man/man7/statewall-recipes.7
	rm -f $(patsubst systemd/%,$(DESTDIR)$(UNITDIR)/%,$(wildcard systemd/*.service))
	rm -f $(DESTDIR)$(PREFIX)/lib/sysusers.d/statewall.conf
	rm -f $(DESTDIR)$(PREFIX)/lib/modules-load.d/statewall.conf
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/statewall
	rm -rf $(DESTDIR)$(PREFIX)/share/statewall

# A Debian package, in $(BUILD)/deb.
deb:
	@tests/packages deb
	@BUILD='$(BUILD)' systemd/debian/build $(VERSION)

clean:
	rm -rf build build-*

.PHONY: all bench packages check test-programs check-layers demo fuzz fuzz-run lint \
	format install uninstall deb clean
.SECONDARY:
-include $(shell find $(BUILD) -type f -name '*.d' 2>/dev/null)
